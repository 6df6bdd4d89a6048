"""Stored bits to voxel values: the container of a stack, masking and sign of its integers, and its rescale."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.stack import FrameRecord, Stack

KINDS = {
    (8, False): "u1",
    (8, True): "i1",
    (16, False): "<u2",
    (16, True): "<i2",
    (32, False): "<u4",
    (32, True): "<i4",
}


@dataclass(frozen=True)
class Meaning:
    """How a stack's voxels are kept in memory and what they mean: real = stored * slope + intercept.

    per_frame: frames differ in slope or intercept, so voxels are real values already (float32, slope 1).
    """

    dtype: np.dtype[Any]
    slope: float
    intercept: float
    unit: str | None
    per_frame: bool


def meaning_of(stack: Stack) -> Meaning:
    """One meaning for all times of a stack."""
    frames = [frame for volume in stack.frames for frame in volume if frame is not None]
    first = frames[0]
    if channels_of(first):
        return Meaning(np.dtype("u1"), 1.0, 0.0, None, False)
    if first.table:
        return Meaning(np.dtype("<u2"), 1.0, 0.0, first.unit, False)
    rescales = {(frame.slope, frame.intercept) for frame in frames}
    kinds = {(frame.is_float, frame.bits_allocated, frame.signed) for frame in frames}
    if len(rescales) > 1:
        return Meaning(np.dtype("<f4"), 1.0, 0.0, first.unit, True)
    dtype = np.dtype(np.result_type(*(dtype_of(*kind) for kind in kinds)))
    if dtype.kind == "f" or dtype.itemsize > 4:
        dtype = np.dtype("<f4")
    return Meaning(dtype, first.slope, first.intercept, first.unit, False)


def channels_of(frame: FrameRecord) -> int:
    """3 where voxels are RGB bytes, else 0."""
    return 3 if frame.samples > 1 or frame.table == "palette" else 0


def dtype_of(is_float: bool, bits_allocated: int, signed: bool) -> np.dtype[Any]:
    """The stored type of one frame, little endian; 1-bit pixels count as bytes."""
    if is_float:
        return np.dtype("<f8" if bits_allocated == 64 else "<f4")
    return np.dtype(KINDS.get((max(8, bits_allocated), signed), "<u2"))


def stored_dtype(frame: FrameRecord) -> np.dtype[Any]:
    """The stored type of one frame."""
    return dtype_of(frame.is_float, frame.bits_allocated, frame.signed)


def settle(pixels: NDArray[Any], frame: FrameRecord) -> None:
    """In place: cut off bits that are not the value's (overlays in 12..15), and extend the sign (PS3.5 8.1.1)."""
    unused = frame.bits_allocated - frame.bits_stored
    if frame.is_float or unused <= 0 or frame.bits_allocated == 1:
        return
    above = frame.bits_allocated - 1 - frame.high_bit
    if frame.signed:
        np.left_shift(pixels, above, out=pixels)
        np.right_shift(pixels, unused, out=pixels)
        return
    if unused != above:
        np.right_shift(pixels, unused - above, out=pixels)
    most = (1 << frame.bits_stored) - 1
    if int(pixels.max(initial=0)) > most:
        np.bitwise_and(pixels, pixels.dtype.type(most), out=pixels)


def without_padding(pixels: NDArray[Any], frame: FrameRecord) -> None:
    """In place: padding brighter than what was measured gets the slice's lowest value (PS3.3 C.7.5.1.1.2).

    Padding that is the lowest already stays, so that voxels are those of the file wherever that does no harm.
    """
    if frame.padding is None or frame.samples > 1 or frame.is_float or frame.bits_allocated == 1:
        return
    low, high = sorted((frame.padding, frame.padding if frame.padding_limit is None else frame.padding_limit))
    if not pixels.size or int(pixels.min()) >= low:
        return
    padding = (pixels >= low) & (pixels <= high)
    if padding.any():
        pixels[padding] = pixels[~padding].min()


def as_bytes(pixels: NDArray[Any], frame: FrameRecord) -> NDArray[np.uint8]:
    """Colours of more than 8 bits, reduced to the 8 that are shown."""
    return (pixels >> max(0, frame.bits_stored - 8)).astype(np.uint8) if pixels.dtype.itemsize > 1 else pixels


def rescaled(pixels: NDArray[Any], frame: FrameRecord) -> NDArray[np.float32]:
    """Real values of one frame by its own rescale."""
    values = pixels.astype(np.float64) * frame.slope + frame.intercept
    return np.asarray(values, np.float32)


def rgb_from_ybr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of YBR_FULL pixels [..., 3] (PS3.3 C.7.6.3.1.2)."""
    y, b, r = (pixels[..., channel].astype(np.float32) for channel in range(3))
    b, r = b - 128, r - 128
    rgb = np.stack([y + 1.402 * r, y - 0.344136 * b - 0.714136 * r, y + 1.772 * b], axis=-1)
    return np.asarray(np.clip(np.rint(rgb), 0, 255), np.uint8)


def range_of(parts: Iterable[NDArray[Any]]) -> tuple[float, float] | None:
    """Least and greatest finite stored value of some arrays."""
    lows, highs = [], []
    for part in parts:
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            part = part[np.isfinite(part)]
        if part.size:
            lows.append(float(part.min()))
            highs.append(float(part.max()))
    return (min(lows), max(highs)) if lows else None
