"""Mutated files: whatever a file says, the answer is a volume, named damage or an error of ours, soon and in little memory."""

import os
import random
import resource
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import nibabel
import numpy as np
import pytest
from make.series import read

from archive.errors import ScanError
from archive.sandbox.client import Decoder
from archive.volumes.loading import survey
from archive.volumes.opening_other import open_other

MOST_SEED_BYTES = 60_000
MOST_GROWTH_KIB = 300 << 10  # of this process: what foreign code takes, it takes in its child
DICOM_MUTATIONS = 60
OTHER_MUTATIONS = 60
LONGEST_S = 20.0  # a damaged JPEG 2000 picture may use all the processor time it is allowed
COMPRESSED = ("JPEG", "J2K", "RLE", "HTJ2K", "jpeg", "rle")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Decoder]:
    with Decoder(1) as one:
        yield one


def seeds() -> list[Path]:
    """The small compressed files that come with pydicom."""
    spec = find_spec("pydicom")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "test_files"
    found = [path for path in sorted(folder.glob("*.dcm")) if any(word in path.name for word in COMPRESSED)]
    return [path for path in found if path.stat().st_size <= MOST_SEED_BYTES]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, or a run cut out, doubled or zeroed, or the end lost."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(changed))
        size = min(chance.choice((1, 2, 4, 64)), len(changed) - at)
        kind = chance.randrange(5)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            changed[at : at + size] = chance.choice((b"\xff", b"\0", b"\x7f")) * size
        elif kind == 2:
            del changed[at : at + size]
        elif kind == 3:
            changed[at:at] = changed[at : at + size]
        else:
            del changed[max(200, at) :]
        if len(changed) < 200:
            return data[:200]
    return bytes(changed)


def grown_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_mutated_compressed_files_end_in_pixels_damage_or_an_error_of_ours(tmp_path: Path, sandbox: Decoder):
    chance, before, files = random.Random(9), grown_kib(), seeds()
    assert len(files) > 10
    path = tmp_path / "one.dcm"
    for number in range(DICOM_MUTATIONS):
        path.write_bytes(mutated(chance.choice(files).read_bytes(), chance))
        started = time.monotonic()
        for stack in (series := read(path)).split.stacks:
            if stack.kind != "document":
                try:
                    survey(stack, series.files, decoder=sandbox)
                except ScanError:
                    continue
        assert time.monotonic() - started < LONGEST_S, f"mutation {number}"
    assert grown_kib() - before < MOST_GROWTH_KIB


def others(folder: Path) -> list[bytes]:
    """One small file of every kind that can be made here."""
    values = np.arange(4 * 5 * 6).reshape(4, 5, 6).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), folder / "a.nii")
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), folder / "a.nii.gz")
    nibabel.save(nibabel.Nifti2Image(values, np.eye(4)), folder / "b.nii")
    nibabel.save(nibabel.MGHImage(values, np.eye(4)), folder / "a.mgh")
    np.save(folder / "a.npy", values)
    nrrd = b"NRRD0004\ntype: short\ndimension: 3\nsizes: 4 5 6\nencoding: raw\nendian: little\n\n" + values.tobytes()
    meta = b"NDims = 3\nDimSize = 4 5 6\nElementType = MET_SHORT\nElementDataFile = LOCAL\n" + values.tobytes()
    netcdf = b"CDF\x01" + bytes(4) + b"\0\0\0\x0a\0\0\0\x01\0\0\0\x06xspace\0\0\0\0\0\x04" + bytes(300)
    return [*(path.read_bytes() for path in sorted(folder.iterdir())), nrrd, meta, netcdf]


def test_mutated_files_of_other_kinds_end_in_a_volume_or_an_error_of_ours(tmp_path: Path, sandbox: Decoder):
    chance, before, files = random.Random(11), grown_kib(), others(tmp_path)
    path = tmp_path / "one.dat"
    for number in range(OTHER_MUTATIONS):
        path.write_bytes(mutated(chance.choice(files), chance))
        started = time.monotonic()
        try:
            found = open_other(os.fsencode(path), sandbox.other)
            for stack in found.stacks:
                survey(stack, found.files, decoder=sandbox)
        except ScanError:
            pass
        assert time.monotonic() - started < LONGEST_S, f"mutation {number}"
    assert grown_kib() - before < MOST_GROWTH_KIB
