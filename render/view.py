"""View: everything a picture depends on besides the volume, as one frozen value."""

from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np

from archive.volumes.volume import Volume
from render import window as windows
from render.camera import Camera, looking
from render.grid import Grid, Vector, grid_of, ready_slices, vector
from render.layout import LAYOUTS
from render.transfer import Colour, Point, Shade, Transfer
from render.window import Window

MODES: Final = ("composite", "mip", "minip", "mean", "xray")
SLAB_MODES: Final = ("mip", "minip", "mean")
COLOUR_MAPS: Final = ("grey", "inverted", "hot")
INTERPOLATIONS: Final = ("nearest", "linear", "cubic")


@dataclass(frozen=True)
class Plane:
    """A plane of any direction: its normal, and which way is up in the picture (None: as radiologists expect)."""

    normal: Vector = (0.0, 0.0, 1.0)
    up: Vector | None = None


@dataclass(frozen=True)
class Framing:
    """Which part of its plane a slice view shows: zoom 1 is all of it; the picture's middle, mm from the volume's."""

    zoom: float = 1.0
    right_mm: float = 0.0
    down_mm: float = 0.0


@dataclass(frozen=True)
class Slab:
    """Thickness (mm, 0: a plane) of what a slice view shows, and how it is put together: mip, minip or mean."""

    thickness_mm: float = 0.0
    mode: str = "mip"


@dataclass(frozen=True)
class Crop:
    """Voxels that 3D shows, half open: columns i0..i1, rows j0..j1, slices k0..k1."""

    i0: int
    i1: int
    j0: int
    j1: int
    k0: int
    k1: int

    @property
    def low_ijk(self) -> tuple[int, int, int]:
        return self.i0, self.j0, self.k0

    @property
    def high_ijk(self) -> tuple[int, int, int]:
        return self.i1, self.j1, self.k1


@dataclass(frozen=True)
class Clip:
    """3D keeps the points p (patient mm) with normal . p + offset >= 0."""

    normal: Vector
    offset: float


_FINEST_STEP: Final = 1 / 64  # of the default: finer ones would draw for minutes and show nothing more
_UNIT: Final = Window(0.5, 1.0, "LINEAR_EXACT")
_FRONT: Final = Camera()
_FLAT: Final = Transfer((Point(0.0, 0.0, 0.0, 0.0, 0.0), Point(1.0, 1.0, 1.0, 1.0, 0.5)))


@dataclass(frozen=True)
class View:
    """The state of a picture. Real values in windows and transfer, patient LPS mm elsewhere."""

    layout: str = "mpr"
    cursor_mm: Vector = (0.0, 0.0, 0.0)
    window: Window = _UNIT
    invert: bool = False
    camera: Camera = _FRONT
    preset: str = ""
    mode: str = "composite"
    transfer: Transfer = _FLAT
    background: Colour = (0.0, 0.0, 0.0)
    projection_window: Window | None = None  # of 3D projections; None: the window of the slices
    colour_map: str = "grey"  # of 3D projections: grey, inverted or hot
    light: Vector = (-0.35, 0.45, 1.0)  # towards the light, in the camera's axes: right, up, to the viewer
    oblique: Plane = Plane()
    slab: Slab = Slab()
    interpolation: str = "linear"
    crop: Crop | None = None
    clips: tuple[Clip, ...] = ()
    step_mm: float | None = None  # None: half the finest spacing
    framings: tuple[tuple[str, Framing], ...] = field(default=())
    marks: tuple[str, ...] = ("letters", "scale", "cursor", "border", "cube")  # what the viewer draws over the picture

    def framing(self, kind: str) -> Framing:
        """The framing of a slice view."""
        return dict(self.framings).get(kind, Framing())

    def framed(self, kind: str, framing: Framing) -> "View":
        """The view with another framing of one slice view."""
        others = tuple(item for item in self.framings if item[0] != kind)
        return replace(self, framings=(*others, (kind, framing)))

    def step_of(self, grid: Grid) -> float:
        """Distance in mm between two samples of a ray."""
        return max(self.step_mm or grid.default_step_mm, _FINEST_STEP * grid.default_step_mm)


def first_view(volume: Volume) -> View:
    """The view in which a volume opens, without a 3D preset: see presets.applied for that.

    The cursor is on the middle voxel, so that the first slice is a slice that was taken, not one between two.
    """
    grid = grid_of(volume)
    k, j, i = (n // 2 for n in grid.shape_kji)
    middle = vector(grid.patient_from_voxel[:3, :3] @ (i, j, k) + grid.patient_from_voxel[:3, 3])
    layout = "mpr" if volume.is_spatial and volume.voxels.ndim == 3 else "frames"
    return View(layout=layout, cursor_mm=middle, window=first_window(volume), invert=volume.invert)


def first_window(volume: Volume) -> Window:
    """The file's first window, else what suits the values that have arrived."""
    for centre, width, name in volume.windows:
        if np.isfinite((centre, width)).all() and width >= 1:
            return Window(centre, width, name=name)
    if volume.unit == "HU":
        return windows.CT_WINDOWS[0]
    low, high = _usual_range(volume)
    return windows.between(low, high)


def _usual_range(volume: Volume) -> tuple[float, float]:
    """The 1st and 99th percentile, in real values, of the middle slice that has arrived."""
    ready = ready_slices(volume)
    if volume.voxels.dtype == np.uint8 or not len(ready):
        return 0.0, 255.0
    middle = volume.voxels[ready[len(ready) // 2]].ravel()
    values = volume.real(middle[:: max(1, middle.size // 65536)])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, (1, 99))
    return (float(low), float(high)) if high > low else (float(low), float(low) + 1.0)


def to_json(view: View) -> dict[str, Any]:
    """The scene: plain values from which `from_json` makes the same view again, to the last bit."""
    points = [[p.value, p.red, p.green, p.blue, p.opacity] for p in view.transfer.points]
    framings = {kind: asdict(framing) for kind, framing in view.framings}
    return {**asdict(view), "transfer": points, "shade": asdict(view.transfer.shade), "framings": framings}


def from_json(told: Mapping[str, Any]) -> View:
    """The view of a scene; what it does not say is as in View(), names it does not know are passed over.

    Raises ValueError, TypeError or KeyError where a part has not the form it must have.
    """
    found = {name: read(told[name]) for name, read in _READERS.items() if told.get(name) is not None}
    view = View(**found)
    if told.get("transfer") is None and told.get("shade") is None:
        return view
    points = tuple(Point(*_numbers(row, 5)) for row in told["transfer"]) if told.get("transfer") else _FLAT.points
    return replace(view, transfer=Transfer(points, Shade(**(told.get("shade") or {}))))


def _numbers(values: Any, count: int) -> tuple[float, ...]:
    found = tuple(float(value) for value in values)
    if len(found) != count or not np.isfinite(found).all():
        raise ValueError(values)
    return found


def _triple(values: Any) -> Vector:
    x, y, z = _numbers(values, 3)
    return x, y, z


def _camera(told: Mapping[str, Any]) -> Camera:
    """Our own form, or position, focal_point, view_up and view_angle as VTK writes them."""
    if "position" in told:
        position, focal, up = (_triple(told[name]) for name in ("position", "focal_point", "view_up"))
        return looking(position, focal, up, float(told.get("view_angle", 30.0)))
    focal_mm = _triple(told["focal_mm"]) if told.get("focal_mm") is not None else None
    return Camera(**{**told, "focal_mm": focal_mm})


def _window(told: Any) -> Window:
    if isinstance(told, Mapping):
        return Window(**told)
    centre, width = _numbers(told, 2)
    return Window(centre, width)


def _crop(told: Any) -> Crop:
    return Crop(**told) if isinstance(told, Mapping) else Crop(*(int(n) for n in told))


def _plane(told: Mapping[str, Any]) -> Plane:
    return Plane(_triple(told["normal"]), _triple(told["up"]) if told.get("up") is not None else None)


def _one_of(names: Container[str]) -> Callable[[Any], str]:
    def read(told: Any) -> str:
        if told not in names:
            raise ValueError(told)
        return str(told)

    return read


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "layout": _one_of(LAYOUTS),
    "cursor_mm": _triple,
    "window": _window,
    "invert": bool,
    "camera": _camera,
    "preset": str,
    "mode": _one_of(MODES),
    "background": _triple,
    "projection_window": _window,
    "colour_map": _one_of(COLOUR_MAPS),
    "light": _triple,
    "oblique": _plane,
    "slab": lambda told: Slab(**told),
    "interpolation": _one_of(INTERPOLATIONS),
    "crop": _crop,
    "clips": lambda told: tuple(Clip(_triple(clip["normal"]), float(clip["offset"])) for clip in told),
    "step_mm": float,
    "framings": lambda told: tuple((kind, Framing(**framing)) for kind, framing in told.items()),
    "marks": lambda told: tuple(str(name) for name in told),
}
