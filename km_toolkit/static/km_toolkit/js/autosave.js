/* Keep what is written while it is written. Without this script the buttons do the same. */

const WAIT = 1200;
const AGAIN = 10000;

function keep(form) {
  const field = form.querySelector("textarea[name=text]");
  const said = form.querySelector("[data-km-said]");
  let kept = field.defaultValue;
  let timer = 0;
  let busy = false;

  const say = (name) => {
    said.textContent = form.dataset[name] || "";
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  };

  function take(answer) {
    form.elements.version.value = answer.version;
    form.elements.was.value = answer.was;
  }

  // Signing in again in another tab gives the browser a new token against forged requests.
  async function renew() {
    const page = await fetch(form.action, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    const token = fresh.querySelector("form[data-km-autosave] [name=csrfmiddlewaretoken]");
    if (token) form.elements.csrfmiddlewaretoken.value = token.value;
    return Boolean(token);
  }

  function post(body) {
    const small = body.get("text").length < 15000;
    return fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
      credentials: "same-origin",
      keepalive: small,
    });
  }

  async function send(again = true) {
    if (busy || field.value === kept) return;
    busy = true;
    say("kmKeeping");
    const body = new FormData(form);
    const text = field.value;
    try {
      const response = await post(body);
      if (response.ok) {
        const answer = await response.json();
        kept = text;
        take(answer);
        say(answer.others ? "kmOther" : "kmKept");
      } else if (response.status === 403 && again && (await renew())) {
        busy = false;
        await send(false);
        return;
      } else if (response.status === 422) {
        said.textContent = (await response.json()).error;
      } else {
        say("kmSignedOut");
      }
    } catch {
      say("kmFailed");
      later(AGAIN);
    } finally {
      busy = false;
    }
    if (field.value !== text) later(WAIT);
  }

  field.addEventListener("input", () => later(WAIT));
  document.addEventListener("visibilitychange", () => send());
  window.addEventListener("pagehide", () => send());
  window.addEventListener("online", () => send());
  form.addEventListener("submit", () => clearTimeout(timer));
  // Over a slow line somebody writes before this script has come.
  if (field.value !== kept) later(WAIT);
}

document.querySelectorAll("form[data-km-autosave]").forEach(keep);
