// Uploads files as soon as they are chosen or dropped: progress, cancel, try again.
// Without this script the form sends them in one go.

const form = document.querySelector("form[data-upload]");
const input = form && form.querySelector("input[type=file]");
const list = form && form.querySelector("[data-files]");

if (form && input && list) {
  const words = form.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const drop = form.querySelector(".km-drop");
  let running = 0;

  form.querySelectorAll(".km-no-script").forEach((each) => each.remove());

  const make = (name, className, text) => {
    const element = document.createElement(name);
    element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const button = (text, name, act) => {
    const made = make("button", "km-link-button", text);
    made.type = "button";
    made.append(make("span", "km-hidden", ` ${name}`));
    made.addEventListener("click", act);
    return made;
  };

  const row = (file) => {
    const item = make("li", "km-file");
    const kind = make("span", "km-file__kind", file.name.split(".").pop().slice(0, 4));
    kind.setAttribute("aria-hidden", "true");
    const body = make("div", "");
    const facts = make("p", "km-file__facts");
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const state = make("span", "km-file__state");
    facts.append(bar, state);
    body.append(make("p", "km-file__name", file.name), facts);
    item.append(kind, body);
    list.append(item);
    return { item, facts, bar, state };
  };

  const fail = (parts, file, message) => {
    parts.bar.remove();
    parts.state.textContent = message;
    parts.item.classList.add("km-file--bad");
    parts.facts.replaceChildren(
      parts.state,
      button(words.textRetry, file.name, () => { parts.item.remove(); send(file); }),
      button(words.textRemove, file.name, () => parts.item.remove()),
    );
  };

  const keep = (parts, file, answer) => {
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "kept";
    kept.value = answer.id;
    parts.item.append(kept);
    parts.state.textContent = words.textDone;
    parts.facts.replaceChildren(parts.state, button(words.textRemove, file.name, () => parts.item.remove()));
  };

  const send = (file) => {
    const parts = row(file);
    if (file.size > Number(words.maxBytes)) { fail(parts, file, words.textLarge); return; }
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append("file", file);
    parts.facts.append(button(words.textCancel, file.name, () => { request.abort(); parts.item.remove(); }));
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) parts.bar.value = Math.round((100 * event.loaded) / event.total);
    });
    request.addEventListener("loadend", () => { running -= 1; });
    request.addEventListener("error", () => fail(parts, file, words.textFailed));
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      if (request.status === 201) keep(parts, file, answer);
      else fail(parts, file, answer.error || words.textFailed);
    });
    request.open("POST", words.upload);
    request.setRequestHeader("X-CSRFToken", token);
    running += 1;
    request.send(data);
  };

  const take = (files) => {
    const room = Number(words.maxFiles) - list.children.length;
    [...files].slice(0, Math.max(room, 0)).forEach(send);
  };

  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("km-drop--over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("km-drop--over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("km-drop--over");
    take(event.dataTransfer.files);
  });
  form.addEventListener("submit", (event) => {
    if (running > 0) { event.preventDefault(); list.scrollIntoView(); }
  });
}
