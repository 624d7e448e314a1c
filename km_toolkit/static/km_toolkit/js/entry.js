// Keeps what is being typed on the server, a moment after the last key. Without this script the
// form works as it is, and "Finish later" keeps it.

const form = document.querySelector("[data-km-draft]");
const said = form && form.querySelector("[data-km-said]");
const warning = form && form.querySelector("[data-km-look]");
const PAUSE = 1500;
const AGAIN = 10000;
let timer = 0;
let dirty = false;
let sending = null;
let leaving = false;
let wait = PAUSE;

const say = (words) => {
  if (said.textContent !== words) said.textContent = words;
};

const typed = () => {
  const data = new FormData(form);
  data.delete("files");
  return data;
};

// A redirect means: signed out.
const isSignedOut = (answer) => answer.type === "opaqueredirect" || answer.status === 401;

const renewToken = async () => {
  const answer = await fetch(form.dataset.kmToken, { redirect: "manual" });
  if (isSignedOut(answer)) throw new Error("signed out");
  form.elements.csrfmiddlewaretoken.value = (await answer.json()).token;
};

// Said while somebody types, so that they need not write it twice. Told once for the same signs.
const look = (signs) => {
  if (warning.dataset.kmLookSaid === signs.join()) return;
  warning.dataset.kmLookSaid = signs.join();
  warning.className = signs.length ? "km-note km-note--look" : "";
  warning.replaceChildren();
  if (!signs.length) return;
  const words = document.createElement("p");
  const list = document.createElement("ul");
  words.textContent = warning.dataset.kmLookWords;
  signs.forEach((sign) => {
    list.appendChild(document.createElement("li")).textContent = sign;
  });
  warning.append(words, list);
};

const follow = (answer) => {
  look(answer.look || []);
  form.elements.key.value = answer.key;
  form.elements.seen.value = answer.seen;
  say(answer.other || form.dataset.kmKept.replace("%s", answer.time));
};

const send = async (again) => {
  const answer = await fetch(form.dataset.kmDraft, {
    method: "POST",
    body: typed(),
    redirect: "manual",
    signal: sending.signal,
  });
  if (answer.status === 403 && !again) {
    // Signed in again in another tab: the old token is worth nothing any more.
    await renewToken();
    return send(true);
  }
  if (isSignedOut(answer)) {
    wait = AGAIN;
    dirty = true;
    return say(form.dataset.kmSignedOut);
  }
  const told = await answer.json();
  if (told.sent) return undefined;
  if (told.error) return say(told.error);
  return follow(told);
};

const keep = async () => {
  clearTimeout(timer);
  if (!dirty || leaving || sending) return;
  dirty = false;
  sending = new AbortController();
  wait = PAUSE;
  try {
    await send(false);
  } catch (problem) {
    if (!leaving) {
      dirty = true;
      wait = AGAIN;
      say(form.dataset.kmAway);
    }
  }
  sending = null;
  if (dirty && !leaving) timer = setTimeout(keep, wait);
};

const later = () => {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
};

// Whoever has been signed out meanwhile would lose what they send: it is asked first.
const submit = async (event) => {
  if (leaving) return;
  event.preventDefault();
  const button = event.submitter;
  clearTimeout(timer);
  try {
    await renewToken();
  } catch (problem) {
    dirty = true;
    say(problem.message === "signed out" ? form.dataset.kmSignedOut : form.dataset.kmAway);
    said.scrollIntoView({ block: "center" });
    timer = setTimeout(keep, AGAIN);
    return;
  }
  leaving = true;
  if (sending) sending.abort();
  form.requestSubmit(button);
};

const isChanged = (field) => {
  if (field.type === "file" || field.type === "hidden") return false;
  if (field.options) return [...field.options].some((each) => each.selected !== each.defaultSelected);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return "defaultValue" in field && field.value !== field.defaultValue;
};

if (form) {
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", submit);
  addEventListener("pageshow", () => { leaving = false; });
  // Over a slow line somebody types before this script has come.
  if ([...form.elements].some(isChanged)) later();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty && !leaving) {
      navigator.sendBeacon(form.dataset.kmDraft, typed());
    }
  });
}
