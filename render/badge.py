"""Badge: an honest account of how a picture was made, as facts for a sentence."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Badge:
    """Source and texture: shape [slices, rows, columns] and bits; the driver's name; what a person should be told."""

    source_shape: tuple[int, int, int]
    source_bits: int
    texture_shape: tuple[int, int, int]
    texture_bits: int
    renderer: str
    is_software: bool
    is_resampled: bool  # slices lie unevenly: what is drawn is interpolated between them
    is_rounded: bool  # whole numbers beyond 24 bits do not fit a float

    @property
    def is_reduced(self) -> bool:
        """3D is drawn from fewer voxels than the scan has; slices are exact all the same."""
        return self.source_shape != self.texture_shape

    def notes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Text ids of render.<lang>.json with their facts; none where there is nothing to say."""
        source, texture = ("×".join(str(n) for n in shape[::-1]) for shape in (self.source_shape, self.texture_shape))
        notes: tuple[tuple[bool, str, dict[str, Any]], ...] = (
            (self.is_reduced, "badge.reduced", {"source": source, "texture": texture}),
            (self.is_resampled, "badge.resampled", {}),
            (self.is_rounded, "badge.rounded", {"bits": self.source_bits}),
            (self.is_software, "badge.software", {}),
        )
        return tuple((text, facts) for holds, text, facts in notes if holds)
