/* Counts which place of the results was opened: the place and the signed words, nothing else. */

const list = document.querySelector("ol[data-km-opened]");

function count(event) {
  const link = event.target.closest("a");
  const result = link && link.closest(".km-result");
  if (!result || !navigator.sendBeacon) {
    return;
  }
  const place = [...list.querySelectorAll(".km-result")].indexOf(result);
  const sent = new FormData();
  sent.append("token", list.dataset.kmToken);
  sent.append("rank", String(Number(list.dataset.kmFirst) + place));
  navigator.sendBeacon(list.dataset.kmOpened, sent);
}

if (list) {
  list.addEventListener("click", count);
  list.addEventListener("auxclick", count);
}
