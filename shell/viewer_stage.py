"""Drawing a frame of the window: the picture, captions and status line over it, the panel beside it."""

from typing import Any

from render.badge import Badge
from render.context import Gpu
from render.layout import panes
from render.measure import probe
from shell.texts import Texts
from shell.viewer_actions import carry_out
from shell.viewer_imgui import GROUND, INK, Painter
from shell.viewer_overlay import STATUS_HEIGHT, Overlay, Status
from shell.viewer_panel import WIDTH, Heading, More, Panel, Place
from shell.viewer_scan import Scan
from shell.viewer_show import Show
from shell.viewer_status import dimension_text, probe_text
from shell.viewer_text import LabelPainter, is_ours

Points = tuple[float, float]


class Stage:
    """What draws: ImGui, the panel, the overlay. The show says what."""

    def __init__(self, gpu: Gpu, texts: Texts) -> None:
        self._screen: Any = gpu.ctx.detect_framebuffer()
        self.painter = Painter(gpu.ctx)
        self._panel, self._overlay = Panel(texts, self.painter), Overlay(texts, self.painter)
        self._labels = LabelPainter()
        self._heading = Heading("", "")
        self._drawn_s = 0.0

    def entitle(self, words: str, note: str, scale: float) -> None:
        """The panel's heading; words in scripts that our font lacks are painted by Qt."""
        self._heading = Heading(words, note)
        if words and not is_ours(words):
            pixels = self._labels.paint(words, 16 * scale, int((WIDTH - 32) * scale), INK)
            size = (pixels.shape[1] / scale, pixels.shape[0] / scale)
            self._heading = Heading("", note, self.painter.texture_of(pixels), size)

    def draw(self, show: Show, now_s: float) -> None:
        """One frame, shown."""
        points, pixels = show.window.size, show.window.framebuffer
        if min(pixels) <= 0:
            return
        self.painter.begin(points, pixels, now_s - self._drawn_s)
        self._drawn_s = now_s
        self._fill(show, points, now_s)
        self.painter.end()
        self._screen.use()
        self._screen.viewport = (0, 0, *pixels)
        self._screen.scissor = None
        self._screen.clear(*GROUND, 1.0)
        self.painter.draw(self._screen, pixels)
        show.window.swap()

    def _fill(self, show: Show, points: tuple[int, int], now_s: float) -> None:
        def ask(name: str, argument: Any = None) -> None:
            carry_out(show, name, argument)

        scan = show.open_scan
        panel = WIDTH if show.has_panel and scan is not None else 0.0
        area = max(points[0] - panel, 1.0), max(points[1] - STATUS_HEIGHT, 1.0)
        if scan is not None:
            self._picture(show, scan, area, now_s)
            if panel:
                place = Place(area[0], 0.0, panel, float(points[1]))
                self._panel.draw(place, self._heading, scan.view, scan.scene, more_of(show, scan), ask)
        else:
            self._overlay.message(area, _words(show))
        self._overlay.status(area[0], area[1], status_of(show))
        self._overlay.menu(ask, show.wants_menu)
        show.wants_menu = False
        if show.has_help:
            self._overlay.help((float(points[0]), float(points[1])))

    def _picture(self, show: Show, scan: Scan, area: Points, now_s: float) -> None:
        ratio = show.window.pixels_per_point
        size = (max(round(area[0] * ratio), 1), max(round(area[1] * ratio), 1))
        show.panes = panes(scan.view.layout, size)
        kinds = {pane.kind: pane for pane in show.panes}
        scan.aim(kinds.get(scan.scene.pane.kind, show.panes[0]))  # keys are meant for a pane that is there
        show.picture.draw(scan.view, size, show.window.scale, now_s)
        self._overlay.picture(self.painter.keep(show.picture.texture), area)
        self._overlay.captions(show.panes, ratio, scan.view, scan.scene)


def more_of(show: Show, scan: Scan) -> More:
    """What the panel shows besides the view."""
    damaged = tuple(f"{each.name}: {show.texts.say(f'damaged.{each.code}')}" for each in scan.damaged)
    dimension = dimension_text(scan.dimension, scan.time, show.texts)
    return More(scan.time + 1, scan.times, dimension, show.times.plays_at_s is not None, damaged)


def _words(show: Show) -> list[str]:
    """Instead of a picture: that the scan is being opened, or why it cannot be shown."""
    if show.scan is None:
        return []
    if show.scan.failure is None:
        return [show.texts.say("viewer.opening")]
    error = show.texts.error(show.scan.failure)
    return [error["sentence"], error["hint"]]


def status_of(show: Show) -> Status:
    """The status line: what is under the pointer, what goes on, how the picture is made."""
    scan = show.open_scan
    if scan is None:
        return Status()
    pane = show.pointer.pane_of(show.panes)
    local = pane.local(show.pointer.x, show.pointer.y) if pane else (0.0, 0.0)
    under = probe(scan.scene.volume, scan.view, pane, local) if pane else None
    value, place = probe_text(under, scan.scene.volume.is_spatial)
    there = scan.arrived()
    return Status(
        value,
        place,
        show.notice or _goes_on(show, scan),
        is_warning=there.is_whole and there.damaged > 0 and not show.notice,
        progress=None if there.is_whole else there.done / max(there.total, 1),
        badge=_badge_text(show.picture.renderer.badge(), show.texts),
    )


def _goes_on(show: Show, scan: Scan) -> str:
    there = scan.arrived()
    if not there.is_whole:
        return show.texts.say("viewer.loading", done=there.done, total=there.total)
    if show.plays_at_s is not None:
        return show.texts.say("viewer.playing")
    if there.damaged:
        reasons = ", ".join(sorted({show.texts.say(f"damaged.{each.code}") for each in scan.damaged}))
        return show.texts.say("viewer.damaged", count=there.damaged, reasons=reasons)
    return ""


def _badge_text(badge: Badge, texts: Texts) -> str:
    return "  ·  ".join(texts.say(text_id, **facts) for text_id, facts in badge.notes())
