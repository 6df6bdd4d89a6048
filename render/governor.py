"""Governor: how fine a 3D picture is drawn while something moves, from how long the last ones took."""

from dataclasses import dataclass, replace
from typing import Final

_SHARE: Final = 0.35  # of the newest measurement in the running mean
_NOTCH: Final = 1.25
_LEAST_SCALE: Final = 1 / 6
STRIP_ROWS: Final = 48  # full-width strips of 32-64 rows cost nothing on software GL, and keep events alive


@dataclass(frozen=True)
class Governor:
    """A frozen record of the speed seen so far: target milliseconds of a moving picture, seconds per megapixel."""

    target_ms: float = 33.0
    ms_per_megapixel: float = 0.0
    scale: float = 1.0

    def seen(self, pixels: int, ms: float) -> "Governor":
        """After a picture of so many pixels took so long."""
        rate = ms / max(pixels, 1) * 1e6
        known = rate if not self.ms_per_megapixel else self.ms_per_megapixel + _SHARE * (rate - self.ms_per_megapixel)
        return replace(self, ms_per_megapixel=known)

    def moving(self, size: tuple[int, int]) -> "Governor":
        """With the scale (1 .. 1/6 of the resolution) at which a picture of this size should take the target time.

        It changes by whole notches only, and only when the need differs by more than one, so that it does not flicker.
        """
        full_ms = self.ms_per_megapixel * size[0] * size[1] / 1e6
        wanted = min(1.0, max(_LEAST_SCALE, (self.target_ms / full_ms) ** 0.5 if full_ms else 1.0))
        scale = self.scale
        while wanted < scale / _NOTCH:
            scale /= _NOTCH
        while wanted > scale * _NOTCH:
            scale *= _NOTCH
        return replace(self, scale=min(1.0, max(_LEAST_SCALE, scale)))


def governor_for(is_software: bool) -> Governor:
    """Software rendering may take longer for a moving picture: below about eight a second nothing feels held."""
    return Governor(target_ms=110.0 if is_software else 28.0)
