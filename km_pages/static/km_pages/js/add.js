// Says on the button what it does for what is chosen, and shows the field for people's addresses
// only where people are named. Without this script the form works as it is.

const share = document.querySelector("[data-share]");
const form = share && share.form;
const holder = form && form.querySelector("[name=holder]");
const people = form && form.querySelector("[name=people]");
const group = people && people.closest(".nhsuk-form-group");

const chosen = () => {
  const radio = form.querySelector("[name=visibility]:checked");
  return radio ? radio.value : "";
};

const label = () => {
  const whose = holder ? holder.value : "me";
  if (whose === "none") return share.dataset.stewards;
  if (whose && whose !== "me") {
    const name = holder.options[holder.selectedIndex].textContent.trim();
    return share.dataset.holder.replace("%s", () => name);
  }
  if (chosen() === "organisation" || chosen() === "open") return share.dataset.stewards;
  return chosen() === "named" ? share.dataset.named : share.dataset.team;
};

const update = () => {
  share.textContent = label();
  if (group) group.hidden = chosen() !== "named" && !people.value;
};

if (form) {
  form.addEventListener("change", update);
  update();
}
