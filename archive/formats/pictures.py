"""Pictures: PNG, JPEG, TIFF (pages as slices), JPEG 2000 and JPEG XL, with all their bits and no place in a patient."""

import io
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from archive.formats.described import OtherVolume, Unfit

CODECS = {
    "png": imagecodecs.png_decode,
    "jpeg": imagecodecs.jpeg8_decode,
    "jpeg2000": imagecodecs.jpeg2k_decode,
    "jpegxl": imagecodecs.jpegxl_decode,
}
MOST_PIXELS = 1 << 30


def read(kind: str, data: bytes) -> list[OtherVolume]:
    """The picture of a file as one slice, or the pages of a TIFF as slices."""
    if kind == "tiff":
        return [OtherVolume(_pages(data)[np.newaxis], notes=("place-unknown",))]
    return [OtherVolume(_plane(np.asarray(CODECS[kind](data)))[np.newaxis, np.newaxis], notes=("place-unknown",))]


def _plane(pixels: NDArray[Any]) -> NDArray[Any]:
    """[rows, columns] or RGB [rows, columns, 3] of bytes; a channel for transparency is dropped."""
    if pixels.ndim == 3 and pixels.shape[2] in (1, 2):
        pixels = pixels[..., 0]
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        pixels = pixels[..., :3]
        return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    if pixels.ndim != 2:
        raise Unfit("unsupported-layout")
    return pixels


def _pages(data: bytes) -> NDArray[Any]:
    """Pages of one size and type: [slices, rows, columns(, 3)]."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        first = file.pages[0]
        same = [page for page in file.pages if page.shape == first.shape and page.dtype == first.dtype]
        if first.size * len(same) > MOST_PIXELS:
            raise Unfit("too-large")
        return np.stack([_plane(page.asarray(maxworkers=1)) for page in same])
