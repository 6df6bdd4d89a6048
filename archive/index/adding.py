"""Adding: what an import found goes into the database, a batch at a time, each batch whole or not at all."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from archive.index import describing
from archive.index.engine import Engine
from archive.index.mounts import Mounts
from archive.index.open_series import OpenSeries
from archive.index.packing import pack_files, unpack_files
from archive.index.reading import file_ref, path_of
from archive.index.records import Instance, KnownFile, Location
from archive.index.refreshing import refresh_study
from archive.intake.header import Header
from archive.intake.places import same_time
from archive.stack import FileRef

_KEPT_OPEN = 32  # series whose images stay unpacked between batches


@dataclass(eq=False)
class Folder:
    """A folder (or container) and what became of its files; changed by Adder as batches are committed."""

    path: bytes
    row: int = 0  # 0: not in the database yet
    files: dict[bytes, KnownFile] = field(default_factory=dict)
    system: str = ""  # kind of the file system it lies on, where that is known

    def known(self, name: bytes, size: int, mtime_ns: int) -> KnownFile | None:
        """What is known of a file that looks as it did; None where it is new or changed."""
        found = self.files.get(name)
        same = found is not None and found.size == size and same_time(found.mtime_ns, mtime_ns, self.system)
        return found if same else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file that was looked at: its header, or the refusal (a KnownFile) that says why there is none."""

    folder: Folder
    name: bytes  # under which the folder keeps it
    member: str | None
    size: int
    mtime_ns: int
    found: Header | KnownFile


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an arrival; a conflict names the other files of the same SOPInstanceUID."""

    outcome: str
    sop_instance_uid: str = ""
    conflicts: tuple[tuple[bytes, str | None], ...] = ()


class Adder:
    """The writing half of an import. Only ever one at a time in an archive: the import lock is held around it."""

    def __init__(self, engine: Engine, same_pixels: Callable[[FileRef, FileRef], bool]) -> None:
        self._engine = engine
        self._secret = bytes((engine.row("archive") or {})["secret"])
        self._open: OrderedDict[int, OpenSeries] = OrderedDict()
        self._rows_of: dict[tuple[bytes, ...], int] = {}  # grouping -> series row
        self._mounts = Mounts(engine)
        self._same_pixels = same_pixels  # of two files with one UID and one header
        self._forgotten: frozenset[int] = frozenset()
        self._paths: dict[int, bytes] = {}
        self.touched: set[int] = set()  # series changed since the caller emptied it

    def folder(self, path: bytes) -> Folder:
        """What is known of a folder's files; those of forgotten series are not known any more."""
        return folder_of(self._engine, path, self._mounts)

    def add(self, arrivals: Sequence[Arrival]) -> list[Added]:
        """One batch, one transaction. When this returns, the batch is on the disk."""
        with self._engine.writing():
            self._see_forgotten()
            for folder in {id(a.folder): a.folder for a in arrivals}.values():
                self._enter(folder)
            added = [self._add(arrival) for arrival in arrivals]
            self._write(arrivals)
        return added

    def _see_forgotten(self) -> None:
        """Somebody may have forgotten or brought back series since the last batch."""
        hidden = _hidden(self._engine)
        if hidden != self._forgotten:
            self._open.clear()
            self._rows_of.clear()
            self._forgotten = hidden

    def _enter(self, folder: Folder) -> None:
        if not folder.row:
            volume = self._mounts.entered(folder.path)
            folder.row = self._engine.run("new_folder", volume=volume, path=folder.path, files=pack_files({}))
        self._paths[folder.row] = folder.path

    def _add(self, arrival: Arrival) -> Added:
        before = arrival.folder.files.get(arrival.name)
        location = Location(
            arrival.folder.row,
            arrival.name if arrival.member is None else b"",
            arrival.member,
            arrival.size,
            arrival.mtime_ns,
        )
        if isinstance(arrival.found, KnownFile):
            if before and before.series:
                self._displace(before.series, location)
            arrival.folder.files[arrival.name] = arrival.found
            return Added(arrival.found.outcome)
        series = self._series_of(arrival.found)
        image = describing.instance(arrival.found, location)
        if before and before.series == series.row and series.replace(image, arrival.found):
            added = Added("imported", image.sop_instance_uid)
        else:
            if before and before.series:
                self._displace(before.series, location)
            added = self._join(series, image, arrival.found)
        arrival.folder.files[arrival.name] = KnownFile(arrival.size, arrival.mtime_ns, added.outcome, series=series.row)
        self.touched.add(series.row)
        return added

    def _join(self, series: OpenSeries, image: Instance, header: Header) -> Added:
        """A file not seen before: a new image, another copy of one, or another content under the same UID."""
        twins = series.of_uid(image)
        for twin in twins:
            if twin.digest == image.digest and self._same_pixels(self._ref(twin), self._ref(image)):
                series.add_location(twin, image.locations[0])
                return Added("duplicate", image.sop_instance_uid)
        series.append(image, header)
        others = tuple((self._path(at), at.member) for twin in twins for at in twin.locations[:1])
        return Added("imported", image.sop_instance_uid, others)

    def _ref(self, image: Instance) -> FileRef:
        self._path(image.locations[0])
        return file_ref(image, image.locations[0], self._paths)

    def _path(self, location: Location) -> bytes:
        if location.folder not in self._paths:
            self._paths[location.folder] = self._engine.value("folder_path", row_id=location.folder) or b""
        return path_of(location, self._paths[location.folder])

    def _displace(self, series_row: int, location: Location) -> None:
        """The file at a location holds something else now."""
        series = self._opened(series_row)
        if series.drop_location(location):
            self.touched.add(series_row)

    def _series_of(self, header: Header) -> OpenSeries:
        group = describing.grouping(header)
        row = self._rows_of.get(group) or self._entered(header)
        self._rows_of[group] = row
        return self._opened(row)

    def _entered(self, header: Header) -> int:
        """The row of the series a header belongs to; patient, study and series are made where they are new."""
        belongs = describing.belonging(header, self._secret)
        found = self._engine.row("series_by_identity", key=belongs.series)
        if found is not None:
            if found["forgotten"]:
                self._begin_again(found["id"])
            return int(found["id"])
        study = self._engine.value("study_by_identity", key=belongs.study) or self._new_study(header, belongs)
        return self._engine.run(
            "new_series",
            study=study,
            key=belongs.series,
            words=describing.words(header),
            **describing.columns(header, "series"),
        )

    def _new_study(self, header: Header, belongs: describing.Belonging) -> int:
        patient = self._engine.row("patient_by_key", key=belongs.patient)
        patient_row = patient["id"] if patient else self._new_patient(header, belongs.patient)
        return self._engine.run(
            "new_study", patient=patient_row, key=belongs.study, **describing.columns(header, "study")
        )

    def _new_patient(self, header: Header, key: str) -> int:
        names = describing.pack_names(describing.name_forms(header))
        return self._engine.run("new_patient", key=key, names=names, **describing.columns(header, "patient"))

    def _begin_again(self, row: int) -> None:
        """A forgotten series is imported again: only what is imported now is in it."""
        for name in ("drop_parts", "drop_stacks", "drop_thumbnail"):
            self._engine.run(name, series=row)
        self._engine.run("show_series", row_id=row, forgotten=0)
        self._open.pop(row, None)
        self._forgotten -= {row}

    def whole(self, row: int) -> tuple[list[Header], list[Instance]] | None:
        """Every header and image of a series that was just added, where they are still in memory."""
        series = self._open.get(row)
        return series.whole() if series and not series.changed else None

    def _opened(self, row: int) -> OpenSeries:
        series = self._open.get(row)
        if series is None:
            series = self._open[row] = OpenSeries.load(self._engine, row)
        self._open.move_to_end(row)
        return series

    def _write(self, arrivals: Iterable[Arrival]) -> None:
        changed = [series for series in self._open.values() if series.changed]
        for series in changed:
            series.save(self._engine)
        for study in {series.study for series in changed}:
            refresh_study(self._engine, study)
        for folder in {id(a.folder): a.folder for a in arrivals}.values():
            self._engine.run("keep_files", row_id=folder.row, files=pack_files(folder.files))
        while len(self._open) > _KEPT_OPEN:
            self._open.popitem(last=False)


def folder_of(engine: Engine, path: bytes, mounts: Mounts) -> Folder:
    """A folder as the database knows it; files of forgotten series are not known any more."""
    volume = mounts.row_of(path)
    row = engine.row("folder_by_path", volume=volume, path=path)
    if row is None:
        return Folder(path)
    hidden = _hidden(engine)
    files = {name: known for name, known in unpack_files(row["files"]).items() if known.series not in hidden}
    return Folder(path, row["id"], files, mounts.system_of(volume))


def _hidden(engine: Engine) -> frozenset[int]:
    return frozenset(row["id"] for row in engine.rows("forgotten_series"))
