"""The contact sheet: pictures in rows on one dark page."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PAGE: Final = (16, 18, 22)


def sheet(rows: Sequence[Sequence[NDArray[Any]]], gap: int) -> NDArray[np.uint8]:
    """Pictures [rows, columns, 3] of one size, side by side and below each other, with gaps and a border between."""
    height, width = rows[0][0].shape[:2]
    across, down = max(map(len, rows)), len(rows)
    page = np.empty((down * (height + gap) + gap, across * (width + gap) + gap, 3), np.uint8)
    page[:] = PAGE
    for n, row in enumerate(rows):
        for m, picture in enumerate(row):
            top, left = gap + n * (height + gap), gap + m * (width + gap)
            page[top : top + height, left : left + width] = picture[..., :3]
    return page
