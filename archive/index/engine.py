"""Engine: connections to SQLCipher, and the compiled statements run by name; the only importer of sqlcipher3."""

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlcipher

from archive.errors import (
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveFailing,
    ArchiveFull,
    ArchiveLocked,
    ArchiveReadOnly,
)
from archive.index import files
from archive.index.keys import Key

Row = Mapping[str, Any]
Access = Literal["write", "read", "immutable"]  # immutable: nobody can write the file, and it has no WAL
BUSY_S = 10.0  # how long a short write waits for another; an import's batches take some 50 ms
_COUNT_TABLES = "SELECT count(*) FROM sqlite_master"
_ROOT_PAGES = "SELECT rootpage FROM sqlite_master"
NEEDED_SQLITE = (3, 51, 3)  # before it, two writing connections can corrupt a WAL


class Engine:
    """One connection, one transaction at a time; threads take turns. wrote: whether anything was committed."""

    def __init__(self, path: str | None, key: Key | None, journal_mode: str = "WAL", access: Access = "write") -> None:
        self._lock = threading.RLock()
        self._texts = statements()
        self.wrote = False
        self.read_only = access != "write"
        with _ours():
            self._connection = _memory() if path is None else _on_disk(path, key, journal_mode, access)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """All rows of a statement, each a mapping by column name."""
        with self._lock, _ours():
            return self._connection.execute(self._texts[name], values).fetchall()  # type: ignore[no-any-return]

    def row(self, name: str, /, **values: Any) -> Row | None:
        """The first row, or None."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def value(self, name: str, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.row(name, **values)
        return None if found is None else found[0]  # type: ignore[index]

    def run(self, name: str, /, **values: Any) -> int:
        """Run a writing statement; the id of the row it inserted."""
        with self._lock, _ours():
            return int(self._connection.execute(self._texts[name], values).lastrowid or 0)

    def run_many(self, name: str, values: Sequence[Mapping[str, Any]]) -> None:
        with self._lock, _ours():
            self._connection.executemany(self._texts[name], values)

    @contextlib.contextmanager
    def writing(self, counted: bool = True) -> Iterator[None]:
        """One transaction: all of it or nothing. Counted in the table `archive`, so that a lost one is noticed."""
        with self._lock:
            if self._connection.in_transaction:  # part of a larger one
                yield
                return
            with _ours():
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                if counted:
                    self.run("count_commit")
                with _ours():
                    self._connection.execute("COMMIT")
                self.wrote = True
            except BaseException:
                if self._connection.in_transaction:  # SQLite has already rolled back a full disk
                    self._connection.execute("ROLLBACK")
                raise

    def changes(self) -> tuple[int, int]:
        """Differs from what it was when anyone has written since."""
        with self._lock, _ours():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0]), self._connection.total_changes

    def create(self, only: str = "") -> None:
        """Make the tables (or the one named); inside writing()."""
        with _ours():
            for name, text in self._texts.items():
                if name.startswith(f"create.{only}"):
                    self._connection.execute(text)

    def has_tables(self) -> bool:
        with self._lock, _ours():
            return bool(self._connection.execute(_COUNT_TABLES).fetchone()[0])

    def root_pages(self) -> set[int]:
        """The first page of each table and index; the first page of all is not among them."""
        with self._lock, _ours():
            return {int(row[0]) for row in self._connection.execute(_ROOT_PAGES).fetchall()}

    def copy_into(self, other: "Engine") -> None:
        """The whole database, as it is now, into another's (encrypted under the other's key)."""
        with self._lock, other._lock, _ours():
            self._connection.backup(other._connection)

    def bytes_needed(self) -> int:
        """How large the database says its file is."""
        with self._lock, _ours():
            pages, size = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
            )
            return int(pages) * int(size)

    def sound(self) -> bool:
        """Whether every page is what was written and the tables hold together; empties the WAL first.

        cipher_integrity_check looks at the file alone: with a WAL beside it, it raises false alarms after a crash.
        """
        with self._lock, _ours():
            run = self._connection.execute
            if not self.read_only:
                run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if run("PRAGMA cipher_integrity_check").fetchall():
                return False
            return [tuple(row) for row in run("PRAGMA quick_check").fetchall()] == [("ok",)]


@cache
def statements() -> Mapping[str, str]:
    """Name -> SQL, from statements.sql (written by statements.py)."""
    with open(os.path.join(os.path.dirname(__file__), "statements.sql"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    return {name[3:]: text for name, text in zip(lines[::2], lines[1::2], strict=False)}


def _memory() -> Any:
    return _prepared(sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False))


def _on_disk(path: str, key: Key | None, journal_mode: str, access: Access) -> Any:
    if sqlcipher.sqlite_version_info < NEEDED_SQLITE:
        raise ArchiveClosed()
    place = f"file:{_address(path)}?mode=rw" + ("&immutable=1" if access == "immutable" else "")
    connection = sqlcipher.connect(place, isolation_level=None, check_same_thread=False, timeout=BUSY_S, uri=True)
    try:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to stderr
        connection.execute("PRAGMA cipher_memory_security = OFF")
        connection.execute(
            "SELECT count(*) FROM sqlite_master"
        ).fetchone()  # the first read decides whether the key fits
        if access == "write":
            connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        else:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA synchronous = FULL")  # what is called saved survives a power cut
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -32768")  # KiB; every page read anew is decrypted anew
        return _prepared(connection)
    except BaseException:
        connection.close()
        raise


def _address(path: str) -> str:
    """A path as part of an address, whatever characters it has."""
    plain = os.path.abspath(path).replace(os.sep, "/")
    return quote(os.fsencode(plain if plain.startswith("/") else f"/{plain}"))


def _prepared(connection: Any) -> Any:
    connection.row_factory = sqlcipher.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextlib.contextmanager
def _ours() -> Iterator[None]:
    """Errors of the library become ours; their words are dropped, for they may quote data."""
    try:
        yield
    except sqlcipher.DatabaseError as error:
        raise _meaning(str(error)) from None
    except sqlcipher.InterfaceError:
        raise ArchiveClosed() from None


MEANINGS: tuple[tuple[str, type[ArchiveClosed]], ...] = (
    ("locked", ArchiveLocked),
    ("readonly", ArchiveReadOnly),
    ("full", ArchiveFull),
    ("not a database", ArchiveDamaged),
    ("malformed", ArchiveDamaged),
    ("no such", ArchiveDamaged),
)


def _meaning(words: str) -> ArchiveClosed:
    if "disk I/O" in words:  # a limit on the size of files shows as this too
        return ArchiveFull() if files.size_is_limited() else ArchiveFailing()
    for part, kind in MEANINGS:
        if part in words:
            return kind()
    return ArchiveClosed()


def table_names() -> tuple[str, ...]:
    """The tables, parents before children."""
    return tuple(name[len("keep_row.") :] for name in statements() if name.startswith("keep_row."))


def size_of(path: str) -> int:
    """Bytes of a database file, -1 where there is none. Never open it: closing it would drop SQLite's locks."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return -1
