"""Salvaging: every row of a damaged database that can still be read, by its number, past the pages that cannot.

SQLCipher checks each page by itself: one bad page takes only what lies on it, or, where it is an inner page of a table's
tree, what lies below. After an error the connection is of no more use and is opened anew.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from archive.errors import ArchiveClosed, ArchiveDamaged, ArchiveFailing
from archive.index import files
from archive.index.engine import Engine, Row, size_of, table_names
from archive.index.keys import Key
from archive.index.places import NAME

_CHUNK = 256  # rows asked for together where all is well
_ONE_BY_ONE = 128  # rows of a bad stretch asked for singly: more than a page holds; beyond, the end is searched for
_ROWS_A_PAGE = 130  # of the shortest rows
PAGE_BYTES = 4096
_RESERVED_BYTES = 80  # of a page, for its random number and its check


@dataclass
class Salvaged:
    """What was read: rows by table and number, and the stretches of numbers that could not be."""

    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    lost: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    folder_paths: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # volume and path, from the index

    @property
    def is_whole(self) -> bool:
        return not any(self.lost.values())


def salvage(database: str, key: Key, work: str, found: Callable[[str, Key], Engine]) -> Salvaged:
    """Read a database (and its WAL) from a copy in a work folder; the damaged one is not touched.

    found: makes an empty database at a path, for its list of tables. Raises ArchiveDamaged where nothing can be read.
    """
    copy = copied(database, work)
    source = _Source(copy, key)
    if not source.answers():
        _give_schema(copy, key, found)
        if not source.answers():
            raise ArchiveDamaged()
    return _read(source)


def copied(database: str, folder: str) -> str:
    """A copy of a database and its WAL, if it has one, in a folder; its path."""
    copy = os.path.join(folder, NAME)
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(copy + ending)
        if ending != "-shm" and size_of(database + ending) >= 0:
            files.copy_private(database + ending, copy + ending)
    return copy


def _read(source: "_Source") -> Salvaged:
    salvaged = Salvaged()
    with contextlib.closing(source):
        for table in table_names():
            salvaged.rows[table], salvaged.lost[table] = _table(source, table)
        with contextlib.suppress(ArchiveClosed):
            paths = source.rows("folder_paths")
            salvaged.folder_paths = {row["id"]: (row["volume"], bytes(row["path"])) for row in paths}
    return salvaged


class _Source:
    """A database that is opened anew after every error."""

    def __init__(self, path: str, key: Key) -> None:
        self.path, self._key = path, key
        self._engine: Engine | None = None

    def rows(self, name: str, **values: int) -> list[Row]:
        """The rows of a statement; raises ArchiveDamaged or ArchiveFailing."""
        try:
            if self._engine is None:
                self._engine = Engine(self.path, self._key, access="read")
            return self._engine.rows(name, **values)
        except ArchiveClosed:
            self.close()
            raise

    def stretch(self, table: str, low: int, high: int) -> list[Row] | None:
        """The rows numbered low to high; None where a page of them is bad."""
        try:
            return self.rows(f"rows_between.{table}", low=low, high=high)
        except (ArchiveDamaged, ArchiveFailing):
            return None

    def answers(self) -> bool:
        """Whether the list of tables can be read at all."""
        try:
            if self._engine is None:
                self._engine = Engine(self.path, self._key, access="read")
            return self._engine.has_tables()
        except ArchiveClosed:
            self.close()
            return False

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _table(source: _Source, table: str) -> tuple[dict[int, Row], list[tuple[int, int]]]:
    """Every readable row of a table, and the stretches that are not."""
    rows: dict[int, Row] = {}
    lost: list[tuple[int, int]] = []
    last, at, size = _last(source, table), 1, _CHUNK
    while at <= last:
        found = source.stretch(table, at, min(at + size - 1, last))
        if found is not None:
            rows |= {row["row_number"]: row for row in found}
            at, size = at + size, min(size * 2, _CHUNK)
        elif size > 1:
            size = max(size // 4, 1)
        else:
            end = _end_of_bad(source, table, at, last)
            lost.append((at, end - 1))
            at = end
    return rows, lost


def _last(source: _Source, table: str) -> int:
    """The highest row number, or a bound of it."""
    try:
        return int(source.rows(f"last_row.{table}")[0][0])  # type: ignore[index]
    except ArchiveClosed:
        return size_of(source.path) // PAGE_BYTES * _ROWS_A_PAGE


def _end_of_bad(source: _Source, table: str, at: int, last: int) -> int:
    """The first row number after a bad one that can be read, or last + 1."""

    def is_good(number: int) -> bool:
        return source.stretch(table, number, number) is not None

    bad, step = at, 1
    while bad + step <= last:
        if is_good(bad + step):
            good = bad + step
            while good - bad > 1:
                middle = (good + bad) // 2
                bad, good = (bad, middle) if is_good(middle) else (middle, good)
            return good
        bad += step
        step = 1 if bad - at < _ONE_BY_ONE else step * 2
    return last + 1


def _give_schema(copy: str, key: Key, found: Callable[[str, Key], Engine]) -> None:
    """The pages of the list of tables are the same in every archive of one format: take them from a new one.

    The new one is filled to the same number of pages, for the first page says how many there are.
    """
    new = f"{copy}.new"
    with contextlib.suppress(ArchiveClosed, OSError):
        with contextlib.closing(found(new, key)) as engine:
            pages = sorted(set(range(1, _pages(engine) + 1)) - engine.root_pages())
            _fill(engine, size_of(copy) // PAGE_BYTES)
        with open(new, "rb") as source, open(copy, "r+b") as target:
            for page in pages:
                for file in (source, target):
                    file.seek((page - 1) * PAGE_BYTES)
                target.write(source.read(PAGE_BYTES))
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new + ending)


def _pages(engine: Engine) -> int:
    return engine.bytes_needed() // PAGE_BYTES


def _fill(engine: Engine, pages: int) -> None:
    """Make a database this many pages long."""
    row = 0
    size = 0
    for _ in range(8):  # the first guess is off by a page or two
        missing = pages - _pages(engine)
        if not missing:
            return
        size += missing * (PAGE_BYTES - _RESERVED_BYTES - 4)  # 4: the number of the next page
        with engine.writing():
            if not row:
                row = engine.run("new_folder", volume=0, path=b"filler", files=bytes(max(size, 0)))
            else:
                engine.run("keep_files", row_id=row, files=bytes(max(size, 0)))
