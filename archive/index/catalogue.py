"""Catalogue: the archive as its callers see it, on disk or in memory; the only door to the database."""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from archive.errors import ArchiveClosed, BadBackup, CannotWrite
from archive.index import files, locks, opening
from archive.index.engine import Engine
from archive.index.keys import Ask, Key
from archive.index.mounts import Mounts
from archive.index.opening import Opened
from archive.index.precious import Hand
from archive.index.reading import Reader
from archive.index.records import (
    PRESENT,
    Notice,
    OpenedRow,
    Page,
    SeriesRecord,
    SeriesRow,
    StudyRow,
    Totals,
    Undone,
    Verified,
)


class Catalogue:
    """An archive. Safe to share between threads. Use as a context manager.

    exists: False where there is no archive: reading finds nothing, and nothing is made.
    data_dir: None in memory.
    notices: what is odd ("changes-missing": the database lost its last commits; "read-only"; "journal-behind").
    key: of an archive on disk.
    """

    def __init__(self, engine: Engine, data_dir: str | None, exists: bool = True, opened: Opened | None = None) -> None:
        self.engine = engine
        self.data_dir = data_dir
        self.exists = exists
        self.key: Key | None = opened.key if opened else None
        self.notices: tuple[Notice, ...] = opened.notices if opened else ()
        self._changed = False  # since it was opened
        self._use: locks.Use | None = None
        self._reader = Reader(engine)
        self._hand = Hand(engine)

    @classmethod
    def open(cls, data_dir: str, create: bool = False, ask: Ask | None = None) -> "Catalogue":
        """The archive of a data directory; without one and without `create`, an empty one in memory.

        ask: called for the passphrase of an archive that has one. Never changes an archive it cannot open.
        Raises KeyLost, ArchiveSealed, WrongKey, ArchiveDamaged, ArchiveNewer, ArchiveLocked.
        """
        found = opening.find(data_dir)
        if found is None and not create:
            return cls(opening.engine_in_memory(), None, exists=False)
        if found is None:
            _make_where_there_is_none(data_dir)
        use = locks.Use(data_dir)
        try:
            found = opening.find(data_dir)
            assert found is not None
            opened = opening.opened(data_dir, found, ask)
        except BaseException:
            use.end()
            raise
        catalogue = cls(opened.engine, data_dir, opened=opened)
        catalogue._use = use
        return catalogue

    @classmethod
    def in_memory(cls) -> "Catalogue":
        """A catalogue that never touches the disk (--session, and paths as selectors)."""
        return cls(opening.engine_in_memory(), None)

    def __enter__(self) -> "Catalogue":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write down the commits and end. A second time does nothing."""
        self.saved()
        self.engine.close()
        if self._use is not None:
            self._use.end()

    def saved(self) -> None:
        """What was committed is on the disk: let the sidecar and the journal follow.

        Where they cannot (a full disk), nothing is lost: they catch up the next time, and a notice says so.
        """
        if self.data_dir is None or self.key is None or not self.engine.wrote:
            return
        self._changed = True
        try:
            opening.follow(self.data_dir, self.engine, self.key)
            self.engine.wrote = False
        except ArchiveClosed:
            self._notice(Notice("journal-behind"))

    def back_up_when_due(self) -> tuple[str, ...]:
        """Make the archive's own backups that are due, after something changed; the kinds made. Failing is a notice."""
        from archive.index import backups, journal

        self.saved()
        if self.data_dir is None or self.key is None or not self._changed or self.engine.read_only:
            return ()
        self._changed = False
        try:
            made = backups.keep_up(self.data_dir, self.engine, self.key)
            if made and not journal.is_sound(self.data_dir, self.key):
                self._notice(Notice("journal-damaged"))
            return made
        except (ArchiveClosed, BadBackup) as error:
            self._notice(Notice("backup-failed", {"code": error.code}))
            return ()

    def _notice(self, notice: Notice) -> None:
        if notice not in self.notices:
            self.notices = (*self.notices, notice)

    # Reading ----------------------------------------------------------------------------------------------------

    def search(self, text: str = "", limit: int = 200, after: str = "") -> Page:
        """Studies that match every word, newest first; `after` is the key of the last study of the page before."""
        return self._reader.search(text, limit, after)

    def study(self, key: str) -> StudyRow:
        """A study by its key, its StudyInstanceUID or a unique prefix of it; raises NothingThere, Ambiguous."""
        return self._reader.study(key)

    def series_by(self, selector: str) -> SeriesRecord:
        """A series by key, SeriesInstanceUID or unique prefix; raises NothingThere, Ambiguous."""
        self._follow_volumes()
        return self._reader.series(selector)

    def _follow_volumes(self) -> None:
        """A disk that is mounted elsewhere now: its files are read from there. Never a reason not to read."""
        if self.exists and not self.engine.read_only:
            with contextlib.suppress(ArchiveClosed):
                Mounts(self.engine).follow()

    def all_series(self) -> Sequence[SeriesRow]:
        """Every series, newest study first."""
        return self._reader.all_series()

    def totals(self) -> Totals:
        return self._reader.totals()

    def thumbnail(self, series_key: str) -> bytes | None:
        """The PNG kept for a series."""
        return self._reader.thumbnail(series_key)

    def recent(self, limit: int = 20) -> tuple[OpenedRow, ...]:
        """The series opened last, newest first."""
        return self._reader.recent(limit)

    # A person's doing: short writes, each undoable ----------------------------------------------------------------

    def tag(self, study: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> StudyRow:
        """Put tags on a study and take some off."""
        key = self.study(study).key
        self._hand.tag(key, tuple(add), tuple(remove))
        self.saved()
        return self.study(key)

    def note(self, study: str, text: str) -> StudyRow:
        """Set a study's note; an empty text takes it away."""
        key = self.study(study).key
        self._hand.note(key, text)
        self.saved()
        return self.study(key)

    def forget(self, level: str, selector: str) -> int:
        """Take a "series", "study" or "patient" out of the archive (never its files); how many images it had."""
        count = self._hand.forget(level, self._key(level, selector))
        self.saved()
        return count

    def _key(self, level: str, selector: str) -> str:
        if level == "patient":
            return selector
        return self.series_by(selector).row.key if level == "series" else self.study(selector).key

    def merge(self, patient: str, into: str) -> None:
        """Show the studies of one patient record under another; both by key."""
        self._hand.merge(patient, into)
        self.saved()

    def split(self, patient: str) -> int:
        """Take back every merge into this patient; how many records stand alone again."""
        count = self._hand.split(patient)
        self.saved()
        return count

    def undo(self) -> Undone:
        """Take back the last forget, tag, note, merge or split; raises NothingThere."""
        done = self._hand.undo()
        self.saved()
        return done

    def keep_thumbnail(self, series_key: str, png: bytes) -> None:
        if not self.engine.read_only:
            self._hand.keep_thumbnail(series_key, png)

    def remember_opened(self, series_key: str, view: Mapping[str, Any] | None = None) -> None:
        """Note that a series was opened, and how it was left (None: as before)."""
        if self.engine.read_only:
            return
        self._hand.remember_opened(series_key, view)
        self.saved()

    def journal_entries(self) -> list[dict[str, Any]]:
        """Every event, oldest first."""
        return [
            {"id": row["id"], "at": row["at"], "kind": row["kind"], **json.loads(row["facts"])}
            for row in self.engine.rows("events_after", row_id=0)
        ]

    def keep_receipt(self, body: bytes, most: int) -> None:
        """Keep what an import said of itself; older ones than the last `most` go."""
        with self.engine.writing():
            newest = self.engine.run("new_receipt", at=datetime.now(UTC).isoformat(timespec="seconds"), body=body)
            self.engine.run("drop_receipts", last_id=newest - most)

    def receipts(self, limit: int) -> list[tuple[str, bytes]]:
        """When (ISO, UTC) the last imports ended and what they said, newest first."""
        return [(row["at"], bytes(row["body"])) for row in self.engine.rows("receipts", limit=limit)]

    # Looking at the files -----------------------------------------------------------------------------------------

    def look(self, series_key: str) -> str:
        """Look whether the files of a series are as they were; keep and return its state."""
        from archive.index import checking

        row = self.engine.row("series_by_key", key=series_key)
        return checking.series_state(checking.look(self.engine, row)) if row else PRESENT

    def verify(self, root: bytes | None = None, deep: bool = False) -> Verified:
        """Look at every file below a root (all without one); `deep` reads the headers again and compares them."""
        from archive.index import checking

        return checking.verify(self.engine, root, deep)

    def relink(self, new: bytes, old: bytes | None = None) -> int:
        """Find missing files below `new` by what is in them; how many were found. Raises PathGone, ArchiveLocked.

        Where `new` is one image, those that moved along with it are looked up as well.
        """
        from archive.index import relinking
        from archive.intake import finding

        found, pointed_at = finding.images_below(new), finding.header_at(new)
        with locks.importing(self.data_dir):
            if pointed_at is not None:
                expected = relinking.expected_with(self.engine, new, pointed_at)
                found = finding.images_at(expected, os.path.dirname(new))
            count = relinking.relink(self.engine, found, finding.read, old)
        self.saved()
        return count


def _make_where_there_is_none(data_dir: str) -> None:
    """A new archive, made once however many make it at the same time; raises CannotWrite."""
    try:
        files.make_private_folder(data_dir)
        with locks.importing(data_dir):
            if opening.find_alone(data_dir) is None:
                opening.make(data_dir).engine.close()
    except OSError as error:
        name = os.path.basename(data_dir.rstrip(os.sep))
        raise CannotWrite(name=name, reason=os.strerror(error.errno or 0)) from None
