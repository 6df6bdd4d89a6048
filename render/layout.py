"""Layouts: which panes a window or picture is divided into, and which pane lies under a pixel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

GAP: Final = 2  # pixels between panes
SLICES: Final = ("axial", "coronal", "sagittal")
KINDS: Final = (*SLICES, "oblique", "3d", "frames")


@dataclass(frozen=True)
class Pane:
    """A rectangle of the picture (pixels, origin at the top left) and what it shows: one of KINDS."""

    kind: str
    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def is_slice(self) -> bool:
        return self.kind != "3d"

    def local(self, x: float, y: float) -> tuple[float, float]:
        """A pixel of the picture, counted from the pane's corner."""
        return x - self.x, y - self.y


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """Start and length of equal parts with gaps between them; the last takes what is left."""
    part = max((length - GAP * (count - 1)) // count, 1)
    starts = [n * (part + GAP) for n in range(count)]
    return [(start, max(part if n < count - 1 else length - start, 1)) for n, start in enumerate(starts)]


def _grid(rows: tuple[tuple[str, ...], ...]) -> Callable[[int, int], tuple[Pane, ...]]:
    def panes_of(width: int, height: int) -> tuple[Pane, ...]:
        return tuple(
            Pane(kind, x, y, w, h)
            for (y, h), kinds in zip(_spans(height, len(rows)), rows, strict=True)
            for (x, w), kind in zip(_spans(width, len(kinds)), kinds, strict=True)
        )

    return panes_of


LAYOUTS: Final[dict[str, Callable[[int, int], tuple[Pane, ...]]]] = {
    "mpr": _grid((("axial", "3d"), ("coronal", "sagittal"))),
    "planes": _grid((SLICES,)),
    "side": _grid((("axial", "3d"),)),
    **{kind: _grid(((kind,),)) for kind in KINDS},
}


def panes(layout: str, size: tuple[int, int]) -> tuple[Pane, ...]:
    """The panes of a layout in a picture of (width, height) pixels."""
    return LAYOUTS[layout](*size)


def pane_at(all_panes: tuple[Pane, ...], x: float, y: float) -> Pane | None:
    """The pane under a pixel, or None between panes."""
    inside = (p for p in all_panes if p.x <= x < p.x + p.width and p.y <= y < p.y + p.height)
    return next(inside, None)
