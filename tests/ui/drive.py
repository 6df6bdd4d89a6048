"""Runs the real library window and does in its page what a script says; `python drive.py DATA_DIR SCRIPT CHOSEN [PATH...]`.

The script is JavaScript run after the first paint; `call` is the page's own, `until(test)` waits, `$(selector)` finds.
Every line the script gives to `say` is printed here, and `quit()` ends the application.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from shell import desk
from shell.texts import Texts

BEFORE = """
(async () => {
  const {call} = await import("tomotheque://ui/api.js");
  const $ = (selector) => document.querySelector(selector);
  const pause = (ms) => new Promise((keep) => setTimeout(keep, ms));
  const until = async (test) => { for (let n = 0; n < 400; n += 1) { if (test()) return; await pause(50); } await say("waited in vain: " + test); await quit(); };
  const key = (target, name) => target.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
  const type = (input, text) => { input.focus(); input.value = text; input.dispatchEvent(new Event("input", {bubbles: true})); };
  const say = (text) => call("test:" + text).catch(() => {});
  const quit = () => call("quit", {sure: true});
  try {
"""
AFTER = "\n  } catch (fault) { await say('fault: ' + fault); await quit(); }\n})()"


def main(data_dir: str, script: str, chosen: str, *paths: str) -> int:
    """Show the window, run the script, hand back the exit status."""
    from shell import api, desk_qt
    from shell.counter import Counter

    plain_answer, plain_show = api.Dispatcher.answer, Counter.start_facts
    kept: dict[str, Any] = {}

    def answer(self: api.Dispatcher, name: str, request: Any) -> str:
        if name.startswith("test:"):
            print(name.removeprefix("test:"), flush=True)
        return plain_answer(self, name, request)

    class Bridge(desk.Bridge):
        def __init__(self, *words: Any) -> None:
            super().__init__(*words)
            kept["bridge"] = self

    def start_facts(self: Counter) -> dict[str, Any]:
        if not kept.get("ran"):
            kept["ran"] = True
            kept["bridge"]._run_js(BEFORE + Path(script).read_text("utf-8") + AFTER)
        return plain_show(self)

    api.Dispatcher.answer = answer  # type: ignore[method-assign]
    Counter.start_facts = start_facts  # type: ignore[method-assign]
    desk.Bridge = Bridge  # type: ignore[misc, assignment]
    desk_qt.QtNative.choose = lambda *_: (os.fsencode(chosen),)  # type: ignore[method-assign]
    return desk.run(data_dir, paths, Texts("en"))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
