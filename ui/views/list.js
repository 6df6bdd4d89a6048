// List: the studies, patient by patient; only the rows in sight are in the page, however many there are.

import { fill, h } from "../dom.js";
import { date, number, person, say } from "../texts.js";
import { mainSeries } from "../shelf.js";

const COLUMNS = ["patient", "description", "modality", "date", "images", "institution"];
const ROW_REM = 2.25; // --row of tokens.css
const AHEAD = 40; // rows kept beyond the visible ones when loading

export function listView({ store, shelf }) {
  const rows = new Map(); // index -> element
  const canvas = h("div", { class: "list-canvas", role: "rowgroup" });
  const body = h(
    "div",
    {
      class: "list-body",
      tabindex: "0",
      role: "grid",
      "aria-label": say("list.label"),
      on: { scroll: () => draw(), keydown: (event) => pressed(event) },
    },
    canvas,
  );
  const nothing = h("div", { class: "list-nothing" });
  const element = h(
    "section",
    { class: "list", "aria-label": say("list.label") },
    head(),
    h("div", { class: "list-place" }, body, nothing),
  );
  const rowHeight = () => ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);

  function draw() {
    const { studies, total, chosen } = store.get();
    const height = rowHeight();
    const first = Math.max(0, Math.floor(body.scrollTop / height) - 4);
    const last = Math.min(total, first + Math.ceil(body.clientHeight / height) + 8);
    if (last + AHEAD > studies.length && studies.length < total) shelf.reach(last + AHEAD);
    for (const [index, row] of rows)
      if (index < first || index >= last) {
        row.remove();
        rows.delete(index);
      }
    for (let index = first; index < last; index += 1) {
      if (!rows.has(index)) {
        const row = studies[index]
          ? studyRow(studies[index], index, placeOf(studies, index), select, open)
          : emptyRow(index);
        row.style.setProperty("transform", `translateY(${index * height}px)`);
        rows.set(index, row);
        canvas.append(row);
      }
      mark(rows.get(index), studies[index]?.key === chosen?.key && Boolean(chosen));
    }
  }

  function select(study) {
    store.set({ chosen: study, series: null });
    const index = store.get().studies.indexOf(study);
    const height = rowHeight();
    if (index * height < body.scrollTop) body.scrollTop = index * height;
    if ((index + 1) * height > body.scrollTop + body.clientHeight)
      body.scrollTop = (index + 1) * height - body.clientHeight;
    body.setAttribute("aria-activedescendant", `study-${study.key}`);
  }

  const open = (study) => {
    const series = mainSeries(study);
    if (series) shelf.open(series.key);
  };

  function pressed(event) {
    const { studies, chosen } = store.get();
    const page = Math.max(1, Math.floor(body.clientHeight / rowHeight()) - 1);
    const at = studies.indexOf(chosen);
    const moves = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: studies.length - 1,
    };
    if (event.ctrlKey || event.metaKey || !studies.length) return;
    if (event.key in moves) select(studies[Math.min(Math.max(moves[event.key], 0), studies.length - 1)]);
    else if (event.key === "Enter" && chosen) open(chosen);
    else if (event.key === "ArrowRight") document.querySelector(".series-card")?.focus();
    else if (event.key === "Delete" && chosen && !store.get().visit) shelf.forget("study", chosen.key);
    else return;
    event.preventDefault();
  }

  store.watch(["studies", "total", "chosen"], (state) => {
    if (state.studies !== draw.studies) {
      rows.forEach((row) => row.remove());
      rows.clear();
      draw.studies = state.studies;
    }
    canvas.style.setProperty("height", `${state.total * rowHeight()}px`);
    body.setAttribute("aria-rowcount", String(state.total));
    fill(
      nothing,
      state.total === 0 &&
        state.found !== null &&
        h(
          "div",
          { class: "empty" },
          h("p", { class: "empty-title" }, say(state.found ? "search.none" : "list.empty")),
          state.found && h("p", { class: "soft" }, say("search.none.hint")),
        ),
    );
    draw();
  });
  const again = () => {
    rows.forEach((row) => row.remove());
    rows.clear();
    canvas.style.setProperty("height", `${store.get().total * rowHeight()}px`);
    draw();
  };
  store.watch(["found"], () => {
    body.scrollTop = 0;
    draw();
  });
  store.watch(["settings"], () => requestAnimationFrame(again)); // the text size
  new ResizeObserver(again).observe(body);
  return { element, focus: () => body.focus() };
}

function head() {
  return h(
    "div",
    { class: "row row-head", "aria-hidden": "true" },
    COLUMNS.map((name) => h("span", { class: `cell ${name}` }, say(`list.${name}`))),
  );
}

function mark(row, isChosen) {
  row.classList.toggle("chosen", isChosen);
  row.setAttribute("aria-selected", String(isChosen));
}

const emptyRow = (index) =>
  h(
    "div",
    { class: "row waiting", role: "row", "aria-rowindex": index + 1 },
    h("span", { class: "cell", role: "gridcell" }, say("list.loading")),
  );

/** first, second or later study of its patient in the list: how the patient's line is drawn. */
function placeOf(studies, index) {
  const isOfSame = (other) => studies[other]?.patient.key === studies[index].patient.key;
  return !isOfSame(index - 1) ? "first" : isOfSame(index - 2) ? "further later" : "further";
}

function studyRow(study, index, place, select, open) {
  const isFirst = place === "first";
  const cell = (name, ...children) => h("span", { class: `cell ${name}`, role: "gridcell" }, children);
  return h(
    "div",
    {
      class: `row study ${place}`,
      role: "row",
      id: `study-${study.key}`,
      "aria-rowindex": index + 1,
      on: { click: () => select(study), dblclick: () => open(study) },
    },
    cell(
      "patient",
      h("bdi", { class: isFirst ? "name" : "name again" }, person(study.patient.name) || say("name.none")),
      isFirst && h("span", { class: "soft id" }, study.patient.patient_id),
    ),
    cell(
      "description",
      study.state !== "present" &&
        h(
          "span",
          { class: `dot ${study.state}`, title: say(`files.${study.state}`) },
          h("span", { class: "unseen" }, say(`files.${study.state}`)),
        ),
      h("bdi", { class: "words" }, study.description || mainSeries(study)?.description || say("study.none")),
      study.tags.map((tag) => h("span", { class: "tag mini" }, tag)),
    ),
    cell("modality", study.modalities.map(modality)),
    cell("date", study.date ? date(study.date) : say("date.none")),
    cell("images", number(study.instances)),
    cell("institution", h("bdi", {}, study.institution)),
  );
}

const COLOURED = { CT: "ct", MR: "mr", PT: "pt" };

/** CT, MR, PT… as a small sign. */
export const modality = (name) => h("span", { class: `badge ${COLOURED[name] ?? "else"}` }, name);
