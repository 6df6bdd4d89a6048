"""Thumbnails: the middle slice of a stack as a small PNG, windowed as its file proposes or by its own values."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.sandbox.client import Decoder
from archive.stack import FileRef, Stack
from archive.volumes.loading import load
from archive.volumes.volume import Volume

MOST_PIXELS = 160  # of the longer side
ENDS = (1.0, 99.5)  # percentiles that become black and white where the file proposes no window


def of_stack(stack: Stack, files: Sequence[FileRef], decoder: Decoder | None = None) -> bytes:
    """The PNG of a stack's middle slice; Refused where that slice cannot be read."""
    present = [frame for frame in stack.frames[len(stack.frames) // 2] if frame is not None]
    middle = present[len(present) // 2]
    if middle.labels and middle.labels[0][0] == "Part":  # a file that is not DICOM comes whole
        volume = load(stack, files, decoder=decoder)
        return thumbnail(volume, volume.shape_kji[0] // 2)
    alone = replace(stack, kind="image", frames=((middle,),), positions_mm=())
    return thumbnail(load(alone, files, decoder=decoder), 0)


def thumbnail(volume: Volume, k: int) -> bytes:
    """Slice k as a small PNG, true to its pixel shape."""
    plane = volume.voxels[k]
    grey = plane if plane.ndim == 3 else _windowed(volume, plane)
    return png(_reduced(grey, volume.patient_from_voxel))


def _windowed(volume: Volume, plane: NDArray[Any]) -> NDArray[np.uint8]:
    values = volume.real(plane)
    low, high = _ends(volume, values)
    grey = np.clip((values - low) * (255.0 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(255 - grey if volume.invert else grey, np.uint8)


def _ends(volume: Volume, values: NDArray[np.float64]) -> tuple[float, float]:
    """Values that become black and white."""
    finite = values[np.isfinite(values)]
    if volume.windows:
        centre, width, _ = volume.windows[0]
        return centre - width / 2, centre + width / 2
    low, high = np.percentile(finite, ENDS) if finite.size else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-6))


def _reduced(pixels: NDArray[np.uint8], patient_from_voxel: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Averages of blocks, so many that the longer side in millimetres fits; never enlarged."""
    across_mm, down_mm = np.linalg.norm(patient_from_voxel[:3, :2], axis=0)
    rows, columns = pixels.shape[:2]
    longest_mm = max(rows * down_mm, columns * across_mm)
    pixel_mm = max(longest_mm / MOST_PIXELS, min(across_mm, down_mm))
    height, width = max(1, round(rows * down_mm / pixel_mm)), max(1, round(columns * across_mm / pixel_mm))
    down = _averaged(pixels.astype(np.float32), height)
    both = _averaged(down.swapaxes(0, 1), width).swapaxes(0, 1)
    return np.asarray(np.rint(both), np.uint8)


def _averaged(pixels: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The first axis in `count` blocks of nearly one size, each its mean (or repeated, where there are fewer)."""
    edges = np.linspace(0, len(pixels), count + 1)
    starts = np.minimum(edges[:-1].astype(int), len(pixels) - 1)
    ends = np.maximum(np.append(starts[1:], len(pixels)), starts + 1)
    sums = np.concatenate([np.zeros((1, *pixels.shape[1:]), np.float64), np.cumsum(pixels, axis=0, dtype=np.float64)])
    lengths = (ends - starts).reshape(-1, *[1] * (pixels.ndim - 1))
    return np.asarray((sums[ends] - sums[starts]) / lengths, np.float32)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of grey [rows, columns] or RGB [rows, columns, 3] bytes."""
    rows, columns = pixels.shape[:2]
    colour = 2 if pixels.ndim == 3 else 0
    lines = np.ascontiguousarray(pixels).reshape(rows, -1)
    filtered = np.concatenate([np.zeros((rows, 1), np.uint8), lines], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(filtered, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
