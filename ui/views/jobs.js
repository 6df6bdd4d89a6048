// Jobs: what is being imported or read, with pace and time left, and the receipt of it with every number and name.

import { button, fill, h, icon } from "../dom.js";
import { duration, names, number, say } from "../texts.js";

const OUTCOMES = ["imported", "known", "duplicate", "skipped", "unreadable"];
const ENDED = new Set(["done", "cancelled", "failed"]);

export function jobsView({ store, shelf }) {
  const element = h("section", { class: "jobs", "aria-label": say("jobs.label") });
  const cards = new Map(); // job -> {element, update}
  const dismiss = (job) => store.set({ jobs: store.get().jobs.filter((each) => each.job !== job) });
  store.watch(["jobs"], ({ jobs }) => {
    for (const [id, card] of cards)
      if (!jobs.some((job) => job.job === id)) {
        card.element.remove();
        cards.delete(id);
      }
    for (const job of jobs) {
      if (!cards.has(job.job)) {
        cards.set(job.job, jobCard(job, shelf, dismiss));
        element.append(cards.get(job.job).element);
      }
      cards.get(job.job).update(job);
    }
  });
  return element;
}

function jobCard(first, shelf, dismiss) {
  const element = h("article", { class: "job" });
  let drawn = "";
  const bar = h("progress", { max: "1", "aria-label": title(first) });
  const pace = h("p", { class: "soft job-pace" });
  const update = (job) => {
    if (drawn !== job.state) {
      fill(element, ENDED.has(job.state) ? ended(job, dismiss) : running(job, bar, pace, shelf));
      drawn = job.state;
    }
    if (ENDED.has(job.state)) return;
    if (job.found > 0 && job.done <= job.found) bar.value = job.done / job.found;
    fill(
      pace,
      job.state === "waiting"
        ? say("job.waiting")
        : [
            job.found > 0 && say("job.running.count", { done: job.done, found: job.found }),
            job.files_per_s > 0 && say("job.pace", { pace: Math.round(job.files_per_s) }),
            job.left_s !== null && say("job.left", { left: duration(job.left_s) }),
          ]
            .filter(Boolean)
            .join(" · "),
    );
  };
  return { element, update };
}

const title = (job) => say(`job.${job.kind}`, { names: names(job.names) });

function running(job, bar, pace, shelf) {
  return [
    h(
      "div",
      { class: "job-head" },
      icon(job.kind === "visit" ? "disc" : job.kind === "sample" ? "sample" : "import"),
      h("p", { class: "job-title" }, title(job)),
      button({ words: say("job.cancel"), kind: "quiet small", on: () => shelf.cancel(job.job) }),
    ),
    bar,
    pace,
  ];
}

function ended(job, dismiss) {
  const away = button({ label: say("app.dismiss"), symbol: "close", kind: "bare small", on: () => dismiss(job.job) });
  if (job.error)
    return head(
      "alert",
      say("job.failed", { names: names(job.names) }),
      `${job.error.sentence} ${job.error.hint}`,
      away,
      "bad",
    );
  if (!job.receipt)
    return head(
      "check",
      job.state === "cancelled" ? say("job.cancelled") : say("job.done.nothing", { names: names(job.names) }),
      "",
      away,
    );
  return [
    ...head("check", heading(job), added(job.receipt), away),
    ...(job.kind === "import" ? [ledger(job.receipt), ...reasons(job.receipt)] : reasons(job.receipt)),
  ];
}

const head = (symbol, words, more, away, kind = "") => [
  h(
    "div",
    { class: `job-head ${kind}` },
    icon(symbol),
    h("div", { class: "job-words" }, h("p", { class: "job-title" }, words), more && h("p", { class: "soft" }, more)),
    away,
  ),
];

function heading(job) {
  if (job.kind === "visit") return say("job.done.visit", { names: names(job.names) });
  const count = job.receipt.added.instances;
  return count ? say("receipt.title", { count }) : say("job.done.nothing", { names: names(job.names) });
}

function added({ added: it, seconds }) {
  const what = ["patients", "studies", "series"]
    .filter((name) => it[name])
    .map((name) => say(`count.${name}`, { count: it[name] }));
  return [...what, say("receipt.seconds", { time: duration(Math.max(seconds, 0.1)) })].join(" · ");
}

/** Found = imported + known + duplicates + skipped + unreadable: the sum is shown as one. */
function ledger({ files }) {
  const entry = (name, count) =>
    h(
      "div",
      { class: `count ${count ? "" : "zero"} ${name}` },
      h("dd", {}, number(count)),
      h("dt", {}, say(`receipt.${name}`)),
    );
  return h(
    "dl",
    { class: "ledger" },
    entry("found", files.found),
    h("span", { class: "sign", "aria-hidden": "true" }, "="),
    OUTCOMES.map((name) => entry(name, files[name])),
  );
}

function reasons(receipt) {
  const left = [...receipt.unreadable, ...receipt.skipped];
  const count = receipt.files.skipped + receipt.files.unreadable;
  return [
    receipt.conflicts.length > 0 &&
      h("p", { class: "soft" }, say("receipt.conflicts", { count: receipt.conflicts.length })),
    ...receipt.notices.map((notice) =>
      h("p", { class: "soft" }, typeof notice === "string" ? notice : notice.sentence),
    ),
    left.length > 0 &&
      h(
        "details",
        { class: "reasons" },
        h("summary", {}, say("receipt.why", { count })),
        h("ul", {}, left.map(reason)),
      ),
  ];
}

const reason = ({ path, sentence }) =>
  h(
    "li",
    {},
    h("bdi", { class: "path", title: path }, path.split("/").slice(-2).join("/")),
    h("span", { class: "soft" }, sentence),
  );
