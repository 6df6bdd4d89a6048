// Welcome: what is there before anything is: one place to drop, three doors, a sample; and the card of the last opened series.

import { call } from "../api.js";
import { button, fill, h, icon } from "../dom.js";
import { ago, date, person, say } from "../texts.js";
import { modality } from "./list.js";

const DOORS = [
  ["import", "import"],
  ["other", "file"],
  ["visit", "disc"],
];

export function welcomeView({ shelf }) {
  return h(
    "div",
    { class: "welcome" },
    h("h1", {}, say("welcome.title")),
    h("p", { class: "welcome-text" }, say("welcome.text")),
    h(
      "button",
      { type: "button", class: "drop-zone", on: { click: () => shelf.through("import") } },
      icon("mark"),
      h("strong", {}, say("welcome.drop")),
      h("span", { class: "soft" }, say("welcome.drop.hint")),
    ),
    h(
      "div",
      { class: "verbs" },
      DOORS.map(([door, symbol]) =>
        h(
          "button",
          { type: "button", class: "verb", on: { click: () => shelf.through(door) } },
          icon(symbol),
          h("strong", {}, say(`door.${door}`)),
          h("span", { class: "soft" }, say(`door.${door}.about`)),
        ),
      ),
    ),
    h(
      "p",
      { class: "welcome-sample" },
      button({ words: say("welcome.sample"), symbol: "sample", kind: "link", on: shelf.sample }),
      h("span", { class: "soft" }, say("welcome.sample.hint")),
    ),
  );
}

/** What stands in the list's place when the archive cannot be opened. */
export function closedView({ shelf }, error) {
  return h(
    "div",
    { class: "welcome closed", role: "alert" },
    icon("alert"),
    h("h1", {}, say("closed.title")),
    h("p", { class: "welcome-text" }, error.sentence),
    error.hint && h("p", { class: "soft" }, error.hint),
    h("p", { class: "soft" }, say("closed.hint")),
    h(
      "div",
      { class: "verbs" },
      DOORS.slice(1).map(([door, symbol]) =>
        h(
          "button",
          { type: "button", class: "verb", on: { click: () => shelf.through(door) } },
          icon(symbol),
          h("strong", {}, say(`door.${door}`)),
          h("span", { class: "soft" }, say(`door.${door}.about`)),
        ),
      ),
    ),
  );
}

/** The series opened last, one Enter away. */
export function resumeView({ store, shelf }) {
  const element = h("div", { class: "resume-place" });
  let shown = "";
  store.watch(["recent", "visit", "query"], ({ recent, visit, query }) => {
    const last = !visit && !query ? recent[0] : null;
    if ((last?.series_key ?? "") + last?.at === shown) return;
    shown = (last?.series_key ?? "") + last?.at;
    fill(element, last && resumeCard(last, shelf));
  });
  return element;
}

function resumeCard({ series_key: key, series, study, at }, shelf) {
  const place = h("span", { class: "thumb" });
  call("thumbnails", { series: [key] })
    .then(
      ({ thumbnails }) =>
        thumbnails[key] && fill(place, h("img", { alt: "", src: `data:image/png;base64,${thumbnails[key]}` })),
    )
    .catch(() => {});
  return h(
    "button",
    { type: "button", class: "resume", on: { click: () => shelf.open(key, true) } },
    place,
    h(
      "span",
      { class: "resume-words" },
      h("span", { class: "soft" }, say("resume.title")),
      h(
        "strong",
        {},
        modality(series.modality),
        h("bdi", {}, series.description || study.description || say("study.none")),
      ),
      h(
        "span",
        { class: "soft" },
        h("bdi", {}, person(study.patient.name) || say("name.none")),
        ` · ${study.date ? date(study.date) : say("date.none")} · ${say("resume.when", { when: ago(at) })}`,
      ),
    ),
    h(
      "span",
      { class: "button main" },
      icon("resume"),
      h("span", {}, say("resume.open")),
      h("kbd", {}, say("key.enter")),
    ),
  );
}
