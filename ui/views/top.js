// Top: the name, the one search box with its chips, the three doors; below it the banner of a visit.

import { button, fill, h, icon } from "../dom.js";
import { names, say } from "../texts.js";

const TYPING_MS = 90;

/** @returns the header's element and `focus` for the search box */
export function topView({ store, shelf, dialogs }) {
  const { element: box, focus } = searchView(store, shelf);
  const element = h(
    "header",
    { class: "top" },
    h("div", { class: "brand" }, icon("mark"), h("span", {}, say("app.name"))),
    box,
    h(
      "nav",
      { class: "doors", "aria-label": say("door.import") },
      button({
        words: say("door.import"),
        symbol: "import",
        kind: "main",
        keys: "Ctrl+O",
        on: () => shelf.through("import"),
      }),
      button({ words: say("door.other"), symbol: "file", keys: "Ctrl+Shift+O", on: () => shelf.through("other") }),
      button({ words: say("door.visit"), symbol: "disc", keys: "Ctrl+D", on: () => shelf.through("visit") }),
      h("span", { class: "doors-gap" }),
      button({ label: `${say("action.palette")} (Ctrl+K)`, symbol: "command", kind: "bare", on: dialogs.palette }),
      button({ label: `${say("action.settings")} (Ctrl+,)`, symbol: "gear", kind: "bare", on: dialogs.settings }),
    ),
  );
  return { element, focus };
}

function searchView(store, shelf) {
  const chips = h("div", { class: "chips" });
  const count = h("span", { class: "found", "aria-live": "polite" });
  const clear = button({ label: say("search.clear"), symbol: "close", kind: "bare small", on: () => put("") });
  const input = h("input", {
    type: "search",
    "aria-label": say("search.label"),
    placeholder: say("search.placeholder"),
    spellcheck: "false",
    autocomplete: "off",
    value: store.get().query,
    on: { input: () => later(), keydown: (event) => pressed(event) },
  });
  let clock = 0;
  const later = () => {
    clearTimeout(clock);
    clock = setTimeout(() => shelf.search(input.value), TYPING_MS);
  };
  const put = (text) => {
    input.value = text;
    input.focus();
    clearTimeout(clock);
    shelf.search(text);
  };
  const pressed = (event) => {
    if (event.key === "Escape" && input.value) put("");
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      document.querySelector(".list-body")?.focus();
    }
  };
  const without = (word) =>
    put(
      input.value
        .split(/\s+/)
        .filter((each) => each && each !== word)
        .join(" "),
    );
  store.watch(["words", "total", "query"], (state) => {
    const words = state.query.trim() ? state.query.trim().split(/\s+/) : [];
    fill(
      chips,
      words.length > 1 || words.some((word) => /^-|:/.test(word))
        ? words.map((word) => chip(word, () => without(word)))
        : [],
    );
    fill(count, state.query ? say("search.found", { count: state.total }) : "");
    clear.hidden = !state.query;
  });
  const element = h(
    "div",
    { class: "search", role: "search" },
    h("label", { class: "search-box" }, icon("search"), input, count, clear, h("kbd", {}, "Ctrl F")),
    chips,
  );
  return {
    element,
    focus: () => {
      input.focus();
      input.select();
    },
  };
}

/** One word of the search; a word with a colon names a field, one with a minus leaves out. */
function chip(word, away) {
  const kind = word.startsWith("-") ? "without" : word.includes(":") ? "field" : "plain";
  return h(
    "span",
    { class: `chip ${kind}` },
    word,
    button({ label: say("search.remove", { word }), symbol: "close", kind: "bare tiny", on: away }),
  );
}

/** While a visit lasts: what is looked at, and that nothing of it is kept. */
export function bannerView({ store, shelf }) {
  const element = h("div", { class: "banner-place", role: "status" });
  store.watch(["visit"], ({ visit }) => {
    fill(
      element,
      visit &&
        h(
          "div",
          { class: "banner" },
          icon("disc"),
          h("p", {}, say("visit.banner", { names: names(visit.names) })),
          button({ words: say("visit.keep"), symbol: "import", on: shelf.keepVisit }),
          button({ words: say("visit.end"), kind: "main", on: shelf.endVisit }),
        ),
    );
  });
  return element;
}
