"""Look-up tables of a data set: palettes to RGB, modality tables to real values, and the window that a VOI table is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.intake.header import Header

MOST_ENTRIES = 65_536  # a descriptor of 0 means as many (PS3.3 C.7.6.3.1.5)
LUT_DESCRIPTOR, LUT_DATA = 0x00283002, 0x00283006
MODALITY_LUT, VOI_LUT = 0x00283000, 0x00283010
PALETTE = (
    (0x00281101, 0x00281201, 0x00281221),
    (0x00281102, 0x00281202, 0x00281222),
    (0x00281103, 0x00281203, 0x00281223),
)


@dataclass(frozen=True, eq=False)
class Table:
    """entries[n] stands for the stored value first + n; values beyond either end count as the end."""

    first: int
    entries: NDArray[Any]  # [n] of real values, or [n, 3] of RGB bytes

    def applied(self, stored: NDArray[Any]) -> NDArray[Any]:
        """The entries of stored values [..., rows, columns]."""
        index = stored.astype(np.int64) - self.first
        return self.entries[np.clip(index, 0, len(self.entries) - 1)]


def palette_of(header: Header) -> Table | None:
    """RGB of a palette; None where the data set has none that can be used."""
    channels, first = [], 0
    for descriptor, plain, segmented in PALETTE:
        described = _described(header, descriptor)
        if described is None:
            return None
        count, first, bits = described
        entries = _entries(header.raw(plain), count) if header.raw(plain) else _expanded(header.raw(segmented), count)
        if not len(entries):
            return None
        channels.append((entries, bits))
    return Table(first, _bytes_of(channels))


def _bytes_of(channels: list[tuple[NDArray[np.uint16], int]]) -> NDArray[np.uint8]:
    """[n, 3]: 16-bit entries reduced, unless all three hold bytes in 16-bit words, as some writers do."""
    count = min(len(entries) for entries, _ in channels)
    colours = np.stack([entries[:count] for entries, _ in channels], axis=-1)
    is_wide = channels[0][1] > 8 and int(colours.max(initial=0)) > 0xFF
    return (colours >> 8 if is_wide else colours & 0xFF).astype(np.uint8)


def modality_of(header: Header) -> Table | None:
    """Real values by the modality LUT (PS3.3 C.11.1.1): unsigned, whatever the stored values are."""
    item = next(iter(header.items_of(MODALITY_LUT)), None)
    described = _described(item, LUT_DESCRIPTOR, header) if item is not None else None
    if item is None or described is None:
        return None
    count, first, _ = described
    entries = _entries(item.raw(LUT_DATA), count)
    return Table(first, entries) if len(entries) else None


def voi_window(header: Header) -> tuple[float, float, str] | None:
    """(centre, width, name) of the values between which a VOI LUT rises: a table is more than a window, but begins as one."""
    item = next(iter(header.items_of(VOI_LUT)), None)
    described = _described(item, LUT_DESCRIPTOR, header) if item is not None else None
    if item is None or described is None:
        return None
    entries = _entries(item.raw(LUT_DATA), described[0])
    if len(entries) < 2:
        return None
    inside = np.flatnonzero((entries > np.min(entries)) & (entries < np.max(entries)))
    if not len(inside):
        return None
    low, high = described[1] + int(inside[0]) - 1, described[1] + int(inside[-1]) + 1
    return (low + high + 1) / 2, float(high - low + 1), item.text("LUTExplanation")


def _described(item: Header, tag: int, whole: Header | None = None) -> tuple[int, int, int] | None:
    """Entries, the first stored value, bits of an entry; the first value is signed where pixels are."""
    raw = item.raw(tag)
    if len(raw) < 6:
        return None
    count, first, bits = (int.from_bytes(raw[at : at + 2], "little") for at in (0, 2, 4))
    is_signed = (whole or item).raw(0x00280103)[:1] == b"\1"
    return count or MOST_ENTRIES, first - 0x10000 if is_signed and first > 0x7FFF else first, bits


def _entries(raw: bytes, count: int) -> NDArray[np.uint16]:
    """Entries of 8 or 16 bits: how many bytes there are decides, descriptors are often wrong."""
    if count > 1 and len(raw) < 2 * count:
        return np.frombuffer(raw, np.uint8)[:count].astype(np.uint16)
    return np.frombuffer(raw[: len(raw) // 2 * 2], "<u2")[:count].astype(np.uint16)


def _expanded(raw: bytes, count: int) -> NDArray[np.uint16]:
    """A segmented table (PS3.3 C.7.9.2): runs as they stand, straight lines, and copies of earlier segments."""
    words = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2").astype(int).tolist()
    found: list[int] = []
    _segments(words, 0, len(words), count, found, may_copy=True)
    return np.array(found[:count], np.uint16)


def _segments(words: list[int], at: int, most: int, count: int, found: list[int], *, may_copy: bool) -> None:
    """Append the entries of up to `most` segments from an index on; never more than `count` entries."""
    for _ in range(most):
        if at + 2 > len(words) or len(found) >= count:
            return
        kind, length = words[at], words[at + 1]
        if kind == 0:
            found += words[at + 2 : at + 2 + min(length, count)]
            at += 2 + length
        elif kind == 1 and found and at + 2 < len(words):
            line = np.linspace(found[-1], words[at + 2], min(length, count) + 1)[1:]
            found += np.rint(line).astype(int).tolist()
            at += 3
        elif kind == 2 and may_copy and at + 3 < len(words):
            offset = (words[at + 2] | words[at + 3] << 16) // 2
            _segments(words, offset, length, count, found, may_copy=False)
            at += 4
        else:
            return
