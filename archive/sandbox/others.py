"""The sandbox's side of Open Other: answers what a file holds, and hands out its voxels volume by volume."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from archive.formats import by_nibabel, metaimage, nifti, nrrd, numpy_file, pictures
from archive.formats.described import OtherVolume, Unfit, kept
from archive.formats.kinds import GZIP, PICTURES
from archive.formats.unpacking import inflated
from archive.sandbox import channel

MOST_BYTES = 4 << 30
SAY_PACKING = ("nrrd", "metaimage")  # kinds whose header says itself how the voxels beside it are packed
READERS: dict[str, Callable[[bytes, bytes | None], list[OtherVolume]]] = {
    "nifti": nifti.read,
    "nrrd": nrrd.read,
    "metaimage": metaimage.read,
    "numpy": numpy_file.read,
    **{kind: by_nibabel.reader(kind) for kind in by_nibabel.IMAGES},
}
Answer = tuple[dict[str, Any], list[int]]


class Reader:
    """Answers questions about files; the last file stays parsed, as its times are asked for one by one."""

    def __init__(self) -> None:
        self._last: tuple[str, list[OtherVolume]] = ("", [])

    def __call__(self, message: dict[str, Any], descriptors: list[int]) -> Answer:
        volumes = self._volumes(message, descriptors)
        if message["op"] == "describe":
            return {"volumes": [_facts(volume) for volume in volumes]}, []
        voxels = np.ascontiguousarray(volumes[int(message["part"])].voxels[int(message["time"])])
        result = channel.shared_memory(voxels.nbytes)
        channel.write_all(result, channel.bytes_of(voxels))
        return {"dtype": voxels.dtype.str, "shape": list(voxels.shape)}, [result]

    def _volumes(self, message: dict[str, Any], descriptors: list[int]) -> list[OtherVolume]:
        token = str(message["token"])
        if self._last[0] != token:
            self._last = ("", [])  # the old file goes before the new one comes
            self._last = (token, [kept(volume) for volume in _read(str(message["kind"]), descriptors)])
        return self._last[1]


def _read(kind: str, descriptors: list[int]) -> list[OtherVolume]:
    data, *others = [_whole(descriptor) for descriptor in descriptors]
    data = _unpacked(data)
    apart = others[0] if others else None
    if apart is not None and kind not in SAY_PACKING:
        apart = _unpacked(apart)
    if kind in PICTURES:
        return pictures.read(kind, data)
    if kind not in READERS:
        raise Unfit("unsupported-layout")
    return READERS[kind](data, apart)


def _whole(descriptor: int) -> bytes:
    """All bytes of a file."""
    parts, at = [], 0
    while at <= MOST_BYTES:
        part = os.pread(descriptor, 64 << 20, at)
        if not part:
            break
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _unpacked(data: bytes) -> bytes:
    """The bytes, inflated where they are a gzip."""
    return inflated(data) if data[:2] == GZIP else data


def _facts(volume: OtherVolume) -> dict[str, Any]:
    matrix = volume.patient_from_voxel
    times, slices, rows, columns = volume.voxels.shape[:4]
    return {
        "shape": [times, slices, rows, columns],
        "samples": 3 if volume.voxels.ndim == 5 else 1,
        "dtype": volume.voxels.dtype.str,
        "matrix": None if matrix is None else matrix.tolist(),
        "slope": volume.slope,
        "intercept": volume.intercept,
        "notes": list(volume.notes),
    }


def warm_up() -> Reader:
    """A reader whose libraries are all imported: behind the lock nothing can be opened."""
    import io

    import imagecodecs
    import tifffile

    target = io.BytesIO()
    tifffile.imwrite(target, np.zeros((2, 4, 4), np.uint16), compression="zlib")
    pictures.read("tiff", target.getvalue())
    square = np.zeros((8, 8), np.uint8)
    for kind, data in (
        ("png", imagecodecs.png_encode(square)),
        ("jpeg", imagecodecs.jpeg8_encode(square)),
        ("jpeg2000", imagecodecs.jpeg2k_encode(square, level=0)),
        ("jpegxl", imagecodecs.jpegxl_encode(square, lossless=True)),
    ):
        pictures.read(kind, bytes(data))
    for codec in ("lzw_decode", "packbits_decode", "zlib_decode", "deflate_decode", "delta_decode"):
        getattr(imagecodecs, codec)
    return Reader()
