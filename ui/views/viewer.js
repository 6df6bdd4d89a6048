// Viewer: the panel that mirrors the viewer window: what it shows in words, and its commands for hands on the keyboard.

import { button, fill, h, icon } from "../dom.js";
import { has, say } from "../texts.js";

const CHOICES = [
  ["view.layout", "layout"],
  ["volume.preset", "preset"],
];

export function viewerView({ store, shelf, dialogs }) {
  const element = h("section", { class: "viewer", "aria-label": say("panel.label") });
  const sentence = h("p", { class: "viewer-sentence", "aria-live": "polite" });
  const bar = h("progress", { max: "1", class: "thin", "aria-label": say("panel.label") });
  let drawn = "";
  store.watch(["viewer", "commands"], ({ viewer, commands }) => {
    const state = `${viewer.status} ${viewer.words}`;
    if (state !== drawn) {
      fill(element, VIEWS[viewer.status](viewer, { shelf, dialogs, commands, sentence, bar, store }));
      drawn = state;
    }
    fill(sentence, words(viewer));
    bar.hidden = !viewer.total || viewer.done >= viewer.total;
    if (viewer.total) bar.value = viewer.done / viewer.total;
    for (const select of element.querySelectorAll("select")) {
      const now = viewer.facts[select.dataset.fact];
      if (now && document.activeElement !== select) select.value = now;
    }
  });
  return element;
}

function words(viewer) {
  const loading =
    viewer.total && viewer.done < viewer.total ? say("panel.loading", { done: viewer.done, total: viewer.total }) : "";
  const damaged = viewer.damaged ? say("panel.damaged", { count: viewer.damaged }) : "";
  return [viewer.sentence, loading, damaged].filter(Boolean).join(" · ");
}

const nothing = () => [];
const title = (viewer, ...more) =>
  h(
    "div",
    { class: "viewer-head" },
    icon("window"),
    h("p", { class: "viewer-title" }, h("bdi", {}, viewer.words || say("panel.label"))),
    more,
  );

const VIEWS = {
  none: nothing,
  closed: nothing,
  opening: (viewer, { bar, sentence }) => [
    h(
      "div",
      { class: "viewer-head" },
      icon("window"),
      h("p", { class: "viewer-title" }, say("panel.opening", { words: viewer.words })),
    ),
    bar,
    sentence,
  ],
  shown: (viewer, it) => [
    title(viewer, button({ words: say("panel.show"), kind: "quiet small", on: () => it.shelf.command("window.show") })),
    it.bar,
    it.sentence,
    h(
      "div",
      { class: "viewer-controls" },
      CHOICES.map(([id, fact]) => choice(id, fact, it)),
      button({
        label: say("panel.more"),
        symbol: "command",
        kind: "bare",
        on: () => it.dialogs.palette(say("palette.viewer")),
      }),
    ),
  ],
  died: (viewer, { shelf }) => [
    h(
      "div",
      { class: "viewer-head bad" },
      icon("alert"),
      h(
        "div",
        { class: "job-words" },
        h("p", { class: "viewer-title" }, say("panel.died")),
        h("p", { class: "soft" }, say("panel.died.hint")),
      ),
      button({ words: say("panel.reopen"), kind: "main", on: shelf.reopen }),
    ),
  ],
  failed: (viewer) => [
    h(
      "div",
      { class: "viewer-head bad" },
      icon("alert"),
      h(
        "div",
        { class: "job-words" },
        h("p", { class: "viewer-title" }, viewer.error?.sentence || say("panel.failed")),
        h("p", { class: "soft" }, viewer.error?.hint),
      ),
    ),
  ],
};

/** A command of the viewer that takes one of several words, as a list to choose from. */
function choice(id, fact, { commands, shelf }) {
  const row = commands.find((each) => each.id === id);
  if (!row) return null;
  const select = h(
    "select",
    { "aria-label": say(`panel.${fact}`), dataset: { fact }, on: { change: () => shelf.command(id, select.value) } },
    row.choices.map((name) => h("option", { value: name }, choiceWords(id, name))),
  );
  return h("label", { class: "choice" }, h("span", { class: "soft" }, say(`panel.${fact}`)), select);
}

/** The words of a choice: `<last part of the command>.<choice>` of the catalogues, else the choice itself. */
export function choiceWords(id, name) {
  const known = [`${id.split(".").at(-1)}.${name}`, `choice.${id}.${name}`, `${id}.${name}`].find(has);
  return known ? say(known) : name;
}
