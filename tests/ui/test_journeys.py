"""Journeys in real Chromium: the page, its real bridge, the real dispatcher and a real archive of made scans."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import CHROMIUM, Chrome
from make import dicom
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from shell import api
from shell.counter import Counter
from shell.journal import Journal
from shell.places import Places
from shell.texts import Texts

pytestmark = pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="no chromium")

NAME = "<img src onerror>Żółć^<b>Łukasz</b>"


class Person:
    """Chooses folders and hears the viewer being opened: no window is shown."""

    def __init__(self) -> None:
        self.chosen: tuple[bytes, ...] = ()
        self.opened: list[tuple[str, str]] = []
        self.left = False

    def choose(self, door: str, title: str) -> tuple[bytes, ...]:
        return self.chosen

    def dress(self, theme: str) -> None:
        pass

    def leave(self) -> None:
        self.left = True


class Desk:
    """One start of the page on an archive."""

    def __init__(self, playwright: Playwright, data_dir: Path, **options: Any) -> None:
        self.person = Person()
        self._early: list[tuple[str, dict[str, Any] | None]] = []  # told before there is a page
        self._tell_page: Callable[[str, dict[str, Any] | None], None] = lambda kind, data: self._early.append(
            (kind, data)
        )
        self.counter = Counter(Places(str(data_dir)), Texts("en"), Journal(None), self.person, self._tell)
        self.counter.viewer.open = self._opened  # type: ignore[method-assign]
        self.chrome = Chrome(playwright, api.Dispatcher(self.counter).answer, **options)
        self._tell_page = self.chrome.tell
        self.page: Page = self.chrome.open()

    def _tell(self, kind: str, data: dict[str, Any] | None, key: str) -> None:
        self._tell_page(kind, data)

    def _opened(self, series: str, piece: Any, words: str, view: Any) -> None:
        self.person.opened.append((series, words))

    def close(self) -> None:
        self.counter.close()
        self.chrome.close()
        assert self.chrome.errors == []
        assert self.chrome.foreign == []


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CT of one person, an MR of another, and a file that is no scan."""
    folder = tmp_path_factory.mktemp("scans")
    planes = (np.arange(6 * 32 * 32).reshape(6, 32, 32) % 400).astype(np.int16)
    for number, (name, modality, words) in enumerate(
        [(NAME, "CT", "Thorax lung"), ("Dupont^Élodie", "MR", "t1 brain")]
    ):
        more = {
            "PatientName": name,
            "PatientID": f"P{number}",
            "PatientBirthDate": "19560708",
            "StudyDescription": f"{words} study",
            "SeriesDescription": words,
            "StudyDate": f"202{number}0304",
            "InstitutionName": "Hôpital Nord",
        }
        made(folder / modality.lower(), planes, modality, more)
    (folder / "readme.txt").write_text("not a scan")
    return folder


def made(folder: Path, planes: Any, modality: str, more: dict[str, Any]) -> None:
    matrix = np.diag([0.8, 0.8, 2.5, 1.0])
    dicom.write_series(folder, planes, matrix, Modality=modality, **more)


@pytest.fixture
def start(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Starts the page on the test's own archive; the second start finds what the first has left."""
    desks: list[Desk] = []

    def begin(**options: Any) -> Desk:
        while desks:
            desks.pop().close()
        desks.append(Desk(playwright, tmp_path / "data", **options))
        return desks[-1]

    yield begin
    for desk in desks:
        desk.close()


def imported(desk: Desk, folder: Path) -> None:
    desk.person.chosen = (os.fsencode(folder),)
    desk.page.keyboard.press("Control+o")
    expect(desk.page.locator(".job")).to_contain_text("imported", timeout=20_000)


def test_import_search_open_leave_and_resume(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    page = desk.page
    expect(page.get_by_role("heading", name="Your scans")).to_be_visible()
    imported(desk, scans)
    counts = [int(text) for text in page.locator(".ledger dd").all_inner_texts()]
    assert counts[0] == sum(counts[1:]) == 13 and counts[1] == 12
    page.get_by_text("Why 1 were left out").click()
    expect(page.locator(".reasons li")).to_contain_text("readme.txt")

    page.keyboard.press("Control+f")
    page.keyboard.type("zolc mod:ct")
    expect(page.locator(".row.study")).to_have_count(1)
    expect(page.locator(".chip.field")).to_have_text("mod:ct")
    page.keyboard.press("Enter")  # to the list
    page.keyboard.press("Enter")  # opens
    page.wait_for_timeout(200)
    assert [words for _, words in desk.person.opened] == ["Thorax lung"]

    again = start()
    expect(again.page.locator(".resume")).to_contain_text("Thorax lung")
    again.page.keyboard.press("Enter")  # the card has the focus: one Enter away
    again.page.wait_for_timeout(200)
    assert again.person.opened == desk.person.opened


def test_what_a_file_says_is_text_and_nothing_else(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    imported(desk, scans)
    desk.page.locator(".row.study", has_text="Thorax").click()
    expect(desk.page.locator(".patient-name")).to_have_text("<img src onerror>Żółć <b>Łukasz</b>")
    assert desk.page.evaluate("!document.querySelector('.list-body img, .patient-name b')")
    assert desk.page.evaluate(
        "(() => { try { document.body.innerHTML = '<p>'; return false } catch { return true } })()"
    )
    desk.chrome.errors.clear()  # the engine reports the attempt: that is its duty


def test_tags_notes_and_forgetting_can_be_undone(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    page = desk.page
    imported(desk, scans)
    page.locator(".row.study", has_text="brain").click()
    page.keyboard.press("Control+t")
    page.keyboard.type("follow-up")
    page.keyboard.press("Enter")
    expect(page.locator(".row.study .tag")).to_have_text("follow-up")
    page.locator(".note").fill("compare with 2019")
    page.locator(".note").blur()
    page.keyboard.press("Control+f")
    page.keyboard.type("compare follow")
    expect(page.locator(".row.study")).to_have_count(1)
    page.get_by_role("button", name="Forget this study").click()
    expect(page.locator(".list .empty")).to_contain_text("No study matches")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".row.study")).to_have_count(1)
    expect(page.locator(".tags .tag")).to_contain_text("follow-up")


def test_a_disc_is_looked_at_and_nothing_is_kept(start: Callable[..., Desk], scans: Path, tmp_path: Path) -> None:
    desk = start()
    page = desk.page
    desk.person.chosen = (os.fsencode(scans),)
    page.get_by_role("button", name="Load from CD/USB").first.click()
    expect(page.locator(".banner")).to_contain_text("Nothing of it is kept")
    expect(page.locator(".row.study")).to_have_count(2, timeout=20_000)
    page.wait_for_timeout(300)
    assert len(desk.person.opened) == 1  # read, and opened at once
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("heading", name="Your scans")).to_be_visible()
    assert not (tmp_path / "data").exists()


def test_a_drop_is_read_at_once_and_can_be_kept(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    desk.counter.arrived((os.fsencode(scans / "mr"),), 5, 5)
    expect(desk.page.locator(".row.study")).to_have_count(1, timeout=20_000)
    desk.page.get_by_role("button", name="Keep in the archive").click()
    expect(desk.page.locator(".job", has_text="imported")).to_be_visible(timeout=20_000)
    expect(desk.page.locator(".totals")).to_contain_text("1 study")


def test_a_drop_on_the_import_half_is_imported(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    desk.counter.arrived((os.fsencode(scans / "ct"),), 900, 400)
    expect(desk.page.locator(".job", has_text="imported")).to_be_visible(timeout=20_000)
    expect(desk.page.locator(".banner")).to_have_count(0)


def test_a_sample_is_made_imported_opened_and_can_be_forgotten(start: Callable[..., Desk]) -> None:
    desk = start()
    page = desk.page
    page.get_by_role("button", name="Try a sample scan").click()
    expect(page.locator(".row.study")).to_have_count(1, timeout=60_000)
    page.wait_for_timeout(300)
    assert len(desk.person.opened) == 1
    page.get_by_role("button", name="Forget this study").click()
    expect(page.get_by_role("heading", name="Your scans")).to_be_visible()


def test_everything_is_there_in_french(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    page = desk.page
    imported(desk, scans)
    page.keyboard.press("Control+,")
    page.get_by_label("Français").check()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Importer DICOM")).to_be_visible()
    expect(page.locator(".foot")).to_contain_text("Pas pour le diagnostic")
    english = {"Import", "Open other", "Settings", "Series", "Search", "images imported", "Regular"}
    page.locator(".row.study").first.click()
    said = page.locator("body").inner_text()
    assert not [word for word in english if f" {word} " in said]


def test_the_palette_reaches_every_command_by_keyboard(start: Callable[..., Desk]) -> None:
    desk = start()
    page = desk.page
    page.keyboard.press("Control+k")
    page.keyboard.type("about")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="About Tomotheque")).to_contain_text("not a medical device")
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Ctrl+K")


def test_leaving_during_an_import_is_asked(start: Callable[..., Desk]) -> None:
    desk = start()
    desk.chrome.tell("leaving", {"jobs": 1})
    dialog = desk.page.get_by_role("dialog", name="An import is still running")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Keep importing").click()
    assert not desk.person.left
    desk.chrome.tell("leaving", {"jobs": 1})
    dialog.get_by_role("button", name="Stop and close").click()
    desk.page.wait_for_timeout(200)
    assert desk.person.left


def test_a_viewer_that_died_can_be_reopened(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    imported(desk, scans)
    desk.chrome.tell("viewer", desk.counter.viewer.now() | {"status": "died", "words": "Thorax"})
    expect(desk.page.locator(".viewer")).to_contain_text("The viewer stopped")
    expect(desk.page.locator(".viewer").get_by_role("button", name="Reopen")).to_be_visible()


def test_an_archive_that_cannot_be_opened_is_said_and_discs_still_work(
    start: Callable[..., Desk], tmp_path: Path, scans: Path
) -> None:
    first = start()
    imported(first, scans)
    first.close = lambda: None  # type: ignore[method-assign]
    first.counter.close()
    first.chrome.close()
    (tmp_path / "data" / "key").write_text("0" * 64)
    desk = start()
    expect(desk.page.get_by_role("alert")).to_contain_text("cannot be opened")
    desk.person.chosen = (os.fsencode(scans / "ct"),)
    desk.page.get_by_role("alert").get_by_role("button", name="Load from CD/USB").click()
    expect(desk.page.locator(".row.study")).to_have_count(1, timeout=20_000)


LUMINANCE = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [0, 0, 0];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    if (!walker.currentNode.textContent.trim() || !element.offsetParent || element.closest(".unseen, .again, .thumb")) continue;
    const [a, b] = [light(channels(style.color)), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${element.className}: ${element.textContent.slice(0, 30)} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return poor;
}
"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_word_can_be_read_against_what_is_behind_it(start: Callable[..., Desk], scans: Path, theme: str) -> None:
    desk = start()
    desk.counter.settings.set("theme", theme)
    assert desk.page.evaluate(LUMINANCE) == []
    imported(desk, scans)
    desk.page.reload()
    desk.page.wait_for_selector(".row.study")
    desk.page.wait_for_timeout(400)
    assert desk.page.locator("html").get_attribute("data-theme") == theme
    assert desk.page.evaluate(LUMINANCE) == []


def test_everything_with_a_purpose_has_a_name(start: Callable[..., Desk], scans: Path) -> None:
    desk = start()
    imported(desk, scans)
    nameless = desk.page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea, select, [role=grid], [role=row], section, aside, dialog')]
        .filter((each) => each.offsetParent && !(each.innerText || each.ariaLabel || each.title || each.labels?.length)).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


@pytest.mark.parametrize(("width", "height", "percent"), [(1280, 800, 200), (720, 520, 100)])
def test_large_text_and_a_small_window_cut_nothing_off(
    start: Callable[..., Desk], scans: Path, width: int, height: int, percent: int
) -> None:
    desk = start(viewport={"width": width, "height": height})
    desk.counter.settings.set("text-size", str(percent))
    imported(desk, scans)
    desk.page.reload()
    desk.page.wait_for_selector(".row.study")
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = desk.page.evaluate(
        "[...document.querySelectorAll('.top button, .series-card button.open')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert outside == 0
