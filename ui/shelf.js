// Shelf: what the page does with the archive; the views call these, and only these call the bridge.

import { Fault, call } from "./api.js";
import { say } from "./texts.js";

const PAGE = 200;
const GROUPED_MOST = 1000; // studies of one patient are brought together where the whole list is here

/** @param {ReturnType<import("./store.js").makeStore>} store @param {import("./views/notices.js").Notices} notices */
export function makeShelf(store, notices) {
  let asked = 0; // replies to earlier searches are dropped

  /** Do something; a fault becomes a notice in words. */
  async function attempt(work) {
    try {
      return await work();
    } catch (fault) {
      notices.fault(fault instanceof Fault ? fault : { sentence: say("app.fault"), hint: "" });
      return undefined;
    }
  }

  async function search(text = store.get().query) {
    const mine = ++asked;
    store.set({ query: text });
    const found = await attempt(() => call("search", { text, limit: PAGE }));
    if (!found || mine !== asked) return;
    const studies = found.total <= found.studies.length ? grouped(found.studies) : found.studies;
    store.set({ words: found.query, total: found.total, studies, found: text, chosen: keepChosen(studies) });
  }

  /** Load studies until that many are here. */
  async function reach(count) {
    const { studies, total, query } = store.get();
    if (studies.length >= Math.min(count, total)) return;
    const mine = asked;
    const found = await attempt(() => call("search", { text: query, limit: PAGE, after: studies.at(-1).key }));
    if (!found || mine !== asked || !found.studies.length) return;
    const all = [...store.get().studies, ...found.studies];
    store.set({ studies: all.length >= total && total <= GROUPED_MOST ? grouped(all) : all });
    await reach(count);
  }

  const keepChosen = (studies) => studies.find((study) => study.key === store.get().chosen?.key) ?? studies[0] ?? null;

  /** Put a changed study in the place of the old one. */
  function replace(study) {
    const { studies, chosen } = store.get();
    store.set({
      studies: studies.map((each) => (each.key === study.key ? study : each)),
      chosen: chosen?.key === study.key ? study : chosen,
    });
  }

  async function through(door) {
    const chosen = await attempt(() => call("choose", { door }));
    if (chosen) await DOORS[door](chosen.handle);
  }

  const DOORS = {
    import: (handle) => attempt(() => call("import", { handle })),
    visit: (handle) => attempt(() => call("visit", { handle })),
    other: (handle) => attempt(() => call("open_other", { handle })),
  };

  async function keepVisit() {
    const { handle } = store.get().visit;
    await attempt(() => call("end_visit"));
    await DOORS.import(handle);
  }

  async function endVisit() {
    if (await attempt(() => call("end_visit"))) notices.say(say("visit.ended"));
  }

  async function forget(level, key) {
    if (await attempt(() => call("forget", { level, key }))) {
      await search();
      notices.say(say("forget.done"), { words: say("undo"), does: undo });
    }
  }

  async function undo() {
    if (await attempt(() => call("undo"))) {
      await search();
      notices.say(say("undo.done"));
    }
  }

  async function tag(study, add, remove) {
    const changed = await attempt(() => call("tag", { study, add, remove }));
    if (changed) replace(changed);
  }

  async function note(study, text) {
    const changed = await attempt(() => call("note", { study, text }));
    if (changed) {
      replace(changed);
      notices.tell(say("note.saved"));
    }
  }

  return {
    search,
    reach,
    through,
    keepVisit,
    endVisit,
    forget,
    undo,
    tag,
    note,
    attempt,
    enter: (door, handle) => DOORS[door](handle),
    open: (series, resume = false, stack = null) => attempt(() => call("open", { series, stack, resume })),
    sample: () => attempt(() => call("sample")),
    cancel: (job) => attempt(() => call("cancel", { job })),
    command: (command, argument = null) => attempt(() => call("viewer", { command, argument })),
    reopen: () => attempt(() => call("reopen_viewer")),
    quit: () => attempt(() => call("quit", { sure: true })),
  };
}

/** Patients in the order of their newest study, the studies of each together. */
function grouped(studies) {
  const patients = new Map();
  for (const study of studies) patients.set(study.patient.key, [...(patients.get(study.patient.key) ?? []), study]);
  return [...patients.values()].flat();
}

/** The series that opening a study means: the largest volume, else the largest of anything that has pixels. */
export function mainSeries(study) {
  const worth = (series) => ["document", "image", "frames", "volume"].indexOf(series.kind) * 1e9 + series.frames;
  return [...(study?.series ?? [])].sort((a, b) => worth(b) - worth(a))[0] ?? null;
}
