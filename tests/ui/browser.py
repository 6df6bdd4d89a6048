"""Real Chromium on the real page: files from ui/ by interception, no server, and the bridge's two functions."""

import json
import os
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, Route

from shell.pages import pages

ORIGIN = "https://ui.invalid"
CHROMIUM = "/usr/bin/chromium"

# The page's own bridge runs unchanged: only what pywebview would put into the page is put there by this.
BRIDGE = """
window.pywebview = {_isReady: true, _jsApiCallback: (name, request, id) =>
  window.__python(name, JSON.stringify(request)).then((text) => text && window.__answer(id, text))};
setInterval(() => window.__waiting().then((text) => text && window.__events(text)), 60);
"""


class Chrome:
    """A browser context for one dispatcher. `answer` is its function; `events` are handed over as the page asks."""

    def __init__(self, playwright: Playwright, answer: Callable[[str, Any], str], **options: Any) -> None:
        words = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        self.context: BrowserContext = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}} | options
        )
        self.events: list[dict[str, Any]] = []
        self.errors: list[str] = []  # of the page: anything here is a fault
        self.foreign: list[str] = []  # addresses outside ui/ that were asked for
        self._files = pages()
        self.context.route("**/*", self._serve)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.expose_function("__python", lambda _, request: answer(*json.loads(request)))
        self.page.expose_function("__waiting", self._handed)
        self.page.add_init_script(BRIDGE)

    def open(self) -> Page:
        self.page.goto(f"{ORIGIN}/index.html")
        self.page.wait_for_selector(".stage")
        return self.page

    def tell(self, kind: str, data: dict[str, Any] | None, _key: str = "") -> None:
        """Post an event, from any thread."""
        self.events.append({"type": kind, "data": data})

    def _handed(self) -> str:
        batch, self.events = self.events, []
        return json.dumps(batch) if batch else ""

    def _serve(self, route: Route) -> None:
        address = route.request.url
        found = self._files.get(address.removeprefix(ORIGIN)) if address.startswith(ORIGIN) else None
        if found is None:
            self.foreign.append(address)
            route.abort()
        else:
            route.fulfill(body=found.content, content_type=found.kind)

    def close(self) -> None:
        self.browser.close()
