// Notices: short words at the lower edge that go by themselves, faults that stay, and what only a screen reader hears.

import { button, fill, h, icon } from "../dom.js";
import { say } from "../texts.js";

const STAYS_MS = 8000;

export class Notices {
  constructor() {
    this.list = h("div", { class: "notices" });
    this.heard = h("div", { class: "unseen", "aria-live": "polite" });
    this.element = h("div", { class: "notices-place", "aria-live": "polite", role: "status" }, this.list);
  }

  /** A sentence, with something that can be done about it. */
  say(sentence, offer = null) {
    this.#show(sentence, "", offer, "plain");
  }

  /** A fault: stays until it is dismissed. */
  fault({ sentence, hint }) {
    this.#show(sentence, hint, null, "bad");
  }

  /** Only to be heard. */
  tell(sentence) {
    fill(this.heard, sentence);
  }

  #show(sentence, hint, offer, kind) {
    const gone = () => card.remove();
    const card = h(
      "div",
      { class: `notice ${kind}` },
      icon(kind === "bad" ? "alert" : "check"),
      h("div", { class: "notice-words" }, h("p", {}, sentence), hint && h("p", { class: "soft" }, hint)),
      offer &&
        button({
          words: offer.words,
          kind: "link",
          on: () => {
            gone();
            offer.does();
          },
        }),
      button({ label: say("app.dismiss"), symbol: "close", kind: "bare", on: gone }),
    );
    while (this.list.children.length > 2) this.list.firstChild.remove();
    this.list.append(card);
    if (kind !== "bad") setTimeout(gone, STAYS_MS);
  }
}
