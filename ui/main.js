// Main: starts the page: asks what there is, builds the views, and keeps them true to what happens.

import { makeActions, listenToKeys } from "./actions.js";
import { call, nameLate, on, ready } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { mainSeries, makeShelf } from "./shelf.js";
import { makeStore } from "./store.js";
import { say, size, useTexts } from "./texts.js";
import { detailsView } from "./views/details.js";
import { makeDialogs } from "./views/dialogs.js";
import { dropView } from "./views/drop.js";
import { jobsView } from "./views/jobs.js";
import { listView } from "./views/list.js";
import { Notices } from "./views/notices.js";
import { bannerView, topView } from "./views/top.js";
import { viewerView } from "./views/viewer.js";
import { closedView, resumeView, welcomeView } from "./views/welcome.js";

const ENDED = new Set(["done", "cancelled", "failed"]);

await ready();
const start = await call("start");
const store = makeStore({
  ...start,
  query: "",
  words: [],
  found: null,
  studies: [],
  total: 0,
  chosen: null,
  series: null,
});
const notices = new Notices();
const shelf = makeShelf(store, notices);
let parts = { list: { focus() {} }, details: { tag() {}, note() {} }, top: { focus() {} } };
const dialogs = makeDialogs({ store, getShelf: () => shelf, getActions: () => actions, retell });
const focus = { search: () => parts.top.focus(), tag: () => parts.details.tag(), note: () => parts.details.note() };
const actions = makeActions({ store, shelf, dialogs, focus });

/** Take over language, theme and text size; the views are built again only when their words change. */
function retell(told) {
  const before = document.querySelector(".stage") && document.documentElement.lang;
  useTexts(told.texts, told.language);
  nameLate(say("app.no-answer"));
  store.set({ settings: told.settings, language: told.language });
  document.documentElement.dataset.theme = themeOf(told.settings.theme);
  document.documentElement.dataset.textSize = told.settings["text-size"];
  measure();
  if (before !== told.language) {
    build();
    if (store.get().found !== null) shelf.search();
  }
}

const WIDTHS_REM = [68, 62, 55, 46]; // below each of them the page has less room; see app.css and views.css

/** Width counted in letters: a small window and large text ask for the same. */
function measure() {
  const rem = window.innerWidth / parseFloat(getComputedStyle(document.documentElement).fontSize);
  document.body.dataset.below = WIDTHS_REM.filter((width) => rem < width).join(" ");
}
window.addEventListener("resize", measure);

const prefersLight = window.matchMedia("(prefers-color-scheme: light)");
const themeOf = (wish) => (wish === "system" ? (prefersLight.matches ? "light" : "dark") : wish);
prefersLight.addEventListener("change", () => {
  document.documentElement.dataset.theme = themeOf(store.get().settings.theme);
});

function build() {
  store.clearWatchers();
  const context = { store, shelf, dialogs };
  const main = h("main", { class: "stage" });
  parts = { top: topView(context), list: listView(context), details: detailsView(context) };
  const shelfView = [
    h("div", { class: "left" }, resumeView(context), parts.list.element),
    h("div", { class: "right" }, parts.details.element, viewerView(context)),
  ];
  let shown = null;
  store.watch(["totals", "visit", "error", "query"], (state) => {
    const wanted =
      state.error && !state.visit ? "closed" : state.totals.studies || state.visit || state.query ? "shelf" : "welcome";
    if (wanted === shown) return;
    shown = wanted;
    main.dataset.shows = wanted;
    fill(
      main,
      wanted === "shelf" ? shelfView : wanted === "closed" ? closedView(context, state.error) : welcomeView(context),
    );
  });
  fill(
    document.body,
    h(
      "a",
      {
        class: "skip",
        href: "#",
        on: {
          click: (event) => {
            event.preventDefault();
            parts.list.focus();
          },
        },
      },
      say("app.skip"),
    ),
    parts.top.element,
    bannerView(context),
    jobsView(context),
    main,
    footer(),
    notices.element,
    notices.heard,
    dropView(context),
  );
}

function footer() {
  const totals = h("span", { class: "totals" });
  store.watch(["totals"], ({ totals: it }) =>
    fill(
      totals,
      it.studies
        ? say("footer.totals", {
            patients: say("count.patients", { count: it.patients }),
            studies: say("count.studies", { count: it.studies }),
            images: say("images", { count: it.instances }),
            size: size(it.bytes),
          })
        : "",
    ),
  );
  const { sockets_closed: closed } = store.get();
  return h(
    "footer",
    { class: "foot" },
    totals,
    h("span", { class: "warning" }, say("app.not-diagnostic")),
    h(
      "span",
      { class: "sealed", title: say(closed ? "app.sealed" : "app.unsealed") },
      icon("shield"),
      say("app.offline"),
    ),
  );
}

on("job", (job) => {
  const { jobs, visit } = store.get();
  if (job.kind === "visit" && !visit) return; // the session has ended: nothing of it is kept, its name neither
  store.set({
    jobs: jobs.some((each) => each.job === job.job)
      ? jobs.map((each) => (each.job === job.job ? job : each))
      : [...jobs, job],
  });
  if (ENDED.has(job.state)) ended(job);
});

/** What was dropped or is a sample is opened as soon as it is read; an import never changes what is shown. */
async function ended(job) {
  await shelf.search(job.kind === "import" ? store.get().query : "");
  if (job.kind === "import" || job.state !== "done") return;
  if (job.kind === "visit" && !job.receipt?.totals.instances) return elsewise(job);
  const wanted =
    job.kind === "sample" ? store.get().recent[0]?.series_key : mainSeries(largest(store.get().studies))?.key;
  const series = wanted ?? mainSeries(store.get().studies[0])?.key;
  if (series) shelf.open(series);
}

const largest = (studies) => [...studies].sort((a, b) => b.instances - a.instances)[0];

/** No DICOM in it: perhaps a file of another kind. */
async function elsewise() {
  const { handle } = store.get().visit;
  await call("end_visit").catch(() => {});
  shelf.enter("other", handle);
}

on("viewer", (viewer) => {
  store.set({ viewer });
  if (viewer.status === "closed") refreshRecent();
});
on("visit", (visit) => {
  const jobs = store.get().jobs.filter((job) => job.kind !== "visit");
  store.set({ visit, jobs, query: "", studies: [], total: 0, chosen: null, found: null });
  shelf.search("");
});
on("changed", (totals) => store.set({ totals }));
on("leaving", () => dialogs.leave());

async function refreshRecent() {
  const now = await call("start").catch(() => null);
  if (now) store.set({ recent: now.recent });
}

document.addEventListener("focusin", (event) => event.target.scrollIntoView?.({ block: "nearest" }));
listenToKeys(actions, store);
retell(start);
if (!start.error) await shelf.search("");
requestAnimationFrame(() => call("listening").catch(() => {}));
(
  document.querySelector(".resume") ?? document.querySelector(".list-body")
)?.focus({ focusVisible: false });
