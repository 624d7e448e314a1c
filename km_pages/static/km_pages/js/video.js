/* Films on other sites: nothing is fetched from there before somebody presses the button. */

/** Put the player where the button was, and the keyboard into it. */
function play(stage, button) {
  const frame = document.createElement("iframe");
  frame.className = "km-video__frame";
  frame.title = stage.dataset.kmTitle;
  frame.allow = "fullscreen; picture-in-picture";
  frame.allowFullscreen = true;
  // Some players refuse to play for a site that does not say who it is; the page stays untold.
  frame.referrerPolicy = "strict-origin";
  frame.src = stage.dataset.kmVideo;
  button.replaceWith(frame);
  frame.focus();
}

for (const stage of document.querySelectorAll("[data-km-video]")) {
  const button = stage.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => play(stage, button), { once: true });
}
