"""Blocks of 8x8x8 cells: their least and greatest value, which of them show anything, and how far the next one is.

Block b covers the cells [8b, 8b+8), so it needs the voxels 8b .. 8b+8 (a one-sided apron: 9 along each axis).
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

EDGE: Final = 8
MOST_DISTANCE: Final = 255  # the map is one byte
_WORD: Final = 64


def count_of(voxels: int) -> int:
    """Blocks along an axis of so many voxels."""
    return max(1, -(-(voxels - 1) // EDGE))


def _reduced(values: NDArray[Any], axis: int, reduce: "np.ufunc") -> NDArray[Any]:
    """Blocks with apron along one axis."""
    values = np.moveaxis(values, axis, 0)
    length, count = values.shape[0], count_of(values.shape[0])
    whole = (length - 1) // EDGE
    parts = []
    if whole:
        inner = values[: whole * EDGE].reshape(whole, EDGE, *values.shape[1:])
        parts.append(reduce(reduce.reduce(inner, axis=1), values[EDGE : whole * EDGE + 1 : EDGE]))
    if count > whole:
        parts.append(reduce.reduce(values[whole * EDGE :], axis=0, keepdims=True))
    return np.moveaxis(np.concatenate(parts), 0, axis)


def extremes_of_slice(plane: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Least and greatest value of the blocks of one slice [rows, columns]."""
    least = _reduced(_reduced(plane, 0, np.minimum), 1, np.minimum)
    greatest = _reduced(_reduced(plane, 0, np.maximum), 1, np.maximum)
    return least, greatest


class BlockRange:
    """Least and greatest value of every block [bk, bj, bi] (float32), growing while slices arrive.

    `blank` is what the texture holds where no slice has arrived yet.
    """

    def __init__(self, shape_kji: tuple[int, int, int], blank: float):
        self._shape = shape_kji
        self._blank = blank
        blocks = tuple(count_of(n) for n in shape_kji)
        self._least = np.full(blocks, np.inf, np.float32)
        self._greatest = np.full(blocks, -np.inf, np.float32)
        self._present = np.zeros(shape_kji[0], bool)

    def add(self, k: int, plane: NDArray[Any]) -> None:
        """Take in slice k [rows, columns]."""
        least, greatest = extremes_of_slice(plane)
        self._present[k] = True
        last = len(self._least) - 1
        for block in {min(k // EDGE, last), min(max(k - 1, 0) // EDGE, last)}:
            np.minimum(self._least[block], least, out=self._least[block])
            np.maximum(self._greatest[block], greatest, out=self._greatest[block])

    def ranges(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(least, greatest) of every block, the blank included where a slice is still to come."""
        least, greatest = self._least.copy(), self._greatest.copy()
        for block in range(len(least)):
            if not self._present[block * EDGE : block * EDGE + EDGE + 1].all():
                np.minimum(least[block], self._blank, out=least[block])
                np.maximum(greatest[block], self._blank, out=greatest[block])
        return least, greatest


def occupied(
    least: NDArray[np.float32],
    greatest: NDArray[np.float32],
    is_visible: NDArray[np.bool_],
    domain: tuple[float, float],
) -> NDArray[np.bool_]:
    """Blocks in which some value between least and greatest is visible: prefix sums over the table's entries.

    is_visible: of the entries spread evenly over `domain` (in the same values as the blocks), with one more at each end
    for all values beyond.
    """
    entries = len(is_visible) - 2
    sums = np.concatenate([[0], np.cumsum(is_visible)])
    scale = (entries - 1) / (domain[1] - domain[0])
    low, high = (np.minimum(least, greatest), np.maximum(least, greatest)) if scale > 0 else (greatest, least)
    first = np.clip(np.floor((low - domain[0]) * scale), 0, entries + 1).astype(np.int32)  # one entry to spare
    last = np.clip(np.ceil((high - domain[0]) * scale) + 2, 0, entries + 1).astype(np.int32)
    return np.asarray(sums[last + 1] - sums[first] > 0)


def distances(is_occupied: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Chebyshev distance, in blocks, of every block to the nearest occupied one (0: occupied; at most 255).

    A block at distance d is met by the d-th growth of the occupied ones by a block to all sides, not before. Blocks are
    bits, 64 of a row in a word, so that a growth costs microseconds; there are as many as the widest gap has blocks.
    """
    if not is_occupied.any():
        return np.full(is_occupied.shape, MOST_DISTANCE, np.uint8)
    found = np.zeros(is_occupied.shape, np.uint8)
    words, is_met = _packed(is_occupied), is_occupied
    for _ in range(MOST_DISTANCE):
        if is_met.all():
            break
        found += ~is_met
        words = _grown(words)
        is_met = _unpacked(words, is_occupied.shape[2])
    return found


def _packed(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The last axis as bits, the lowest first, in words of 64."""
    room = -mask.shape[2] % _WORD
    bits = np.packbits(np.pad(mask, ((0, 0), (0, 0), (0, room))), axis=2, bitorder="little")
    return np.asarray(bits.view("<u8"), np.uint64)


def _unpacked(words: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    bits = np.unpackbits(words.view(np.uint8), axis=2, bitorder="little", count=count)
    return bits.view(np.bool_)


def _grown(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every block and its 26 neighbours."""
    one, last = np.uint64(1), np.uint64(_WORD - 1)
    wide: NDArray[np.uint64] = words | words << one | words >> one
    wide[..., 1:] |= words[..., :-1] >> last  # from word to word
    wide[..., :-1] |= words[..., 1:] << last
    wider = wide.copy()
    wider[:, 1:] |= wide[:, :-1]
    wider[:, :-1] |= wide[:, 1:]
    widest = wider.copy()
    widest[1:] |= wider[:-1]
    widest[:-1] |= wider[1:]
    return widest
