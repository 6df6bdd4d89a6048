"""Catalogue: the archive as its callers see it, on disk or in memory; the only door to the database."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.errors import CannotWrite
from archive.index import files, locks, opening
from archive.index.engine import Engine
from archive.index.precious import Hand
from archive.index.reading import Reader
from archive.index.records import PRESENT, OpenedRow, Page, SeriesRecord, SeriesRow, StudyRow, Totals, Undone, Verified


class Catalogue:
    """An archive. Safe to share between threads. Use as a context manager.

    exists: False where there is no archive: reading finds nothing, and nothing is made.
    data_dir: None in memory.
    notices: codes of what was found odd at opening ("changes-missing": the database lost its last commits).
    """

    def __init__(self, engine: Engine, data_dir: str | None, exists: bool = True, notices: Sequence[str] = ()) -> None:
        self.engine = engine
        self.data_dir = data_dir
        self.exists = exists
        self.notices = tuple(notices)
        self._reader = Reader(engine)
        self._hand = Hand(engine)

    @classmethod
    def open(cls, data_dir: str, create: bool = False) -> "Catalogue":
        """The archive of a data directory; without one and without `create`, an empty one in memory.

        Raises KeyLost, WrongKey, ArchiveDamaged, ArchiveNewer, ArchiveLocked; never changes an archive it cannot open.
        """
        found = opening.find(data_dir)
        if found is None and not create:
            return cls(opening.engine_in_memory(), None, exists=False)
        if found is None:
            try:
                files.make_private_folder(data_dir)
                with locks.importing(data_dir):  # two first imports at once make one archive
                    found = opening.find(data_dir)
                    if found is None:
                        return cls(opening.make(data_dir), data_dir)
            except OSError as error:
                name = os.path.basename(data_dir.rstrip(os.sep))
                raise CannotWrite(name=name, reason=os.strerror(error.errno or 0)) from None
        engine, notices = opening.engine_on_disk(data_dir, found)
        return cls(engine, data_dir, notices=notices)

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

    def saved(self) -> None:
        """What was committed is on the disk: let the sidecar and the journal follow."""
        if self.data_dir is not None and self.engine.wrote:
            opening.follow(self.data_dir, self.engine)
            self.engine.wrote = False

    # Reading ----------------------------------------------------------------------------------------------------

    def search(self, text: str = "", limit: int = 200, after: str = "") -> Page:
        """Studies that match every word, newest first; `after` is the key of the last study of the page before."""
        return self._reader.search(text, limit, after)

    def study(self, key: str) -> StudyRow:
        """A study by its key, its StudyInstanceUID or a unique prefix of it; raises NothingThere, Ambiguous."""
        return self._reader.study(key)

    def series_by(self, selector: str) -> SeriesRecord:
        """A series by key, SeriesInstanceUID or unique prefix; raises NothingThere, Ambiguous."""
        return self._reader.series(selector)

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
        self._hand.keep_thumbnail(series_key, png)

    def remember_opened(self, series_key: str, view: Mapping[str, Any] | None = None) -> None:
        """Note that a series was opened, and how it was left (None: as before)."""
        self._hand.remember_opened(series_key, view)
        self.saved()

    def journal_entries(self) -> list[dict[str, Any]]:
        """Every event, oldest first."""
        return [
            {"id": row["id"], "at": row["at"], "kind": row["kind"], **json.loads(row["facts"])}
            for row in self.engine.rows("events_after", row_id=0)
        ]

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
        """Find missing files below `new` by what is in them; how many were found. Raises PathGone, ArchiveLocked."""
        from archive.index import relinking
        from archive.intake.finding import images_below

        found, read = images_below(new)
        with locks.importing(self.data_dir):
            count = relinking.relink(self.engine, found, read, old)
        self.saved()
        return count
