"""Row 1: reading headers, against the least that any reader must do, and against pydicom and GDCM."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench import corpus
from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Row, race
from tests.bench.place import Place, paths_below

FLOOR, PYDICOM, GDCM = "open + read 8 KiB + close", "pydicom stop_before_pixels", "GDCM Scanner"
WARM = (Budget(FLOOR, most=9), Budget(PYDICOM, least=12), Budget(GDCM, least=5))
COLD = (Budget(FLOOR, most=1.3),)


def rows(place: Place) -> Iterator[Row]:
    made, real = place.full_ct(), corpus.real_ct()
    yield _warm(place, f"{place.size(500, 120)} made CT files, warm", made)
    if real is not None:
        yield _warm(place, "84 real CT files, warm", real)
    yield _cold(place, made)


def floor(paths: Sequence[str]) -> None:
    """The least that anyone can do to look at files."""
    for path in paths:
        fd = os.open(path, os.O_RDONLY)
        os.read(fd, 8192)
        os.close(fd)


def warm_floor(paths: Sequence[str]) -> float:
    """Seconds of one pass, of several in a row: on a busy machine a short pass slips through, a long one waits."""
    passes = 8
    started = time.perf_counter()
    for _ in range(passes):
        floor(paths)
    return (time.perf_counter() - started) / passes


def drop(paths: Sequence[str]) -> None:
    """Ask the system to forget what it holds of files."""
    for path in paths:
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def ours(paths: Sequence[str]) -> None:
    """The headers of all files, as an import reads them."""
    from archive.intake.found import FoundFile
    from archive.intake.header import Header
    from archive.intake.layouts import Layouts
    from archive.intake.reading import header_of

    layouts = Layouts()
    for path in paths:
        found = header_of(FoundFile(os.fsencode(path), None, 0, 0), layouts=layouts)
        assert isinstance(found, Header), found


def pydicom_headers(paths: Sequence[str]) -> None:
    import pydicom

    for path in paths:
        pydicom.dcmread(path, stop_before_pixels=True)


def _warm(place: Place, title: str, folder: Path) -> Row:
    paths = paths_below(folder)
    contestants = [
        Contestant(FLOOR, lambda: warm_floor(paths)),
        Contestant(OURS, lambda: ours(paths)),
        Contestant(PYDICOM, lambda: pydicom_headers(paths)),
    ]
    with suppress(Absent), Child("gdcm_scan") as gdcm:
        return race(title, [*contestants, Contestant(GDCM, lambda: gdcm.seconds(paths=paths))], place.rounds, WARM)
    return race(title, contestants, place.rounds, WARM)


def _cold(place: Place, folder: Path) -> Row:
    paths = paths_below(folder)

    def cold(name: str, read: Callable[[Sequence[str]], None]) -> Contestant:
        return Contestant(name, lambda: clocked_cold(lambda: read(paths), paths))

    return race("The same made files, cold", [cold(FLOOR, floor), cold(OURS, ours)], place.rounds, COLD)


def clocked_cold(work: Callable[[], object], paths: Sequence[str]) -> float:
    """Seconds of a call that finds none of the files in memory."""
    drop(paths)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
