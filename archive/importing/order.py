"""The order of an import: walk, read, group, commit, derive; the only place that knows it."""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive.errors import PathGone, ScanError
from archive.importing.admission import Admission
from archive.importing.copies import CopyStore
from archive.importing.copying import Copier
from archive.importing.discs import Discs
from archive.importing.receipt import OUTCOMES, Conflict, Named, Progress, Receipt, difference, keep
from archive.index import locks
from archive.index.adding import Added, Adder, Arrival, Folder
from archive.index.catalogue import Catalogue
from archive.index.deriving import derive, underived
from archive.index.mounts import Mounts
from archive.index.records import KnownFile, Notice
from archive.intake import places
from archive.intake.ahead import DEPTH, Ahead
from archive.intake.containers import Containers
from archive.intake.found import FoundFile, FoundFolder, Refusal
from archive.intake.header import Header
from archive.intake.layouts import Layouts
from archive.intake.reading import TolerantParser, header_of
from archive.intake.twins import same_pixels
from archive.intake.walking import walk
from archive.sandbox.client import Parser

BATCH = 256  # files committed together: some 50 ms, so that tags and notes never wait for long
BATCH_S = 0.5  # or as many as were read in this time: a slow disc is saved and seen as it comes
TOLD_S = 0.1  # between two steps of progress; a cancelled import ends at the next
TRANSIENT = ("permission", "io-error", "vanished", "patient-limit")  # may pass at the next import of the same file


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an import is wanted.

    copy: keep a managed copy of every image in the data directory. patient_limit: most patients the archive may hold;
    0: no limit.
    """

    copy: bool = False
    patient_limit: int = 0


def import_paths(
    paths: Sequence[bytes],
    catalogue: Catalogue,
    parser_factory: Callable[[], contextlib.AbstractContextManager[TolerantParser]] | None = Parser,
    wishes: Wishes = Wishes(),
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
        yield from _Import(catalogue, parser, notices, wishes).run(there)


class _Import:
    """One import under way: what was found so far, what awaits the next commit."""

    def __init__(
        self, catalogue: Catalogue, parser: TolerantParser | None, notices: list[Notice], wishes: Wishes
    ) -> None:
        Mounts(catalogue.engine).follow()
        self._catalogue = catalogue
        self._parser = parser
        self._notices = notices
        self._before = catalogue.totals()
        self._admission = Admission(catalogue.engine, wishes.patient_limit, self._before.patients)
        self._adder = Adder(catalogue.engine, same_pixels)
        self._layouts, self._ahead = Layouts(), Ahead()
        copies = wishes.copy and catalogue.data_dir is not None
        self._copier = Copier(CopyStore(str(catalogue.data_dir)), self._adder) if copies else None
        self._discs = Discs()
        self._folder = Folder(b"")
        self._pending: list[tuple[Arrival, FoundFile | None]] = []  # None: a managed copy, counted by nobody
        self._since = self._began = time.monotonic()
        self._told = 0.0
        self._found = 0
        self._outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self._named: dict[str, list[Named]] = {"skipped": [], "unreadable": []}
        self._last_touched: set[int] = set()
        self._derived: set[int] = set()
        self._conflicts: dict[tuple[str, bytes, str | None], Conflict] = {}

    def run(self, paths: Sequence[bytes]) -> Iterator[Progress]:
        """The import; its receipt is kept however it ends, short of the end of the process."""
        self._notices += _where_they_lie(paths) if self._catalogue.data_dir is not None else ()
        try:
            with Containers() as containers:
                for found in walk(paths):
                    yield from self._take_folder(found, containers)
            self._commit()
            yield from self._derive_all()
        except (GeneratorExit, KeyboardInterrupt):
            with contextlib.suppress(ScanError):  # an archive that was closed first has no place for it
                keep(self._catalogue, self._receipt(is_whole=False))
            raise
        receipt = self._receipt()
        keep(self._catalogue, receipt)
        yield self._progress(receipt)

    def _take_folder(self, found: FoundFolder, containers: Containers) -> Iterator[Progress]:
        self._found += len(found.files)
        self._discs.enter(found, containers)
        if self._folder.path != found.path:  # a large folder comes in pieces, and knows what awaits the commit
            self._folder = self._adder.folder(found.path)
        for number, file in enumerate(found.files):
            if self._ahead.pays:
                self._fetch(found.files[number + DEPTH : number + DEPTH + 1])
            self._take(self._folder, file, containers)
            if len(self._pending) >= BATCH or time.monotonic() - self._since > BATCH_S:
                self._commit()
                self._derive_finished()
            yield from self._due()
        if len(self._pending) >= BATCH // 2:  # the end of a folder is mostly that of a series: packed once, not twice
            self._commit()
            self._derive_finished()
        yield from self._due()  # folders without files can be many, too

    def _fetch(self, files: Sequence[FoundFile]) -> None:
        for file in files:
            if self._folder.known(file.name, file.size, file.mtime_ns) is None:
                self._ahead.fetch(file)

    def _take(self, folder: Folder, file: FoundFile, containers: Containers) -> None:
        """Known files are counted, others read; what the walk refused was never opened and is not kept."""
        known = folder.known(file.name, file.size, file.mtime_ns)
        if file.refusal is not None:
            self._refused(file, file.refusal.code, file.refusal.facts, file.refusal.outcome)
        elif known is not None:
            self._seen_before(file, known, containers)
        else:
            began = time.perf_counter()
            header = header_of(file, self._parser, containers, self._layouts)
            self._ahead.took(time.perf_counter() - began)
            self._read(folder, file, header, containers)

    def _read(self, folder: Folder, file: FoundFile, outcome: Header | Refusal, containers: Containers) -> None:
        """A header awaits the next commit, and so does a refusal, so that the file need not be opened again."""
        found: Header | KnownFile
        if isinstance(outcome, Header) and not self._admission.admits(outcome):
            outcome = Refusal("patient-limit", {"limit": self._admission.limit})
        if isinstance(outcome, Refusal):
            self._refused(file, outcome.code, outcome.facts, outcome.outcome)
            if outcome.code in TRANSIENT:
                return
            found = KnownFile(file.size, file.mtime_ns, outcome.outcome, outcome.code, outcome.facts)
        else:
            self._discs.saw(file, True)
            found = outcome
        self._pending.append((Arrival(folder, file.name, file.member, file.size, file.mtime_ns, found), file))
        if isinstance(found, Header):
            self._copy(file, found, containers)

    def _copy(self, file: FoundFile, header: Header, containers: Containers) -> None:
        copy = self._copier.arrival(file, header, containers) if self._copier else None
        if copy is not None:
            self._pending.append((copy, None))

    def _seen_before(self, file: FoundFile, known: KnownFile, containers: Containers) -> None:
        """An image is known; what was refused is refused again, for the same reason, without opening it."""
        if known.outcome in self._named:
            self._refused(file, known.code, known.facts, known.outcome)
            return
        self._outcomes["known"] += 1
        self._discs.saw(file, True)
        if self._copier is not None:
            header = header_of(file, self._parser, containers)
            if isinstance(header, Header):
                self._copy(file, header, containers)

    def _refused(self, file: FoundFile, code: str, facts: dict[str, object], outcome: str) -> None:
        self._outcomes[outcome] += 1
        self._named[outcome].append(Named(file.path, file.member, code, facts))
        self._discs.saw(file, False)

    def _commit(self) -> None:
        self._since = time.monotonic()
        if not self._pending:
            return
        added = self._adder.add([arrival for arrival, _ in self._pending])
        for (arrival, file), outcome in zip(self._pending, added, strict=True):
            if file is not None and not isinstance(arrival.found, KnownFile):
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
            derive(self._catalogue.engine, series, self._adder.whole(series))

    def _derive_all(self) -> Iterator[Progress]:
        """Stacks and verdicts of what was touched, now or by an import that was killed."""
        for series in underived(self._catalogue.engine):
            derive(self._catalogue.engine, series, self._adder.whole(series))
            yield from self._due()

    def _due(self) -> Iterator[Progress]:
        """A step of progress, where the last one was long enough ago."""
        if time.monotonic() - self._told >= TOLD_S:
            yield self._progress()

    def _progress(self, receipt: Receipt | None = None) -> Progress:
        self._told = time.monotonic()
        done = self._outcomes.total()
        return Progress(self._found, done, dict(self._outcomes), self._told - self._began, receipt)

    def _receipt(self, is_whole: bool = True) -> Receipt:
        totals = self._catalogue.totals()
        notices = (*self._notices, *self._discs.notices(), *self._troubles(is_whole))
        partly = self._outcomes["unreadable"] or any(notice.code in PARTLY for notice in notices)
        return Receipt(
            files={"found": self._found if is_whole else self._outcomes.total(), **self._outcomes},
            added=difference(totals, self._before),
            totals=totals,
            skipped=tuple(self._named["skipped"]),
            unreadable=tuple(self._named["unreadable"]),
            conflicts=tuple(self._conflicts.values()),
            notices=notices,
            seconds=time.monotonic() - self._began,
            status=3 if partly else 0,
            copied=self._copier.facts() if self._copier else None,
        )

    def _troubles(self, is_whole: bool) -> Iterator[Notice]:
        failing = sum(named.code == "io-error" for named in self._named["unreadable"])
        if failing:
            yield Notice("drive-errors", {"count": failing})
        if self._copier is not None and self._copier.failed:
            yield Notice("copies-failed", {"count": self._copier.failed})
        if not is_whole:
            yield Notice("cancelled")


PARTLY = ("path-missing", "copies-failed", "cancelled")  # notices that make a receipt one of a thing done in part


def _where_they_lie(paths: Sequence[bytes]) -> Iterator[Notice]:
    """Scans on a disc or stick are only there while it is in."""
    mounted = places.volumes()
    if any(volume.can_be_taken_out for path in paths if (volume := places.volume_of(path, mounted))):
        yield Notice("removable-medium")


def _last_part(path: bytes) -> str:
    return os.path.basename(path.rstrip(b"/")).decode("utf-8", "replace")
