/* Small conveniences; every page works without them. */

const WIDE = "(min-width: 61.875em)";

/** Open what stands beside the text on a wide screen, where the browser's own CSS cannot. */
function openWhereWide() {
  const wide = window.matchMedia(WIDE);
  const set = () => {
    for (const details of document.querySelectorAll("details.km-wide-open")) {
      details.open = wide.matches;
    }
  };
  wide.addEventListener("change", set);
  set();
}

/** Show the buttons that need script: print, and copy the text of an element. */
function showButtons() {
  for (const button of document.querySelectorAll("button[data-km-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  if (!navigator.clipboard) {
    return;
  }
  for (const button of document.querySelectorAll("button[data-km-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.kmCopy);
  await navigator.clipboard.writeText(source.innerText);
  button.setAttribute("aria-live", "polite");
  button.textContent = button.dataset.kmCopied;
}

/** Ask before a page is left on which something was typed that is stored nowhere. */
function askBeforeLosing() {
  for (const form of document.querySelectorAll("form[data-km-unsaved]")) {
    let unsaved = false;
    const ask = (event) => {
      if (unsaved) {
        event.preventDefault();
      }
    };
    form.addEventListener("input", () => {
      unsaved = true;
    });
    form.addEventListener("submit", () => {
      unsaved = false;
    });
    window.addEventListener("beforeunload", ask);
  }
}

openWhereWide();
showButtons();
askBeforeLosing();
