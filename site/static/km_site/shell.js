/* Starts nhsuk-frontend's components on a page, and the menu where CSS alone cannot. */

import { initAll } from "../wagtailnhsukfrontend/js/nhsuk-frontend-10.4.2.min.js";

const WIDE = "(min-width: 52em)";

function keepMenuOpenWhereWide() {
  const menu = document.querySelector("details.km-menu");
  if (!menu || CSS.supports("selector(::details-content)")) {
    return;
  }
  const wide = window.matchMedia(WIDE);
  const set = () => {
    menu.open = wide.matches;
  };
  wide.addEventListener("change", set);
  set();
}

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
keepMenuOpenWhereWide();
