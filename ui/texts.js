// Texts: sentences of the catalogues filled with facts, and numbers, dates, sizes and times as the language writes them.

let texts = {};
let language = "en";
let plural = new Intl.PluralRules("en");

export function useTexts(all, lang) {
  texts = all;
  language = lang;
  plural = new Intl.PluralRules(lang);
  document.documentElement.lang = lang;
}

/** The text of an id; `.one` or `.other` by the fact `count`. Numbers are written as the language writes them. */
export function say(id, facts = {}) {
  const text = texts[id] ?? texts[`${id}.${form(facts.count)}`] ?? texts[`${id}.other`] ?? id;
  return text.replace(/\{(\w+)[^}]*\}/g, (_, name) =>
    typeof facts[name] === "number" ? number(facts[name]) : (facts[name] ?? "–"),
  );
}

export const has = (id) => id in texts || `${id}.other` in texts;
const form = (count) => (plural.select(Number(count ?? 0)) === "one" ? "one" : "other");

export const number = (value) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value);

/** An ISO date as people write it: 12 Mar 2021. What is no date stays as it is. */
export function date(iso) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  if (!parts) return iso;
  const at = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** How long ago a moment was. */
export function ago(iso) {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const steps = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const [unit, length] = steps.find(([, each]) => Math.abs(seconds) >= each) ?? ["minute", 60];
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return words.format(Math.round(seconds / length), unit);
}

export function size(bytes) {
  const names = ["b", "kb", "mb", "gb", "tb"];
  const step = Math.min(names.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  return `${number(bytes / 1000 ** step)}\u00a0${say(`unit.${names[step]}`)}`;
}

export function duration(seconds) {
  if (seconds < 90) return say("time.seconds", { count: seconds < 9.95 ? seconds : Math.round(seconds) });
  if (seconds < 5400) return say("time.minutes", { count: Math.round(seconds / 60) });
  return say("time.hours", { count: Math.round(seconds / 3600) });
}

/** Whole years between two ISO dates; null where one is missing. */
export function age(born, at) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(born) || !/^\d{4}-\d{2}-\d{2}$/.test(at)) return null;
  const years = Number(at.slice(0, 4)) - Number(born.slice(0, 4)) - (at.slice(5) < born.slice(5) ? 1 : 0);
  return years >= 0 ? years : null;
}

/** "A^B" of DICOM as people write it: "A, B". */
export const person = (name) => name.split("=")[0].split("^").filter(Boolean).join(", ");

/** Up to three names, and how many more there are. */
export function names(all, count = all.length) {
  const shown = all.join(", ");
  return count > all.length ? say("names.more", { names: shown, count: count - all.length }) : shown;
}
