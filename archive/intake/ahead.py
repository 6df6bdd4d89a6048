"""Ahead: asks the system to fetch the beginnings of the next files while one is read, where the medium is slow.

Cold files are read two to three times as fast so, without threads: a thread that reads waits up to 5 ms for the
interpreter after every call, whenever another one computes.
"""

import os

from archive.intake.found import FoundFile
from archive.intake.kinds import HEAD_BYTES

DEPTH = 16  # files ahead of the one that is read
_SLOW_S = 0.0003  # reading one header from memory takes a tenth of it
_LASTS = 64  # files for which it goes on after a slow one
_CAN = hasattr(os, "posix_fadvise")
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Ahead:
    """Told how long each file took; does nothing while they come from memory."""

    def __init__(self) -> None:
        self._left = 0

    def took(self, seconds: float) -> None:
        """How long the last file took to read."""
        self._left = _LASTS if seconds > _SLOW_S and _CAN else max(0, self._left - 1)

    @property
    def pays(self) -> bool:
        """Whether files are slow just now."""
        return self._left > 0

    def fetch(self, file: FoundFile) -> None:
        """Begin to bring in a file that will be read soon; whatever is wrong with it shows when it is read."""
        if file.member is not None or file.refusal is not None:
            return
        try:
            fd = os.open(file.path, _FLAGS)
        except OSError:
            return
        try:
            os.posix_fadvise(fd, 0, HEAD_BYTES, os.POSIX_FADV_WILLNEED)
        except OSError:
            self._left = 0
        finally:
            os.close(fd)
