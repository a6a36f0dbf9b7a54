/* Type-ahead for search boxes, after the ARIA combobox pattern with a list.
 *
 * Progressive enhancement: an <input data-suggest="ADDRESS"> works as a plain field without this file. While an input
 * method composes (拼音 not yet turned into characters) nothing is asked and Enter belongs to the input method.
 * Texts for people come from data attributes, so that they are translated where the page is made. */

const WAIT_MS = 150; // a fast typist's gap between two keys; below it every letter would be a request
const LONGEST = 100; // a longer text is pasted, not typed, and has no completion

function enhance(input, index) {
  const list = document.createElement("ul");
  list.id = `suggestions-${index}`;
  list.className = "suggestions";
  list.role = "listbox";
  list.ariaLabel = input.dataset.suggestLabel ?? "";
  list.hidden = true;
  const said = document.createElement("div");
  said.className = "sr";
  said.setAttribute("aria-live", "polite");
  input.after(list, said);
  input.role = "combobox";
  input.autocomplete = "off";
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let composing = false;
  let timer = 0;
  let asked = null; // AbortController of the request under way
  let active = -1;

  function askNoMore() {
    clearTimeout(timer);
    asked?.abort();
    asked = null;
  }

  function close() {
    askNoMore();
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(texts) {
    close();
    if (!texts.length) {
      said.textContent = "";
      return;
    }
    list.append(
      ...texts.map((text, i) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${i}`;
        item.role = "option";
        item.ariaSelected = "false";
        item.textContent = text;
        return item;
      }),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    said.textContent = (input.dataset.suggestCount ?? "").replace("{n}", String(texts.length));
  }

  function move(step) {
    askNoMore(); // a late answer must not take away the list that somebody walks through
    const items = list.children;
    if (active >= 0) items[active].ariaSelected = "false";
    // -1 stands for the field itself, so that the arrows lead back to what was typed
    active = ((active + 1 + step + items.length + 1) % (items.length + 1)) - 1;
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    items[active].ariaSelected = "true";
    items[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[active].id);
  }

  function take(text) {
    input.value = text;
    close();
    if (input.dataset.suggestSubmit !== undefined) input.form?.requestSubmit();
  }

  async function ask() {
    const query = input.value.trim();
    if (!query || query.length > LONGEST) {
      close();
      return;
    }
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const address = new URL(input.dataset.suggest, location.href);
      address.searchParams.set("q", query);
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return; // too many requests, or search is down: the field goes on as a plain field
      const { suggestions } = await answer.json();
      if (asked === mine && document.activeElement === input) show([...new Set(suggestions.map((s) => s.text))]);
    } catch {
      /* aborted or offline: typing goes on */
    }
  }

  function later() {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(ask, WAIT_MS);
  }

  input.addEventListener("compositionstart", () => {
    composing = true;
    close();
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    later();
  });
  input.addEventListener("input", later);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || composing || list.hidden) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) take(list.children[active].textContent);
    else return;
    event.preventDefault();
  });
  // mousedown, not click: the field must not lose its focus before the choice is made
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) take(item.textContent);
  });
}

document.querySelectorAll("input[data-suggest]").forEach(enhance);
