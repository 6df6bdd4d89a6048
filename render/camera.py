"""Camera of the 3D view: from where the volume is seen, and the rays through the pixels."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.grid import Grid, Vector, vector

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """Azimuth 0 looks from the patient's front, 90 from the patient's left; elevation 90 from above, front down.

    zoom 1 shows the whole volume. focal_mm (patient) is the point in the middle of the picture, the volume's centre where
    it is None; distance_mm is chosen to fit where it is None. view_angle_deg is across the picture's shorter side; 0 is
    a parallel projection. Positive roll turns the picture clockwise.
    """

    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    zoom: float = 1.0
    roll_deg: float = 0.0
    view_angle_deg: float = 30.0
    focal_mm: Vector | None = None
    distance_mm: float | None = None


@dataclass(frozen=True, eq=False)
class Eye:
    """A camera placed before a volume: unit vectors in patient space, and millimetres or tangents per pixel.

    The ray through pixel (x right, y down, centres at integers) starts at position + offset and runs along
    forward + offset * spread, where offset = (x - (w-1)/2) * per_pixel * right - (y - (h-1)/2) * per_pixel * up.
    Perspective: offset of the direction (per_pixel is a tangent). Parallel: offset of the start (per_pixel is mm).
    """

    position_mm: Array
    forward: Array
    right: Array
    up: Array
    per_pixel: float
    is_parallel: bool
    focal_mm: Array
    distance_mm: float

    def ray(self, x: float, y: float, size: tuple[int, int]) -> tuple[Array, Array]:
        """Start (mm) and unit direction of the ray through a pixel."""
        offset = (x - (size[0] - 1) / 2) * self.per_pixel * self.right
        offset = offset - (y - (size[1] - 1) / 2) * self.per_pixel * self.up
        if self.is_parallel:
            return self.position_mm + offset, self.forward
        direction = self.forward + offset
        return self.position_mm, direction / np.linalg.norm(direction)

    def pixel_of(self, point_mm: Vector | Array, size: tuple[int, int]) -> tuple[float, float]:
        """The pixel (x, y) at which a patient position appears."""
        away = np.asarray(point_mm, np.float64) - self.position_mm
        depth = 1.0 if self.is_parallel else max(float(away @ self.forward), 1e-9)
        x, y = float(away @ self.right) / depth, float(away @ self.up) / depth
        return x / self.per_pixel + (size[0] - 1) / 2, (size[1] - 1) / 2 - y / self.per_pixel

    @property
    def mm_per_pixel(self) -> float:
        """At the depth of the focal point."""
        return self.per_pixel * (1.0 if self.is_parallel else self.distance_mm)


_ZOOMS: Final = (0.05, 50.0)
_NARROWEST_DEG: Final = 1.0  # below, rays count as parallel
_MARGIN: Final = 1.02  # room around the longest side of the volume


def directions(camera: Camera) -> tuple[Array, Array, Array]:
    """Unit vectors (right, up, forward) of the picture in patient space."""
    azimuth, elevation, roll = np.radians([camera.azimuth_deg, camera.elevation_deg, camera.roll_deg])
    level = np.array([np.sin(azimuth), -np.cos(azimuth), 0.0])  # towards the eye, at elevation 0: -y is the front
    head = np.array([0.0, 0.0, 1.0])
    towards_eye = np.cos(elevation) * level + np.sin(elevation) * head
    up = np.cos(elevation) * head - np.sin(elevation) * level
    forward = -towards_eye
    right = np.cross(forward, up)
    return np.cos(roll) * right + np.sin(roll) * up, np.cos(roll) * up - np.sin(roll) * right, forward


def eye_of(camera: Camera, grid: Grid, size: tuple[int, int]) -> Eye:
    """Place the camera before a volume for a picture of (width, height) pixels."""
    right, up, forward = directions(camera)
    focal = np.array(camera.focal_mm if camera.focal_mm is not None else grid.centre_mm, np.float64)
    half_angle = np.radians(max(camera.view_angle_deg, _NARROWEST_DEG)) / 2
    radius = grid.half_extent_mm * _MARGIN
    distance = camera.distance_mm or radius / np.tan(half_angle)
    is_parallel = camera.view_angle_deg < _NARROWEST_DEG
    half_picture = radius if is_parallel else np.tan(half_angle)
    per_pixel = half_picture / camera.zoom / (min(size) / 2)
    if is_parallel:
        distance = max(distance, 2 * grid.radius_mm)
    return Eye(focal - forward * distance, forward, right, up, per_pixel, is_parallel, focal, float(distance))


def turned(camera: Camera, right: float, down: float) -> Camera:
    """The camera after a drag in pixels: the volume follows the hand; half a degree a pixel."""
    elevation = float(np.clip(camera.elevation_deg + down * 0.5, -90, 90))
    return replace(camera, azimuth_deg=(camera.azimuth_deg - right * 0.5) % 360.0, elevation_deg=elevation)


def zoomed(camera: Camera, factor: float) -> Camera:
    return replace(camera, zoom=float(np.clip(camera.zoom * factor, *_ZOOMS)))


def panned(camera: Camera, grid: Grid, size: tuple[int, int], right: float, down: float) -> Camera:
    """The camera after a drag in pixels that moves the volume with the hand."""
    eye = eye_of(camera, grid, size)
    moved = eye.focal_mm - (right * eye.right - down * eye.up) * eye.mm_per_pixel
    return replace(camera, focal_mm=vector(moved), distance_mm=eye.distance_mm if camera.distance_mm else None)


def looking(position_mm: Vector, focal_mm: Vector, view_up: Vector, view_angle_deg: float) -> Camera:
    """The camera at a position, as other programs write it (VTK's four numbers)."""
    away = np.subtract(position_mm, focal_mm)
    distance = float(np.linalg.norm(away)) or 1.0
    elevation = float(np.degrees(np.arcsin(np.clip(away[2] / distance, -1, 1))))
    if abs(away[2]) < distance * (1 - 1e-9):
        azimuth = float(np.degrees(np.arctan2(away[0], -away[1]))) % 360.0
    else:  # straight from above or below: the picture's up says how it is turned
        azimuth = float(np.degrees(np.arctan2(-view_up[0], view_up[1]))) % 360.0 * (1 if away[2] > 0 else -1)
    level = Camera(azimuth, elevation, 1.0, 0.0, view_angle_deg, focal_mm, distance)
    right, up, _ = directions(level)
    roll = float(np.degrees(np.arctan2(-np.dot(view_up, right), np.dot(view_up, up))))
    return replace(level, roll_deg=roll)
