"""Place: where a run of the bench keeps its corpora, and how large they are."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.bench import corpus


@dataclass(frozen=True)
class Place:
    """A temporary folder, gone at the end; --quick makes everything smaller and the figures rougher."""

    folder: Path
    quick: bool

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        return self.size(5, 3)

    @property
    def environment(self) -> dict[str, str]:
        """For processes of the product: their key and data lie here, never in the user's keyring."""
        return {**os.environ, "TOMOTHEQUE_KEY_FILE": str(self.folder / "key"), "QTWEBENGINE_DISABLE_SANDBOX": "1"}

    def full_ct(self) -> Path:
        """One CT series with all its pixels: 500 files of 512 x 512."""
        return corpus.made_ct(self.folder / "ct", self.size(500, 120))

    def sparse_ct(self) -> Path:
        """2,000 CT files of 20 series: real headers, pixels that take no room on the disk."""
        return corpus.many(self.folder / "SPARSECT", self.size(20, 5), 100, size=512)

    def small_files(self) -> Path:
        """20,000 MR files of 40 series with 16 x 16 pixels."""
        return corpus.many(self.folder / "SMALL", self.size(40, 8), 500, size=16, modality="MR")

    def many_files(self) -> Path:
        """100,000 files like the small ones, for memory only."""
        return corpus.many(self.folder / "MANY", self.size(200, 20), 500, size=16, modality="MR")


def paths_below(folder: Path) -> list[str]:
    """Every file below a folder, in the order of its name."""
    return sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
