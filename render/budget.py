"""Budget: how a volume fits into the card's texture memory, and by how much 3D must be made coarser if it does not."""

from dataclasses import dataclass
from typing import Final

import numpy as np

MOST_BYTES: Final = 4 << 30


@dataclass(frozen=True)
class TexturePlan:
    """Texture of [slices, rows, columns], each texel the mean of factor (k, j, i) voxels."""

    shape_kji: tuple[int, int, int]
    factor_kji: tuple[int, int, int]
    bits: int  # of a texel: 16 normalised, or 32 float

    @property
    def is_exact(self) -> bool:
        return self.factor_kji == (1, 1, 1)


def texel_bits(dtype: "np.dtype[np.generic]") -> int:
    """Integers up to 16 bits lie in 16 exactly; wider ones and floats in 32-bit float (exact up to 16.7 million)."""
    return 16 if dtype.kind in "iu" and dtype.itemsize <= 2 else 32


def plan(
    shape_kji: tuple[int, int, int], dtype: "np.dtype[np.generic]", max_3d: int, most_bytes: int = MOST_BYTES
) -> TexturePlan:
    """Halve the longest axis until every axis and the whole fit."""
    bits = texel_bits(dtype)
    factor = [1, 1, 1]
    while True:
        shape = tuple(-(-n // f) for n, f in zip(shape_kji, factor, strict=True))
        if max(shape) <= max_3d and np.prod(shape, dtype=np.int64) * bits // 8 <= most_bytes:
            return TexturePlan((shape[0], shape[1], shape[2]), (factor[0], factor[1], factor[2]), bits)
        factor[shape.index(max(shape))] *= 2
