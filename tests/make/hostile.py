"""Hostile trees: folders of scans among everything else that is found on real disks, random but the same for the same seed."""

import io
import os
import random
import socket
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from make import dicom

ODD_NAMES = (
    b"caf\xe9",
    b"two\nlines",
    b'quo"te\\',
    "\u202egnp".encode(),
    b"-o",
    b"\x1b[31mred",
    b" ",
    b"n" * 250,
    "日本".encode(),
)
EXPLICIT_HEAD = bytes(128) + b"DICM"


@dataclass
class Tree:
    """A tree under way. `files` counts what a receipt has to account for, as it was made; `images` those to be imported."""

    top: Path
    chance: random.Random
    files: int = 0
    images: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def folder(self) -> Path:
        """Some folder, new or used before, at most five deep."""
        parts = [f"d{self.chance.randrange(3)}" for _ in range(self.chance.randrange(5))]
        made = self.top.joinpath(*parts)
        made.mkdir(parents=True, exist_ok=True)
        return made

    def new(self, ending: str = "") -> Path:
        """A path that nothing has yet; sometimes a name that no program likes."""
        folder = self.folder()
        while True:
            stem = os.fsencode(f"f{self.chance.randrange(10**9)}")
            if self.chance.random() < 0.2:
                stem = (self.chance.choice(ODD_NAMES) + stem)[:240]
            path = Path(os.fsdecode(os.fsencode(folder) + b"/" + stem + ending.encode()))
            if not os.path.lexists(path):
                return path

    def count(self, images: int, others: int = 0) -> None:
        self.images += images
        self.files += images + others


def image_bytes(chance: random.Random, **attributes: Any) -> bytes:
    """A whole small image of its own."""
    plane = np.array([[chance.randrange(4096) for _ in range(8)] for _ in range(8)], np.int16)
    uid = dicom.uid_of("hostile", chance.random())
    own = {"SOPInstanceUID": uid, "PatientID": f"P{chance.randrange(4)}", "PatientName": "Hostile^Tree"} | attributes
    slice_ = dicom.slice_attributes(plane, chance.randrange(50), np.diag([1.0, 1.0, 2.0, 1.0]))
    return dicom.file_bytes(dicom.dataset_bytes(slice_ | own), sop_class=dicom.SOP_CLASSES["CT"], sop_instance=uid)


def an_image(tree: Tree) -> None:
    tree.new(tree.chance.choice(("", ".dcm", ".txt", ".IMA"))).write_bytes(image_bytes(tree.chance))
    tree.count(1)


def a_copy(tree: Tree) -> None:
    """The same image twice: one is imported, one a duplicate, whichever comes first."""
    body = image_bytes(tree.chance)
    for _ in range(2):
        tree.new(".dcm").write_bytes(body)
    tree.count(1, 1)


def a_conflict(tree: Tree) -> None:
    """One UID, two contents: both are imported."""
    for description in ("one", "other"):
        body = image_bytes(random.Random(tree.files), SeriesDescription=description, SOPInstanceUID=f"1.2.{tree.files}")
        tree.new(".dcm").write_bytes(body)
    tree.count(2)


def a_torn_header(tree: Tree) -> None:
    tree.new(".dcm").write_bytes(image_bytes(tree.chance)[: tree.chance.randrange(140, 300)])
    tree.count(0, 1)


def no_scan(tree: Tree) -> None:
    bodies = (b"a text", b"", bytes(5000), b"\x89PNG\r\n\x1a\n" + bytes(50), tree.chance.randbytes(3000), EXPLICIT_HEAD)
    tree.new(tree.chance.choice(("", ".dcm", ".png", ".exe"))).write_bytes(tree.chance.choice(bodies))
    tree.count(0, 1)


def a_link(tree: Tree) -> None:
    """To nothing, to itself, to a device, or to a folder above, which adds no file."""
    path = tree.new()
    target = tree.chance.choice(("nowhere", path.name, "/dev/zero", "/dev/null", ".."))
    path.symlink_to(target)
    tree.count(0, int(target != ".."))


def a_pipe(tree: Tree) -> None:
    os.mkfifo(tree.new())
    tree.count(0, 1)


def a_socket(tree: Tree) -> None:
    """A socket's path is bound by its short relative name: the system allows no more than some 100 bytes."""
    listener = socket.socket(socket.AF_UNIX)
    before = os.getcwd()
    os.chdir(tree.folder())
    try:
        name = f"s{tree.chance.randrange(10**9)}"
        listener.bind(name)
    finally:
        os.chdir(before)
    tree.sockets.append(listener)
    tree.count(0, 1)


def a_deep_path(tree: Tree) -> None:
    """Ten folders of 200 letters, made one in the other; still within what the system can open."""
    place = tree.top / "deep"
    for _ in range(10):
        place = place / ("x" * 200)
    place.mkdir(parents=True, exist_ok=True)
    (place / f"f{tree.files}").write_bytes(image_bytes(tree.chance))
    tree.count(1)


def a_zip(tree: Tree) -> None:
    """Images, a text, a name that leads out, and an archive in it."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("image", image_bytes(tree.chance))
    with zipfile.ZipFile(
        tree.new(".zip"), "w", tree.chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    ) as packed:
        for number in range(3):
            packed.writestr(f"IM{number}", image_bytes(tree.chance))
        packed.writestr("readme.txt", "no image")
        packed.writestr("../../out.txt", "no image either")
        packed.writestr("inner.zip", inner.getvalue())
    tree.count(3, 3)


def a_tar(tree: Tree) -> None:
    ending, mode = tree.chance.choice(((".tar", "w"), (".tar.gz", "w:gz"), (".tar.xz", "w:xz")))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as packed:  # type: ignore[call-overload]
        for number in range(2):
            body = image_bytes(tree.chance)
            member = tarfile.TarInfo(f"IM{number}")
            member.size = len(body)
            packed.addfile(member, io.BytesIO(body))
    tree.new(ending).write_bytes(buffer.getvalue())
    tree.count(2)


def a_broken_archive(tree: Tree) -> None:
    """Cut, or no archive at all for all its name: one file, whatever becomes of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("image", image_bytes(tree.chance))
    body = tree.chance.choice(
        (buffer.getvalue()[:200], b"no archive", b"\x1f\x8b" + zlib.compress(b"x" * 99), b"PK\x03\x04")
    )
    tree.new(tree.chance.choice((".zip", ".tar.gz", ".tar"))).write_bytes(body)
    tree.count(0, 1)


def a_lying_table(tree: Tree) -> None:
    """A DICOMDIR that lists what is not there."""
    path = tree.folder() / "DICOMDIR"
    if not path.exists():
        records = [{"DirectoryRecordType": "IMAGE", "ReferencedFileID": ["GONE", f"IM{n}"]} for n in range(3)]
        dicom.write_file(path, {"SOPClassUID": "1.2.840.10008.1.3.10", "DirectoryRecordSequence": records})
        tree.count(0, 1)


MAKERS: tuple[tuple[int, Callable[[Tree], None]], ...] = (  # how often, what
    (12, an_image),
    (2, a_copy),
    (2, a_conflict),
    (3, a_torn_header),
    (4, no_scan),
    (3, a_link),
    (1, a_pipe),
    (1, a_socket),
    (1, a_deep_path),
    (2, a_zip),
    (1, a_tar),
    (2, a_broken_archive),
    (1, a_lying_table),
)


def hostile_tree(top: Path, seed: int, things: int = 60) -> Tree:
    """Make a tree of some sixty things in an empty folder; it may be larger or smaller than that in files."""
    tree = Tree(top, random.Random(seed))
    top.mkdir(parents=True, exist_ok=True)
    weights, makers = zip(*MAKERS, strict=True)
    for make in tree.chance.choices(makers, weights, k=things):
        make(tree)
    return tree
