"""Demo: a scan made by the program itself, imported, found, reopened and rendered; the user's archive is never touched."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from archive.errors import CannotWrite
from shell.shelf import Shelf
from shell.texts import Texts

if TYPE_CHECKING:
    from archive.importing.receipt import Receipt

Object = dict[str, Any]
NAME: Final = "sample thorax 1"  # from which the UIDs are made: making it again gives the same files
SHEET: Final = "contact-sheet.png"
TILE: Final = (420, 420)
GAP: Final = 6
# Rows of the contact sheet: what is rendered, with which wishes.
PICTURES: Final[tuple[tuple[tuple[str, Mapping[str, Any]], ...], ...]] = (
    (
        ("bones", {"view": "3d", "preset": "ct-bone", "camera": (0.0, 0.0, 1.1)}),
        ("body", {"view": "3d", "preset": "ct-muscle", "camera": (28.0, 14.0, 1.1)}),
        ("lungs", {"view": "3d", "preset": "ct-lung", "camera": (-24.0, 8.0, 1.25)}),
    ),
    (
        ("axial", {"view": "axial", "window": (40.0, 400.0), "at": (0.0, 0.0, 124.0)}),
        ("coronal", {"view": "coronal", "window": (-250.0, 1500.0), "at": (0.0, -8.0, 150.0)}),
        ("sagittal", {"view": "sagittal", "window": (60.0, 500.0), "at": (2.0, 0.0, 150.0)}),
    ),
)


def make_sample(folder: str, texts: Texts) -> int:
    """Write the sample scan as DICOM files into a folder; how many."""
    from shell.demo_dicom import write_series
    from shell.demo_thorax import Size, thorax

    values, origin_mm, spacing_mm = thorax(Size())
    return len(write_series(folder, values, origin_mm, spacing_mm, _words(texts), NAME))


def _words(texts: Texts) -> dict[tuple[int, str], object]:
    """What the sample says of itself; nobody's data."""
    return {
        (0x00080005, "CS"): "ISO_IR 192",
        (0x00080008, "CS"): ["DERIVED", "SECONDARY", "AXIAL"],
        (0x00080020, "DA"): "20240229",
        (0x00080030, "TM"): "101500",
        (0x00080050, "SH"): "SAMPLE",
        (0x00080060, "CS"): "CT",
        (0x00080070, "LO"): "Tomotheque",
        (0x00080080, "LO"): "Tomotheque",
        (0x00081030, "LO"): texts.say("demo.study"),
        (0x0008103E, "LO"): texts.say("demo.series"),
        (0x00100010, "PN"): texts.say("demo.patient"),
        (0x00100020, "LO"): "SAMPLE-1",
        (0x00100030, "DA"): "19700101",
        (0x00100040, "CS"): "O",
        (0x00180015, "CS"): "CHEST",
        (0x00200010, "SH"): "1",
        (0x00200011, "IS"): 1,
    }


def shown(output: str | None, texts: Texts, tell: Callable[[str], None]) -> Object:
    """Run the whole demo; the object about it. `tell` hears a sentence before each step."""
    started = time.monotonic()
    folder = _folder(output)
    scan, data_dir = os.path.join(folder, "scan"), os.path.join(folder, "archive")
    try:
        value: Object = {}
        for name, step in _STEPS:
            tell(texts.say(f"shown.demo.step.{name}"))
            begun = time.monotonic()
            found = step(texts, scan, data_dir, folder)
            value[name] = {**found, "seconds": round(time.monotonic() - begun, 3)}
        return value | {"contact_sheet": os.path.join(folder, SHEET), "seconds": round(time.monotonic() - started, 2)}
    finally:
        if output is None:  # the pictures stay, so that they can be looked at
            shutil.rmtree(scan, ignore_errors=True)
            shutil.rmtree(data_dir, ignore_errors=True)


def _folder(output: str | None) -> str:
    if output is None:
        return tempfile.mkdtemp(prefix="tomotheque-demo-")
    try:
        os.makedirs(output, exist_ok=True)
    except OSError as error:
        raise CannotWrite(name=os.path.basename(output) or output, reason=error.strerror or "") from error
    return os.path.abspath(output)


def _made(texts: Texts, scan: str, data_dir: str, folder: str) -> Object:
    return {"folder": scan, "slices": make_sample(scan, texts)}


def _imported(texts: Texts, scan: str, data_dir: str, folder: str) -> Object:
    receipt: Receipt | None = None
    os.makedirs(data_dir, mode=0o700, exist_ok=True)
    with Shelf.on_disk(data_dir, texts) as shelf:
        for progress in shelf.import_([scan]):
            receipt = progress.receipt or receipt
        assert receipt is not None
        value = shelf.receipt_json(receipt)
    return {**value, **value["files"]}


def _found(texts: Texts, scan: str, data_dir: str, folder: str) -> Object:
    """A search by part of the name, in a shelf of its own: as after the next start."""
    words = texts.say("demo.patient").partition("^")[2].lower()
    with Shelf.on_disk(data_dir, texts) as shelf:
        page = shelf.search(words)
    study = page["studies"][0]
    return {
        "words": words,
        "total": page["total"],
        "name": study["patient"]["name"],
        "description": study["description"],
        "series": study["series"][0]["key"],
    }


def _reopened(texts: Texts, scan: str, data_dir: str, folder: str) -> Object:
    """The series from the archive into memory: no header is parsed again."""
    from archive.volumes.loading import load

    with Shelf.on_disk(data_dir, texts) as shelf, shelf.look(_series(shelf)) as found:
        piece = found.piece(None)
        volume = load(piece.stack, piece.files)
        return {"shape": list(volume.shape_kji), "verdict": texts.verdict(piece.stack.verdict)["code"]}


def _series(shelf: Shelf) -> str:
    return str(shelf.search()["studies"][0]["series"][0]["key"])


def _rendered(texts: Texts, scan: str, data_dir: str, folder: str) -> Object:
    """Every picture as a file of its own, and all of them on one sheet."""
    from render import png
    from shell.demo_sheet import sheet
    from shell.shelf_render import Wishes, pictures

    wishes = {name: Wishes(size=TILE, **wish) for row in PICTURES for name, wish in row}
    with Shelf.on_disk(data_dir, texts) as shelf:
        made, renderer = pictures(shelf, _series(shelf), wishes)
    paths = {name: os.path.join(folder, f"{name}.png") for name in made}
    for name, path in paths.items():
        png.write(path, made[name])
    png.write(os.path.join(folder, SHEET), sheet([[made[name] for name, _ in row] for row in PICTURES], GAP))
    return {"renderer": renderer, "outputs": paths}


_STEPS: Final = (
    ("made", _made),
    ("imported", _imported),
    ("found", _found),
    ("reopened", _reopened),
    ("rendered", _rendered),
)
