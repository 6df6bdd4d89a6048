// Actions: the table of everything the page can do; the palette, the shortcut sheet and the keyboard read it.

import { mainSeries } from "./shelf.js";

/** @returns {{id: string, keys: string, does: () => void, when?: (state: any) => boolean}[]} */
export function makeActions({ store, shelf, dialogs, focus }) {
  const chosenSeries = () => store.get().series ?? mainSeries(store.get().chosen)?.key;
  return [
    { id: "search", keys: "Ctrl+F", does: focus.search },
    { id: "palette", keys: "Ctrl+K", does: dialogs.palette },
    { id: "import", keys: "Ctrl+O", does: () => shelf.through("import") },
    { id: "other", keys: "Ctrl+Shift+O", does: () => shelf.through("other") },
    { id: "visit", keys: "Ctrl+D", does: () => shelf.through("visit") },
    { id: "end-visit", keys: "", does: shelf.endVisit, when: (state) => state.visit },
    { id: "open", keys: "", does: () => shelf.open(chosenSeries()), when: (state) => state.chosen },
    {
      id: "resume",
      keys: "Ctrl+R",
      does: () => shelf.open(store.get().recent[0].series_key, true),
      when: (state) => state.recent.length && !state.visit,
    },
    { id: "tag", keys: "Ctrl+T", does: focus.tag, when: (state) => state.chosen },
    { id: "note", keys: "Ctrl+E", does: focus.note, when: (state) => state.chosen },
    {
      id: "forget",
      keys: "",
      does: () => shelf.forget("study", store.get().chosen.key),
      when: (state) => state.chosen && !state.visit,
    },
    { id: "undo", keys: "Ctrl+Z", does: shelf.undo },
    { id: "sample", keys: "", does: shelf.sample },
    { id: "theme", keys: "", does: dialogs.switchTheme },
    { id: "settings", keys: "Ctrl+,", does: dialogs.settings },
    { id: "shortcuts", keys: "F1", does: dialogs.shortcuts },
    { id: "about", keys: "", does: dialogs.about },
  ];
}

const keysOf = (event) =>
  [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.shiftKey ? "Shift" : "",
    event.altKey ? "Alt" : "",
    event.key.length === 1 ? event.key.toUpperCase() : event.key,
  ]
    .filter(Boolean)
    .join("+");

/** Carry out an action by its keys. What is typed into a field belongs to the field. */
export function listenToKeys(actions, store) {
  window.addEventListener("keydown", (event) => {
    const keys = keysOf(event) === "Shift+?" || keysOf(event) === "?" ? "F1" : keysOf(event);
    const typing = event.target.matches?.("input, textarea, select");
    const action = actions.find((each) => each.keys === keys);
    if (!action || (typing && (keys === "Ctrl+Z" || event.key === "?"))) return;
    event.preventDefault();
    if ((!action.when || action.when(store.get())) && !document.querySelector("dialog[open]")) action.does();
  });
}
