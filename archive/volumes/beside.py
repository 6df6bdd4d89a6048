"""The second half of a pair: which file beside a header holds its voxels, and which header describes a file of voxels."""

import os
from collections.abc import Callable, Iterable

from archive.formats import metaimage, nrrd
from archive.formats.described import Unfit
from archive.sandbox.guard import Refusal

HEADER_BYTES = 1 << 16
HEADERS = {b".img": b".hdr", b".rec": b".par", b".brik": b".head"}  # ending of the voxels -> of what describes them
VOXELS: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...]]] = {  # kind -> endings of a header, of its voxels
    "nifti": ((b".hdr",), (b".img", b".img.gz")),
    "par-rec": ((b".par",), (b".rec", b".rec.gz")),
    "afni": ((b".head",), (b".brik", b".brik.gz")),
}
NAMED: dict[str, Callable[[bytes], str | None]] = {"nrrd": nrrd.companion, "metaimage": metaimage.companion}


def header_first(path: bytes) -> bytes:
    """The header of a pair where the voxels' file was named."""
    stem, ending = os.path.splitext(path)
    if ending.lower() == b".gz":
        stem, ending = os.path.splitext(stem)
    return _there([stem + HEADERS.get(ending.lower(), b".")]) or path


def companion(descriptor: int, path: bytes, kind: str) -> bytes | None:
    """The file beside this one that holds its voxels, None where it holds them itself. Refusal where it is not there."""
    if kind in NAMED:
        try:
            name = NAMED[kind](os.pread(descriptor, HEADER_BYTES, 0))
        except Unfit as unfit:
            raise Refusal(unfit.code) from unfit
        wanted = [] if name is None else [os.path.join(os.path.dirname(path), os.fsencode(name))]
    else:
        stem, ending = os.path.splitext(path)
        heads, bodies = VOXELS.get(kind, ((), ()))
        wanted = [stem + body for body in bodies] if ending.lower() in heads else []
    found = _there(wanted)
    if wanted and found is None:
        raise Refusal("no-voxels")
    return found


def _there(wanted: Iterable[bytes]) -> bytes | None:
    """The first of some files that is there; the case of letters changes on its way through other systems."""
    for path in wanted:
        for one in (path, *_other_cases(path)):
            if os.path.isfile(one):
                return one
    return None


def _other_cases(path: bytes) -> tuple[bytes, ...]:
    stem, dot, ending = path.rpartition(b".")
    if ending == b"gz":
        stem, dot, ending = stem.rpartition(b".")
        return stem + dot + ending.upper() + b".gz", stem + dot + ending.lower() + b".gz"
    return stem + dot + ending.upper(), stem + dot + ending.lower()
