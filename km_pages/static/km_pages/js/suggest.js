/* Suggestions below a search box, as an ARIA combobox. Without script it is a plain search box. */

const WAIT = 120;
const SHORTEST = 2;

let number = 0;

class Suggestions {
  constructor(input) {
    this.input = input;
    this.address = input.dataset.kmSuggest;
    this.rows = [];
    this.active = -1;
    this.asked = "";
    this.timer = 0;
    this.request = null;
    number += 1;
    this.makeList();
    this.makeCombobox();
    this.listen();
  }

  makeList() {
    this.list = document.createElement("ul");
    this.list.id = `km-suggestions-${number}`;
    this.list.className = "km-suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.input.dataset.kmSuggestLabel);
    this.list.hidden = true;
    this.said = document.createElement("span");
    this.said.className = "km-hidden";
    this.said.setAttribute("role", "status");
    this.input.form.classList.add("km-suggests");
    this.input.form.append(this.list, this.said);
  }

  makeCombobox() {
    const facts = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      autocomplete: "off",
    };
    for (const [name, value] of Object.entries(facts)) {
      this.input.setAttribute(name, value);
    }
  }

  listen() {
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The box keeps the focus, so that a press with the mouse does not close the list first.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) {
        this.open(this.rows[Number(option.dataset.place)]);
      }
    });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const typed = this.input.value.trim();
    if (typed === this.asked) {
      return;
    }
    this.asked = typed;
    this.request?.abort();
    if (typed.length < SHORTEST) {
      this.close();
      return;
    }
    this.request = new AbortController();
    const { signal } = this.request;
    try {
      const address = `${this.address}?${new URLSearchParams({ q: typed })}`;
      const response = await fetch(address, { signal, headers: { Accept: "application/json" } });
      const answer = response.ok ? await response.json() : { suggestions: [], said: "" };
      if (!signal.aborted) {
        this.show(answer);
      }
    } catch {
      // Broken off by the next letter, or nobody answers: the search works without.
    }
  }

  show({ suggestions, said }) {
    this.rows = suggestions;
    this.list.replaceChildren(...suggestions.map((row, place) => this.option(row, place)));
    this.said.textContent = said;
    this.choose(-1);
    const shown = suggestions.length > 0 && document.activeElement === this.input;
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
  }

  option(row, place) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${place}`;
    option.className = "km-suggestions__option";
    option.dataset.place = place;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const text = document.createElement("span");
    text.className = "km-suggestions__text";
    text.textContent = row.text;
    const about = document.createElement("span");
    about.className = "km-suggestions__about";
    about.textContent = row.about;
    option.append(text, " ", about);
    return option;
  }

  get isOpen() {
    return !this.list.hidden;
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.choose(-1);
  }

  /** Mark one option, or with -1 none: then Enter searches for what was typed. */
  choose(place) {
    this.active = place;
    const options = this.list.children;
    for (let each = 0; each < options.length; each += 1) {
      options[each].setAttribute("aria-selected", String(each === place));
    }
    if (place < 0) {
      this.input.removeAttribute("aria-activedescendant");
    } else {
      this.input.setAttribute("aria-activedescendant", options[place].id);
      options[place].scrollIntoView({ block: "nearest" });
    }
  }

  move(step) {
    if (!this.isOpen) {
      if (this.rows.length && this.input.value.trim() === this.asked) {
        this.list.hidden = false;
        this.input.setAttribute("aria-expanded", "true");
      } else {
        return;
      }
    }
    const places = this.rows.length + 1;
    this.choose(((this.active + 1 + step + places) % places) - 1);
  }

  key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && this.isOpen) {
      // A second press empties the box, as browsers do.
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && this.isOpen && this.active >= 0) {
      event.preventDefault();
      this.open(this.rows[this.active]);
    }
  }

  open(row) {
    this.close();
    window.location.assign(row.url);
  }
}

for (const input of document.querySelectorAll("input[data-km-suggest]")) {
  new Suggestions(input);
}
