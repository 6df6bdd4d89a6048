"""Row 2: an import end to end into the encrypted archive, against the floor of row 1, dcmmkdir and Orthanc."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Figure, Row, race
from tests.bench.place import Place, paths_below
from tests.bench.row_scan import FLOOR, warm_floor

DCMMKDIR, ORTHANC, LISTING = "dcmmkdir", "Orthanc (4 connections)", "scandir + stat"
MOST_MEMORY_MB = 150.0


def rows(place: Place) -> Iterator[Row]:
    peers = (Budget(DCMMKDIR, least=1.5), Budget(ORTHANC, least=8))
    yield _first_import(place, "CT files with a scanner's header", place.sparse_ct(), (Budget(FLOOR, most=22), *peers))
    yield _first_import(place, "small MR files", place.small_files(), (Budget(FLOOR, most=10), *peers))
    yield _again(place, place.small_files())
    yield _memory(place)


def _first_import(place: Place, what: str, folder: Path, budgets: tuple[Budget, ...]) -> Row:
    paths = paths_below(folder)
    numbers = count()

    def ours() -> float:
        data_dir = place.folder / f"archive-{folder.name}-{next(numbers)}"
        with Child("our_import", str(data_dir), str(folder), env=place.environment) as child:
            found = child.ask()
        assert found["files"]["imported"] == len(paths), found
        shutil.rmtree(data_dir)
        return float(found["seconds"])

    def dcmmkdir() -> None:
        if not shutil.which("dcmmkdir"):
            raise Absent(DCMMKDIR)
        words = [
            "dcmmkdir",
            "+r",
            "+id",
            str(folder),
            "+D",
            str(place.folder / "DICOMDIR"),
            "-Nxc",
            "+I",
            *_names(folder),
        ]
        subprocess.run(words, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    contestants = [Contestant(FLOOR, lambda: warm_floor(paths)), Contestant(OURS, ours), Contestant(DCMMKDIR, dcmmkdir)]
    return race(f"{len(paths):,} {what}", contestants, 3, budgets)


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def _again(place: Place, folder: Path) -> Row:
    """The same tree a second time: nothing is opened."""

    def listing() -> None:
        for root, _, _ in os.walk(folder):
            with os.scandir(root) as entries:
                for entry in entries:
                    entry.stat()

    data_dir = place.folder / "archive-again"
    with Child("our_import", str(data_dir), str(folder), env=place.environment) as child:
        contestants = [Contestant(LISTING, listing), Contestant(OURS, lambda: float(child.ask()["seconds"]))]
        title = f"the same {len(paths_below(folder)):,} small files again, unchanged"
        row = race(title, contestants, place.rounds, [Budget(LISTING, most=2, plus_s=0.05)])
        assert not child.ask()["files"]["imported"]
    shutil.rmtree(data_dir)
    return row


def _memory(place: Place) -> Row:
    folder = place.many_files()
    data_dir = place.folder / f"archive-of-{folder.name}"  # row 3 looks at it again
    with Child("our_import", str(data_dir), str(folder), env=place.environment) as child:
        found = child.ask()
    files = found["files"]["imported"]
    row = Row(f"memory for {files:,} small files")
    row.figures.append(Figure("peak beyond an idle process", found["peak_mb"] - found["idle_mb"], "MB", MOST_MEMORY_MB))
    row.notes.append(f"{found['seconds']:.1f} s, {files / found['seconds']:.0f} files/s")
    return row
