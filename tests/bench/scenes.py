"""The 3D pictures that are compared: camera, transfer, shading and step in numbers that every program understands."""

import math
from typing import Any

STEP_MM = 0.75
SHADE = {"ambient": 0.2, "diffuse": 0.8, "specular": 0.2, "power": 20.0}
GREY_RAMP = [[-200.0, 0, 0, 0, 1.0], [1500.0, 1, 1, 1, 1.0]]

# points: value in HU, red, green, blue, opacity of one millimetre
LOOKS: dict[str, dict[str, Any]] = {
    "bone": {
        "transfer": [[150, 0.62, 0.4, 0.28, 0], [300, 0.8, 0.6, 0.45, 0.3], [600, 0.95, 0.88, 0.72, 0.85], [1500, 1, 1, 0.96, 0.95]],
        "shade": SHADE,
    },
    "skin": {"transfer": [[-500, 0.91, 0.7, 0.58, 0], [-350, 0.91, 0.7, 0.58, 0.6], [100, 0.95, 0.8, 0.7, 0.9]], "shade": SHADE},
    "organs": {
        "transfer": [[-30, 0.65, 0.22, 0.18, 0], [20, 0.7, 0.28, 0.22, 0.1], [70, 0.78, 0.35, 0.28, 0.25], [180, 0.85, 0.45, 0.35, 0.5], [400, 0.95, 0.9, 0.8, 0.9]],
        "shade": SHADE,
    },
    "lung": {"transfer": [[-950, 0.35, 0.55, 0.9, 0], [-800, 0.4, 0.55, 0.85, 0.004], [-600, 0.6, 0.55, 0.7, 0.03], [-400, 0.85, 0.55, 0.5, 0]]},
    "mip": {"transfer": GREY_RAMP, "mode": "mip", "window": [-200.0, 1500.0]},
}  # fmt: skip


def scene(look: str, size: int, centre_mm: tuple[float, ...], radius_mm: float) -> dict[str, Any]:
    """A look, seen in perspective from the front, a little from the left and from above."""
    azimuth, elevation, distance = math.radians(25), math.radians(20), radius_mm * 2.4
    towards = (math.cos(elevation) * math.sin(azimuth), -math.cos(elevation) * math.cos(azimuth), math.sin(elevation))
    return {
        "mode": "composite",
        "shade": None,
        **LOOKS[look],
        "camera": {
            "position": [c + distance * t for c, t in zip(centre_mm, towards, strict=True)],
            "focal_point": list(centre_mm),
            "view_up": [0.0, 0.0, 1.0],
            "view_angle": 30.0,
        },
        "step_mm": STEP_MM,
        "size": [size, size],
    }
