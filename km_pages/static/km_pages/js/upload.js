// Uploads files as soon as they are chosen or dropped: progress, cancel, try again.
// Without this script the form sends them in one go.

const AT_ONCE = 3;

const form = document.querySelector("form[data-upload]");
const input = form && form.querySelector("input[type=file]");
const list = form && form.querySelector("[data-files]");

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

const startUploads = () => {
  const words = form.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const drop = form.querySelector(".km-drop");
  const status = form.querySelector("[data-status]");
  const queue = [];
  let running = 0;

  form.querySelectorAll(".km-no-script").forEach((each) => each.remove());

  const say = (text) => { status.textContent = text; };

  const remove = (item) => {
    item.remove();
    // Who works with the keyboard would lose their place with the button that went.
    input.focus();
  };

  const row = (file) => {
    const item = make("li", "km-file");
    const kind = make("span", "km-file__kind", file.name.split(".").pop().slice(0, 4).toLowerCase());
    kind.setAttribute("aria-hidden", "true");
    const body = make("div", "");
    const facts = make("p", "km-file__facts");
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const state = make("span", "km-file__state", words.textWaits);
    facts.append(bar, state);
    body.append(make("p", "km-file__name", file.name), facts);
    item.append(kind, body);
    list.append(item);
    return { item, facts, bar, state, file, gone: false };
  };

  const fail = (parts, message) => {
    parts.state.textContent = message;
    parts.item.classList.add("km-file--bad");
    parts.facts.replaceChildren(
      parts.state,
      button(words.textRetry, parts.file.name, () => { remove(parts.item); offer(parts.file); }),
      button(words.textRemove, parts.file.name, () => remove(parts.item)),
    );
    say(`${parts.file.name}: ${message}`);
  };

  const keep = (parts, answer) => {
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "kept";
    kept.value = answer.id;
    parts.item.append(kept);
    parts.state.textContent = words.textDone;
    parts.facts.replaceChildren(
      parts.state,
      button(words.textRemove, parts.file.name, () => remove(parts.item)),
    );
    say(`${parts.file.name}: ${words.textDone}`);
  };

  const finished = (parts, request) => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
    if (request.status === 201) keep(parts, answer);
    else fail(parts, answer.error || words.textFailed);
  };

  const send = (parts) => {
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append("file", parts.file);
    parts.cancel = () => request.abort();
    parts.state.textContent = "";
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      parts.bar.value = Math.round((100 * event.loaded) / event.total);
      parts.state.textContent = `${parts.bar.value} %`;
    });
    request.addEventListener("error", () => fail(parts, words.textFailed));
    request.addEventListener("load", () => finished(parts, request));
    request.addEventListener("loadend", () => { running -= 1; next(); });
    request.open("POST", words.upload);
    request.setRequestHeader("X-CSRFToken", token);
    running += 1;
    request.send(data);
  };

  const next = () => {
    while (running < AT_ONCE && queue.length) {
      const parts = queue.shift();
      if (!parts.gone) send(parts);
    }
  };

  const offer = (file) => {
    const parts = row(file);
    if (file.size > Number(words.maxBytes)) { fail(parts, words.textLarge); return; }
    parts.facts.append(button(words.textCancel, file.name, () => {
      parts.gone = true;
      if (parts.cancel) parts.cancel();
      remove(parts.item);
    }));
    queue.push(parts);
    next();
  };

  const take = (files) => {
    const room = Math.max(Number(words.maxFiles) - list.children.length, 0);
    [...files].slice(0, room).forEach(offer);
    [...files].slice(room).forEach((file) => fail(row(file), words.textMany));
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
    if (!running && !queue.length) return;
    event.preventDefault();
    status.classList.remove("km-hidden");
    say(words.textBusy);
    list.scrollIntoView();
  });
};

if (form && input && list) startUploads();
