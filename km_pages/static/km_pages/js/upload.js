// Uploads files as soon as they are chosen or dropped: progress, cancel, try again.
// Without this script the form sends them in one go.

const AT_ONCE = 3;
// Larger files go in parts, so that what has arrived need not be sent again.
const IN_PARTS_FROM = 8 * 1024 * 1024;
const PART = 4 * 1024 * 1024;
const PAUSES = [1000, 3000, 9000];

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
    const ending = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "";
    const kind = make("span", "km-file__kind", ending.toLowerCase());
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

  // What was refused for what it is would be refused again.
  const fail = (parts, message, mayHelp = true) => {
    parts.state.textContent = message;
    parts.item.classList.add("km-file--bad");
    const again = button(words.textRetry, parts.file.name, () => {
      remove(parts.item);
      offer(parts.file);
    });
    parts.facts.replaceChildren(
      parts.state,
      ...(mayHelp ? [again] : []),
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

  // 413 and 507: there may be room after another file is taken away.
  const isFinal = (status) => status === 415 || status === 422;

  const finished = (parts, request) => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
    if (request.status === 201) keep(parts, answer);
    else fail(parts, answer.error || words.textFailed, !isFinal(request.status));
  };

  const show = (parts, loaded, total) => {
    parts.bar.value = Math.round((100 * loaded) / total);
    parts.state.textContent = `${parts.bar.value} %`;
  };

  // One request; answers { status, answer }, with status 0 where the line broke.
  const ask = (parts, method, address, body, type, from) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    parts.cancel = () => request.abort();
    request.upload.addEventListener("progress", (event) => {
      if (type) show(parts, from + event.loaded, parts.file.size);
    });
    request.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      resolve({ status: request.status, answer, request });
    });
    request.open(method, address);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    if (type) request.setRequestHeader("Content-Type", type);
    request.send(body);
  });

  const pause = (length) => new Promise((resolve) => { setTimeout(resolve, length); });

  // Begins the upload, or finds the one that broke off, and sends part after part.
  const sendInParts = async (parts) => {
    running += 1;
    parts.state.textContent = "";
    let broken = 0;
    let place = null;
    while (!parts.gone) {
      let came;
      if (place === null) {
        const facts = new FormData();
        facts.append("name", parts.file.name);
        facts.append("size", parts.file.size);
        facts.append("mark", `${parts.file.lastModified}`);
        came = await ask(parts, "POST", words.parts, facts, "", 0);
      } else {
        const next = parts.file.slice(place.offset, place.offset + PART);
        const address = `${words.parts}${place.upload}/?offset=${place.offset}`;
        came = await ask(parts, "POST", address, next, "application/octet-stream", place.offset);
      }
      if (parts.gone) break;
      const { status, answer } = came;
      if (status === 201 && answer.id) { keep(parts, answer); break; }
      if (status === 200 || status === 201) {
        if (place === null && answer.offset) parts.state.textContent = words.textResumes;
        place = answer;
        broken = 0;
      } else if (status === 409) {
        place = { ...place, offset: answer.offset };
      } else if ((status === 0 || status >= 500) && status !== 507 && broken < PAUSES.length) {
        // What has arrived is there: ask how far it is, and go on.
        await pause(PAUSES[broken]);
        broken += 1;
        place = null;
      } else { fail(parts, answer.error || words.textFailed, !isFinal(status)); break; }
    }
    if (parts.gone && place) await ask(parts, "DELETE", `${words.parts}${place.upload}/`, null, "", 0);
    running -= 1;
    next();
  };

  const send = (parts) => {
    if (words.parts && parts.file.size > IN_PARTS_FROM) { sendInParts(parts); return; }
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append("file", parts.file);
    parts.cancel = () => request.abort();
    parts.state.textContent = "";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) show(parts, event.loaded, event.total);
    });
    request.addEventListener("error", () => fail(parts, words.textFailed));
    request.addEventListener("load", () => finished(parts, request));
    request.addEventListener("loadend", () => { running -= 1; next(); });
    request.open("POST", words.upload);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
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
    if (file.size > Number(words.maxBytes)) { fail(parts, words.textLarge, false); return; }
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

  const takeChosen = () => { take(input.files); input.value = ""; };

  input.addEventListener("change", takeChosen);
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
  // Over a slow line files are chosen before this script has come.
  if (input.files.length) takeChosen();
};

if (form && input && list) startUploads();
