"""Row 5: an uncompressed series from the archive into voxels, against cat and the usual readers."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Row, command, race
from tests.bench.place import Place, paths_below
from tests.bench.row_scan import clocked_cold

CAT, PYDICOM, SITK, DCM2NIIX = "cat", "pydicom loop", "SimpleITK", "dcm2niix"
WARM = (Budget(CAT, most=1.6), Budget(PYDICOM, least=6), Budget(SITK, least=8), Budget(DCM2NIIX, least=5))
COLD = (Budget(CAT, most=1.05),)


def archive_of(place: Place, folder: Path) -> Path:
    """A data directory whose archive holds the scans of a folder; imported once."""
    data_dir = place.folder / f"archive-of-{folder.name}"
    if not data_dir.exists():
        with Child("our_import", str(data_dir), str(folder), env=place.environment) as child:
            child.ask()
    return data_dir


def series_uid(path: str) -> str:
    """The series a file belongs to."""
    import pydicom

    return str(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID)


def rows(place: Place) -> Iterator[Row]:
    folder = place.full_ct()
    paths = paths_below(folder)
    data_dir = archive_of(place, folder)
    uid = series_uid(paths[0])
    with ExitStack() as stack:
        ours = stack.enter_context(Child("our_reopen", str(data_dir), env=place.environment))
        warm = [Contestant(CAT, command("cat", *paths)), Contestant(OURS, lambda: ours.seconds(series=uid))]
        for name, module in ((PYDICOM, "pydicom_read"), (SITK, "sitk_read")):
            with suppress(Absent):
                child = stack.enter_context(Child(module))
                warm.append(Contestant(name, lambda child=child: child.seconds(paths=paths)))
        warm.append(Contestant(DCM2NIIX, lambda: dcm2niix(place, folder)))
        yield race(f"{len(paths)} x 512 x 512, warm", warm, place.rounds, WARM)
        cold = [
            Contestant(CAT, lambda: clocked_cold(command("cat", *paths), paths)),
            Contestant(OURS, lambda: clocked_cold(lambda: ours.ask(series=uid), paths)),
        ]
        yield race("the same, cold", cold, place.rounds, COLD)


def dcm2niix(place: Place, folder: Path) -> None:
    """Also writes the volume: its only way to hand it over."""
    out = place.folder / "niix"
    out.mkdir(exist_ok=True)
    command("dcm2niix", "-z", "n", "-b", "n", "-o", str(out), str(folder))()
    shutil.rmtree(out)
