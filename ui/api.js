// Api: the bridge. One function each way: call(name, request) asks, events tell. Types: api.d.ts.

const MOST_AT_ONCE = 8;
const PATIENCE_MS = { choose: Infinity, open: 60_000, open_other: 60_000, visit: 60_000, start: 60_000 };
const PATIENCE_ELSE_MS = 20_000;

/** What Tomotheque said instead of an answer: code, sentence, hint. */
export class Fault extends Error {
  constructor({ code, sentence, hint }) {
    super(sentence);
    Object.assign(this, { code, sentence, hint });
  }
}

const waiting = new Map();
const queue = [];
const listeners = new Map();
let number = 0;

window.__answer = (id, text) => {
  const call = waiting.get(id);
  if (!call) return;
  waiting.delete(id);
  clearTimeout(call.clock);
  const answer = JSON.parse(text);
  answer.error ? call.refuse(new Fault(answer.error)) : call.keep(answer.value);
  next();
};

window.__events = (text) => {
  for (const event of JSON.parse(text)) for (const listener of listeners.get(event.type) ?? []) listener(event.data);
};

/** Ask. Always ends: with the value, or with a Fault. */
export function call(name, request = {}) {
  return new Promise((keep, refuse) => {
    queue.push({ name, request, keep, refuse });
    next();
  });
}

function next() {
  while (queue.length && waiting.size < MOST_AT_ONCE) send(queue.shift());
}

function send(call) {
  const id = `c${++number}`;
  const patience = PATIENCE_MS[call.name] ?? PATIENCE_ELSE_MS;
  if (patience !== Infinity) call.clock = setTimeout(() => window.__answer(id, LATE), patience);
  waiting.set(id, call);
  window.pywebview._jsApiCallback("call", [call.name, call.request], id);
}

let LATE = JSON.stringify({ error: { code: "no-answer", sentence: "", hint: "" } });

/** The sentence for a call that nobody answered, once the texts are here. */
export function nameLate(sentence) {
  LATE = JSON.stringify({ error: { code: "no-answer", sentence, hint: "" } });
}

/** Listen to events of a type. */
export function on(type, listener) {
  listeners.set(type, [...(listeners.get(type) ?? []), listener]);
}

/** Wait until the bridge is there. */
export function ready() {
  const isThere = () => window.pywebview?._QWebChannel || window.pywebview?._isReady;
  return new Promise((keep) =>
    isThere() ? keep() : window.addEventListener("pywebviewready", () => keep(), { once: true }),
  );
}
