// Dialogs: settings, shortcuts, about, leaving, and the command palette, each a <dialog> that Escape closes.

import { call } from "../api.js";
import { button, fill, h, icon } from "../dom.js";
import { say } from "../texts.js";
import { choiceWords } from "./viewer.js";

export function makeDialogs({ store, getShelf, getActions, retell }) {
  function show(kind, title, ...content) {
    document.querySelector("dialog[open]")?.close();
    const dialog = h("dialog", {
      class: `dialog ${kind}`,
      "aria-label": title,
      on: {
        close: () => dialog.remove(),
        click: (event) => {
          if (event.target === dialog) dialog.close();
        },
      },
    });
    dialog.append(
      h(
        "div",
        { class: "dialog-body" },
        kind !== "palette" &&
          h(
            "header",
            {},
            h("h2", {}, title),
            button({ label: say("app.close"), symbol: "close", kind: "bare", on: () => dialog.close() }),
          ),
        content,
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  async function set(name, value) {
    const told = await getShelf().attempt(() => call("set", { name, value: String(value) }));
    if (told) retell(told);
    return told;
  }

  function settings() {
    const dialog = show(
      "settings",
      say("action.settings"),
      SETTINGS.map(([name, values]) =>
        setting(name, values, store.get().settings[name], async (value) => {
          await set(name, value);
          if (name === "language") {
            dialog.close();
            settings();
          }
        }),
      ),
    );
  }

  const about = () =>
    show(
      "about",
      say("action.about"),
      h(
        "div",
        { class: "about-body" },
        icon("mark"),
        h("p", { class: "about-name" }, say("app.name")),
        h("p", { class: "soft" }, say("about.app.version", { version: store.get().version })),
        h("p", {}, say("about.app.text")),
        h("p", { class: "about-warning" }, icon("alert"), say("about.app.not-diagnostic")),
        h("p", { class: "soft" }, say("about.app.private")),
        h("p", { class: "soft" }, say("about.app.licence")),
      ),
    );

  function shortcuts() {
    const rows = getActions()
      .filter((action) => action.keys)
      .map((action) => [say(`action.${action.id}`), [action.keys]]);
    const library = [
      ...rows,
      [say("shortcuts.list"), [say("key.arrows")]],
      [say("shortcuts.open"), [say("key.enter")]],
      [say("forget.study"), [say("key.delete")]],
    ];
    const viewer = store
      .get()
      .commands.filter((row) => row.keys.length)
      .map((row) => [
        say(`command.${row.id}`),
        row.keys.length > 3 ? [`${row.keys[0]} – ${row.keys.at(-1)}`] : row.keys,
      ]);
    show(
      "shortcuts",
      say("action.shortcuts"),
      h("div", { class: "sheets" }, sheet(say("group.page"), library), sheet(say("palette.viewer"), viewer)),
    );
  }

  const leave = () => {
    const dialog = show(
      "leave",
      say("leave.title"),
      h("p", {}, say("leave.text")),
      h(
        "footer",
        {},
        button({ words: say("leave.go"), kind: "quiet", on: () => getShelf().quit() }),
        button({ words: say("leave.stay"), kind: "main", autofocus: true, on: () => dialog.close() }),
      ),
    );
  };

  const switchTheme = () => set("theme", document.documentElement.dataset.theme === "light" ? "dark" : "light");

  return {
    settings,
    about,
    shortcuts,
    leave,
    switchTheme,
    set,
    palette: (first = "") => palette(show, store, getShelf(), getActions(), first),
  };
}

const SETTINGS = [
  ["language", ["system", "en", "fr"]],
  ["theme", ["system", "dark", "light"]],
  ["text-size", [100, 125, 150, 200]],
  ["remember-opened", [true, false]],
  ["viewer-prespawn", [true, false]],
];
const WORD_OF = { true: "on", false: "off" };

function setting(name, values, now, keep) {
  const words = (value) => (typeof value === "number" ? `${value} %` : say(`value.${WORD_OF[String(value)] ?? value}`));
  const choice = (value) =>
    h(
      "label",
      { class: "segment" },
      h("input", {
        type: "radio",
        name,
        value: String(value),
        checked: value === now,
        on: { change: () => keep(WORD_OF[String(value)] ?? value) },
      }),
      h("span", {}, words(value)),
    );
  return h(
    "fieldset",
    { class: "setting" },
    h("legend", {}, say(`settings.${name}`)),
    h("div", { class: "segments" }, values.map(choice)),
  );
}

const sheet = (title, rows) =>
  h(
    "section",
    {},
    h("h3", {}, title),
    h(
      "dl",
      { class: "keys" },
      rows.map(([words, keys]) =>
        h(
          "div",
          {},
          h("dt", {}, words),
          h(
            "dd",
            {},
            keys.map((key) => h("kbd", {}, key)),
          ),
        ),
      ),
    ),
  );

/** Every command of the library and, while it is open, of the viewer; typed words narrow the list. */
function palette(show, store, shelf, actions, first) {
  const state = store.get();
  const rows = [
    ...actions
      .filter((action) => action.id !== "palette" && (!action.when || action.when(state)))
      .map((action) => ({
        group: say("group.page"),
        words: say(`action.${action.id}`),
        keys: action.keys,
        does: action.does,
      })),
    ...(state.viewer.status === "shown" ? state.commands.flatMap((row) => viewerRows(row, shelf)) : []),
  ];
  const list = h("ul", { class: "palette-list", role: "listbox", id: "palette-list" });
  const input = h("input", {
    class: "palette-input",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-label": say("palette.label"),
    placeholder: say("palette.label"),
    value: first,
    autofocus: true,
    on: { input: () => draw(), keydown: (event) => pressed(event) },
  });
  let shown = [];
  let at = 0;
  const run = (row) => {
    dialog.close();
    row.does();
  };
  const mark = () =>
    [...list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === at));
      if (index === at) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  const draw = () => {
    const words = plain(input.value).split(/\s+/);
    shown = rows.filter((row) => words.every((word) => plain(`${row.group} ${row.words}`).includes(word)));
    at = 0;
    fill(
      list,
      shown.length
        ? shown.map((row, index) =>
            h(
              "li",
              { role: "option", id: `command-${index}`, on: { click: () => run(row) } },
              h("span", { class: "soft" }, row.group),
              h("span", {}, row.words),
              row.keys && h("kbd", {}, row.keys),
            ),
          )
        : h("li", { class: "soft" }, say("palette.none")),
    );
    mark();
  };
  const pressed = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) at = (at + move + shown.length) % Math.max(shown.length, 1);
    else if (event.key !== "Enter") return;
    event.preventDefault(); // else the same Enter would press the first button of what opens next
    mark();
    if (!move && shown[at]) run(shown[at]);
  };
  const dialog = show(
    "palette",
    say("action.palette"),
    h("div", { class: "palette-top" }, icon("search"), input),
    list,
  );
  draw();
}

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function viewerRows(row, shelf) {
  const group = say("palette.viewer");
  if (row.argument === "none")
    return [{ group, words: say(`command.${row.id}`), keys: row.keys[0] ?? "", does: () => shelf.command(row.id) }];
  if (row.argument === "choice")
    return row.choices.map((name, index) => ({
      group,
      words: `${say(`command.${row.id}`)}: ${choiceWords(row.id, name)}`,
      keys: row.keys[index] ?? "",
      does: () => shelf.command(row.id, name),
    }));
  return [];
}
