"""Opening what a person names: a selector or a path becomes stacks with their files, archived or not."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.errors import BadHeader, NoSuchStack, NoSuchTime, NotDicom, PathGone, ScanError, Unreadable
from archive.stack import FileRef, LeftOut, Stack

if TYPE_CHECKING:
    from archive.importing.receipt import Named, Receipt
    from archive.index.records import SeriesRecord
    from shell.shelf import Shelf


@dataclass(frozen=True)
class Piece:
    """One stack with the files its frames lie in, numbered from 1 within what was named."""

    number: int
    stack: Stack
    files: tuple[FileRef, ...]
    record: "SeriesRecord | None" = None  # None: not DICOM


@dataclass(frozen=True)
class Opened:
    """All that a selector names."""

    pieces: tuple[Piece, ...]
    records: "tuple[SeriesRecord, ...]" = ()
    left_out: tuple[LeftOut, ...] = ()
    format: str = "dicom"
    shelves: "tuple[Shelf, ...]" = field(default=(), repr=False)  # in memory, to be closed

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        for shelf in self.shelves:
            shelf.close()

    def piece(self, number: int | None) -> Piece:
        """The stack of a number; without one, the largest volume, else the largest stack."""
        if number is None:
            if not self.pieces:
                raise NoSuchStack(stack=1, count=0)
            return max(self.pieces, key=_worth)
        for piece in self.pieces:
            if piece.number == number:
                return piece
        raise NoSuchStack(stack=number, count=len(self.pieces))


def time_index(piece: Piece, time: int | None) -> int | None:
    """The 0-based time of a 1-based one."""
    if time is None:
        return None
    if not 1 <= time <= piece.stack.times:
        raise NoSuchTime(time=time, count=piece.stack.times)
    return time - 1


_KINDS = ("document", "image", "frames", "volume")


def _worth(piece: Piece) -> tuple[int, int, int]:
    """Volumes before frames before images; then the most voxels; then the first."""
    it = piece.stack
    return _KINDS.index(it.kind), it.slices * it.rows * it.columns, -piece.number


def opened(shelf: "Shelf", selector: str) -> Opened:
    """A path first, if there is one of this name; else a series of the archive."""
    if os.path.lexists(selector):
        return _of_path(shelf, selector)
    if os.sep in selector or selector.startswith("."):
        raise PathGone(name=os.path.basename(selector.rstrip(os.sep)) or selector)
    return _of_records([shelf.catalogue().series_by(selector)])


def _of_records(records: "Sequence[SeriesRecord]", shelves: "tuple[Shelf, ...]" = ()) -> Opened:
    from archive.volumes.duplicates import without_duplicates

    pieces: list[Piece] = []
    left_out: list[LeftOut] = []
    for record in records:
        split = without_duplicates(record.split, record.files)
        pieces += [Piece(len(pieces) + n, stack, record.files, record) for n, stack in enumerate(split.stacks, 1)]
        left_out += split.left_out
    return Opened(tuple(pieces), tuple(records), tuple(left_out), shelves=shelves)


def _of_path(shelf: "Shelf", path: str) -> Opened:
    """Files of a path in an archive in memory that ends with the call; nothing is kept."""
    visit = shelf.session([path], shelf.texts)
    try:
        catalogue = visit.catalogue()
        records = [catalogue.series_by(row.key) for row in catalogue.all_series()]
        if records:
            return _of_records(records, (visit,))
        receipt = visit.receipt
    except BaseException:
        visit.close()
        raise
    visit.close()
    return _other(path, receipt)


def _other(path: str, receipt: "Receipt | None") -> Opened:
    """What is not DICOM: a file of another kind, or a folder of pictures."""
    from archive.volumes.opening_other import open_other

    fault = _fault(path, receipt)
    if not isinstance(fault, NotDicom):
        raise fault
    found = open_other(os.fsencode(os.path.abspath(path)))
    pieces = tuple(Piece(n + 1, stack, found.files) for n, stack in enumerate(found.stacks))
    return Opened(pieces, left_out=found.left_out, format=found.format)


def _fault(path: str, receipt: "Receipt | None") -> ScanError:
    """Why no image was found below a path."""
    name = os.path.basename(os.path.abspath(path))
    unreadable: tuple[Named, ...] = receipt.unreadable if receipt else ()
    if not unreadable:
        return NotDicom(name=name)
    code = unreadable[0].code
    return BadHeader(name=name) if code == "truncated-header" else Unreadable(name=name, reason=code)
