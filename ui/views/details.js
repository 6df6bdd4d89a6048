// Details: the chosen study: whose it is, what is known of it, its tags and note, and its series as cards.

import { call } from "../api.js";
import { button, fill, h, icon } from "../dom.js";
import { age, date, person, say, size } from "../texts.js";
import { modality } from "./list.js";

const FACTS = [
  ["study.institution", (study) => study.institution],
  ["study.referring", (study) => person(study.referring_physician)],
  ["study.performing", (study) => person(study.performing_physician)],
  ["study.operators", (study) => person(study.operators)],
  ["study.accession", (study) => study.accession],
  ["study.id", (study) => study.study_id],
  ["study.size", (study) => `${say("images", { count: study.instances })}, ${size(study.bytes)}`],
];

export function detailsView({ store, shelf }) {
  const element = h("aside", { class: "details", "aria-label": say("details.label") });
  let shown = null;
  store.watch(["chosen", "visit"], ({ chosen, visit }) => {
    if (chosen && shown && chosen.key === shown.study.key && chosen.series.length === shown.study.series.length)
      shown.update(chosen);
    else fill(element, chosen ? (shown = studyView(chosen, shelf, store, !visit)).element : ((shown = null), nobody()));
  });
  return {
    element,
    tag: () => element.querySelector(".tag-add")?.focus(),
    note: () => element.querySelector(".note")?.focus(),
  };
}

const nobody = () =>
  h(
    "div",
    { class: "empty" },
    icon("mark"),
    h("p", { class: "empty-title" }, say("details.none")),
    h("p", { class: "soft" }, say("details.none.hint")),
  );

function studyView(study, shelf, store, isKept) {
  const tags = h("div", { class: "tags" });
  const note = h("textarea", {
    class: "note",
    rows: "2",
    placeholder: say("note.placeholder"),
    "aria-label": say("note.label"),
    value: study.note,
    on: { change: () => shelf.note(study.key, note.value) },
  });
  const drawTags = (now) =>
    fill(
      tags,
      now.tags.map((tag) => tagView(tag, () => shelf.tag(study.key, [], [tag]))),
      tagAdder((word) => shelf.tag(study.key, [word], [])),
    );
  drawTags(study);
  const view = {
    study,
    element: h(
      "div",
      { class: "study-view" },
      patientView(study),
      h(
        "div",
        { class: "study-words" },
        h("h2", {}, h("bdi", {}, study.description || say("study.none"))),
        h(
          "p",
          { class: "soft" },
          [study.date ? date(study.date) : say("date.none"), study.time.slice(0, 5)].filter(Boolean).join(" · "),
        ),
      ),
      study.state !== "present" &&
        h("p", { class: `state ${study.state}` }, icon("alert"), say(`files.${study.state}`)),
      h(
        "dl",
        { class: "facts" },
        FACTS.filter(([, of]) => of(study)).map(([id, of]) =>
          h("div", {}, h("dt", {}, say(id)), h("dd", {}, h("bdi", {}, of(study)))),
        ),
      ),
      isKept && h("div", { class: "own" }, tags, note),
      h("h3", { class: "series-title" }, say("series.count", { count: study.series.length })),
      seriesList(study, shelf, store, isKept),
      isKept &&
        h(
          "div",
          { class: "study-end" },
          button({
            words: say("forget.study"),
            symbol: "forget",
            kind: "quiet",
            on: () => shelf.forget("study", study.key),
          }),
        ),
    ),
    update(now) {
      view.study = now;
      drawTags(now);
      if (document.activeElement !== note) note.value = now.note;
    },
  };
  return view;
}

function patientView({ patient, date: at }) {
  const years = age(patient.birth_date, at);
  const facts = [
    patient.patient_id && `${say("patient.id")} ${patient.patient_id}`,
    patient.birth_date && `${say("patient.born")} ${date(patient.birth_date)}`,
    years !== null && say("patient.age", { count: years }),
    ["M", "F", "O"].includes(patient.sex) && say(`patient.sex.${patient.sex}`),
  ].filter(Boolean);
  const others = patient.names
    .filter((name) => name !== patient.name)
    .map(person)
    .filter(Boolean);
  return h(
    "div",
    { class: "patient-view" },
    h("p", { class: "patient-name" }, h("bdi", {}, person(patient.name) || say("name.none"))),
    facts.length > 0 &&
      h(
        "p",
        { class: "soft facts-line" },
        facts.map((fact) => h("bdi", {}, fact)),
      ),
    others.length > 0 && h("p", { class: "soft" }, say("patient.names"), " ", h("bdi", {}, others.join(" · "))),
  );
}

const tagView = (tag, away) =>
  h(
    "span",
    { class: "tag" },
    h("bdi", {}, tag),
    button({ label: say("tags.remove", { tag }), symbol: "close", kind: "bare tiny", on: away }),
  );

function tagAdder(keep) {
  const input = h("input", {
    class: "tag-add",
    "aria-label": say("tags.add"),
    placeholder: `+ ${say("tags.add")}`,
    maxlength: "60",
    on: {
      keydown: (event) => {
        if (event.key === "Enter" && input.value.trim()) keep(input.value.trim());
        if (event.key === "Escape") {
          input.value = "";
          input.blur();
        }
      },
    },
  });
  return input;
}

function seriesList(study, shelf, store, isKept) {
  const list = h(
    "ul",
    { class: "series", "aria-label": say("series.label") },
    study.series.map((series) => seriesCard(series, shelf, store, isKept)),
  );
  list.addEventListener("keydown", (event) => move(event, list));
  picture(list, study.series);
  return list;
}

/** Arrow keys go from card to card; the left one goes back to the list. */
function move(event, list) {
  const cards = [...list.querySelectorAll(".series-card")];
  const at = cards.indexOf(event.target);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cards.length - 1 }[event.key];
  if (at < 0) return;
  if (event.key === "ArrowLeft") document.querySelector(".list-body")?.focus();
  else if (next === undefined) return;
  else cards[Math.min(Math.max(next, 0), cards.length - 1)].focus();
  event.preventDefault();
}

function seriesCard(series, shelf, store, isKept) {
  const title = series.description || series.protocol || say("series.none", { number: series.number ?? "–" });
  const facts = [
    series.frames > series.instances
      ? say("frames", { count: series.frames })
      : say("images", { count: series.instances }),
    series.columns && `${series.columns} × ${series.rows}`,
    [series.manufacturer, series.model].filter(Boolean).join(" "),
  ];
  const open = () => shelf.open(series.key);
  const pressed = (event) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter") open();
    if (event.key === "Delete" && isKept) shelf.forget("series", series.key);
  };
  return h(
    "li",
    {
      class: "series-card",
      tabindex: "0",
      "aria-label": title,
      dataset: { series: series.key },
      on: { dblclick: open, keydown: pressed, focus: () => store.set({ series: series.key }) },
    },
    h("div", { class: "thumb", "aria-hidden": "true" }, h("span", { class: "soft" }, series.modality)),
    h(
      "div",
      { class: "series-words" },
      h("p", { class: "series-name" }, modality(series.modality), h("bdi", {}, title)),
      h(
        "p",
        { class: "soft facts-line" },
        facts.filter(Boolean).map((fact) => h("bdi", {}, fact)),
      ),
      series.about && h("p", { class: "about" }, series.about),
      series.verdict &&
        h(
          "p",
          { class: `verdict ${series.verdict.code}` },
          h("span", { class: "dot" }),
          h("span", {}, series.verdict.sentence),
        ),
      series.stacks > 1 && stacksView(series, shelf),
      series.state !== "present" &&
        h("p", { class: `state ${series.state}` }, icon("alert"), say(`files.${series.state}`)),
    ),
    h(
      "div",
      { class: "series-does" },
      button({
        words: say("series.open"),
        label: say("series.open.named", { name: title }),
        kind: "open",
        tabindex: "-1",
        on: open,
      }),
      isKept &&
        button({
          label: say("forget.series"),
          symbol: "forget",
          kind: "bare small",
          tabindex: "-1",
          on: () => shelf.forget("series", series.key),
        }),
    ),
  );
}

/** A series may hold several stacks (echoes, phase, a localizer): each can be opened by itself. */
function stacksView(series, shelf) {
  const list = h("ul", { class: "stacks-list" });
  const fetch = async () => {
    const info = await shelf.attempt(() => call("info", { series: series.key }));
    fill(list, info?.stacks.map((stack) => h("li", {}, stackButton(stack, series, shelf))));
  };
  return h(
    "details",
    { class: "stacks", on: { toggle: () => list.children.length || fetch() } },
    h("summary", {}, say("series.stacks", { count: series.stacks })),
    list,
  );
}

function stackButton({ stack, title, shape, times, kind }, series, shelf) {
  const [slices, rows, columns] = shape;
  const facts = [
    say("stack.slices", { count: slices }),
    `${columns} × ${rows}`,
    times > 1 && say("stack.times", { count: times }),
  ];
  return h(
    "button",
    {
      type: "button",
      class: "stack",
      disabled: kind === "document",
      on: { click: () => shelf.open(series.key, false, stack) },
    },
    h("span", {}, title || say("stack.number", { stack })),
    h("span", { class: "soft" }, facts.filter(Boolean).join(" · ")),
  );
}

const PICTURES_AT_ONCE = 8;

/** Pictures come a few at a time, so that the first are there soon. */
async function picture(list, all) {
  for (let from = 0; from < all.length; from += PICTURES_AT_ONCE) {
    const keys = all.slice(from, from + PICTURES_AT_ONCE).map((series) => series.key);
    const found = await call("thumbnails", { series: keys }).catch(() => ({ thumbnails: {} }));
    if (!list.isConnected && from > 0) return;
    for (const [key, png] of Object.entries(found.thumbnails)) {
      const place = [...list.querySelectorAll(".series-card")]
        .find((card) => card.dataset.series === key)
        ?.querySelector(".thumb");
      if (place && png) fill(place, h("img", { alt: "", src: `data:image/png;base64,${png}` }));
    }
  }
}
