"""The memory a volume is loaded into: whole at once, anonymous, empty until written."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import VolumeTooLarge

MOST_BYTES = 64 << 30


def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """A zeroed array in C order. The system gives pages as slices arrive, so an unread volume costs nothing."""
    wanted = dtype.itemsize
    for size in shape:
        wanted *= size
    if wanted > MOST_BYTES:
        raise _too_large(wanted)
    try:
        return np.zeros(shape, dtype)
    except MemoryError as error:
        raise _too_large(wanted) from error


def _too_large(wanted: int) -> VolumeTooLarge:
    return VolumeTooLarge(wanted=f"{wanted / 2**30:.1f} GiB", allowed=f"{MOST_BYTES / 2**30:.0f} GiB")
