"""The order of an import: walk, read, group, commit, derive; the only place that knows it."""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from archive.errors import PathGone
from archive.index import locks
from archive.index.adding import Added, Adder, Arrival, Folder
from archive.index.catalogue import Catalogue
from archive.index.deriving import derive, underived
from archive.index.records import KnownFile, Totals
from archive.intake.containers import Containers
from archive.intake.found import FoundFile, Refusal
from archive.intake.header import Header
from archive.intake.reading import TolerantParser, header_of
from archive.intake.receipt import OUTCOMES, Conflict, Named, Notice, Progress, Receipt, difference
from archive.intake.twins import same_pixels
from archive.intake.walking import walk
from archive.sandbox.client import Parser

BATCH = 256  # files committed together: some 50 ms, so that tags and notes never wait for long
BATCH_S = 0.5  # or as many as were read in this time: a slow disc is saved and seen as it comes
TRANSIENT = ("permission", "io-error", "vanished")  # may be gone at the next import, though the file looks the same


def import_paths(
    paths: Sequence[bytes],
    catalogue: Catalogue,
    parser_factory: Callable[[], contextlib.AbstractContextManager[TolerantParser]] | None = Parser,
) -> Iterator[Progress]:
    """Import files and folders in place. Closing the generator cancels; what was yielded as done stays.

    Raises ArchiveLocked when another import runs for 60 s, PathGone when no path is there.
    """
    there = [path for path in paths if os.path.lexists(path)]
    if not there:
        raise PathGone(name=_last_part(paths[0]) if paths else "")
    notices = [Notice("path-missing", {"name": _last_part(path)}) for path in paths if path not in there]
    with contextlib.ExitStack() as held:
        held.enter_context(locks.importing(catalogue.data_dir))
        parser = held.enter_context(parser_factory()) if parser_factory else None
        held.callback(catalogue.saved)
        yield from _Import(catalogue, parser, notices).run(there)


class _Import:
    """One import under way: what was found so far, what awaits the next commit."""

    def __init__(self, catalogue: Catalogue, parser: TolerantParser | None, notices: list[Notice]) -> None:
        self._catalogue = catalogue
        self._parser = parser
        self._notices = notices
        self._adder = Adder(catalogue.engine, same_pixels)
        self._pending: list[tuple[Arrival, FoundFile]] = []
        self._since = self._began = time.monotonic()
        self._found = 0
        self._outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self._named: dict[str, list[Named]] = {"skipped": [], "unreadable": []}
        self._last_touched: set[int] = set()
        self._derived: set[int] = set()
        self._conflicts: dict[tuple[str, bytes, str | None], Conflict] = {}

    def run(self, paths: Sequence[bytes]) -> Iterator[Progress]:
        before = self._catalogue.totals()
        with Containers() as containers:
            for found in walk(paths):
                self._found += len(found.files)
                folder = self._adder.folder(found.path)
                for file in found.files:
                    self._take(folder, file, containers)
                    if len(self._pending) >= BATCH or time.monotonic() - self._since > BATCH_S:
                        self._commit()
                        self._derive_finished()
                        yield self._progress()
                yield self._progress(folder_done=True)
        self._commit()
        yield from self._derive_all()
        yield self._progress(receipt=self._receipt(before))

    def _take(self, folder: Folder, file: FoundFile, containers: Containers) -> None:
        """Known files are counted, others read; what the walk refused was never opened and is not kept."""
        known = folder.files.get(file.name)
        if file.refusal is not None:
            self._refused(file, file.refusal.code, file.refusal.facts, file.refusal.outcome)
        elif known and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
            self._seen_before(file, known)
        else:
            self._read(folder, file, header_of(file, self._parser, containers))

    def _read(self, folder: Folder, file: FoundFile, outcome: Header | Refusal) -> None:
        """A header awaits the next commit, and so does a refusal, so that the file need not be opened again."""
        found: Header | KnownFile
        if isinstance(outcome, Refusal):
            self._refused(file, outcome.code, outcome.facts, outcome.outcome)
            if outcome.code in TRANSIENT:
                return
            found = KnownFile(file.size, file.mtime_ns, outcome.outcome, outcome.code, outcome.facts)
        else:
            found = outcome
        self._pending.append((Arrival(folder, file.name, file.member, file.size, file.mtime_ns, found), file))

    def _seen_before(self, file: FoundFile, known: KnownFile) -> None:
        """An image is known; what was refused is refused again, for the same reason, without opening it."""
        if known.outcome in self._named:
            self._refused(file, known.code, known.facts, known.outcome)
        else:
            self._outcomes["known"] += 1

    def _refused(self, file: FoundFile, code: str, facts: dict[str, object], outcome: str) -> None:
        self._outcomes[outcome] += 1
        self._named[outcome].append(Named(file.path, file.member, code, facts))

    def _commit(self) -> None:
        self._since = time.monotonic()
        if not self._pending:
            return
        added = self._adder.add([arrival for arrival, _ in self._pending])
        for (arrival, file), outcome in zip(self._pending, added, strict=True):
            if not isinstance(arrival.found, KnownFile):
                self._outcomes[outcome.outcome] += 1
                self._note_conflict(file, outcome)
        self._pending.clear()
        self._since = time.monotonic()

    def _note_conflict(self, file: FoundFile, added: Added) -> None:
        if not added.conflicts:
            return
        first = (added.sop_instance_uid, *added.conflicts[0])
        earlier = self._conflicts.get(first)
        paths = (*(earlier.paths if earlier else added.conflicts), (file.path, file.member))
        self._conflicts[first] = Conflict(added.sop_instance_uid, paths)

    def _derive_finished(self) -> None:
        """Series that the last commit did not add to are probably whole: their verdict need not wait for the end.

        Once each, or a series strewn over many folders would be split anew with every commit.
        """
        finished = self._last_touched - self._adder.touched - self._derived
        self._last_touched, self._adder.touched = self._adder.touched, set()
        self._derived |= finished
        for series in finished:
            derive(self._catalogue.engine, series)

    def _derive_all(self) -> Iterator[Progress]:
        """Stacks and verdicts of what was touched, now or by an import that was killed."""
        for series in underived(self._catalogue.engine):
            derive(self._catalogue.engine, series)
            yield self._progress()

    def _progress(self, folder_done: bool = False, receipt: Receipt | None = None) -> Progress:
        done = self._outcomes.total()
        return Progress(self._found, done, dict(self._outcomes), time.monotonic() - self._began, folder_done, receipt)

    def _receipt(self, before: Totals) -> Receipt:
        totals = self._catalogue.totals()
        partly = self._outcomes["unreadable"] or any(notice.code == "path-missing" for notice in self._notices)
        return Receipt(
            files={"found": self._found, **self._outcomes},
            added=difference(totals, before),
            totals=totals,
            skipped=tuple(self._named["skipped"]),
            unreadable=tuple(self._named["unreadable"]),
            conflicts=tuple(self._conflicts.values()),
            notices=tuple(self._notices),
            seconds=time.monotonic() - self._began,
            status=3 if partly else 0,
        )


def _last_part(path: bytes) -> str:
    return os.path.basename(path.rstrip(b"/")).decode("utf-8", "replace")
