// Drop: while something is held over the window, two places to let it go: to look at it, or to import it.

import { on } from "../api.js";
import { h, icon } from "../dom.js";
import { say } from "../texts.js";

const PLACES = [
  ["open", "open"],
  ["import", "import"],
];

export function dropView({ shelf, store }) {
  const places = PLACES.map(([purpose, symbol]) =>
    h(
      "div",
      { class: "drop-place", dataset: { purpose } },
      icon(symbol),
      h("strong", {}, say(`drop.${purpose}`)),
      h("span", {}, say(`drop.${purpose}.hint`)),
    ),
  );
  const element = h("div", { class: "drop", hidden: true }, places);
  const light = (x, y) => places.forEach((place) => place.classList.toggle("over", contains(place, x, y)));
  const end = () => {
    element.hidden = true;
  };

  window.addEventListener("dragenter", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.types.includes("Files")) element.hidden = false;
  });
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    light(event.clientX, event.clientY);
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) end();
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    end();
  });

  // The paths come from Python as a handle: Chromium's own drop loses folders of one name.
  on("dropped", ({ chosen, x, y }) => {
    element.hidden = false;
    const place = places.find((each) => contains(each, x, y));
    end();
    const closed = store.get().error;
    shelf.enter(place?.dataset.purpose === "import" && !closed ? "import" : "visit", chosen.handle);
  });
  return element;
}

function contains(place, x, y) {
  const { left, right, top, bottom } = place.getBoundingClientRect();
  return x >= left && x < right && y >= top && y < bottom;
}
