"""A chest CT that nobody had: skin, fat, muscles, ribs, spine, lungs with vessels, heart, aorta, liver, in HU.

Positions are patient millimetres: x to the left, y to the back, z to the head; z = 0 is the lowest slice.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shell.demo_shapes import Canvas, Floats, Point, bone, capsule, ellipsoid, paint, tube

AIR, LUNG, FAT, MUSCLE, SKIN, BLOOD, CARTILAGE = -1000.0, -865.0, -102.0, 55.0, 30.0, 128.0, 150.0
HEIGHT_MM: Final = 312.0


@dataclass(frozen=True)
class Size:
    """How fine the scan is."""

    columns: int = 256
    slices: int = 156

    @property
    def spacing_mm(self) -> Point:
        return 400 / self.columns, 400 / self.columns, HEIGHT_MM / self.slices


def thorax(size: Size, seed: int = 7) -> tuple[NDArray[np.int16], Point, Point]:
    """Values in HU [k, j, i], position of the first voxel's centre, spacing; the same seed gives the same scan."""
    spacing = size.spacing_mm
    origin = (-200 + spacing[0] / 2, -200 + spacing[1] / 2, 0.0)
    canvas = Canvas(np.full((size.slices, size.columns, size.columns), AIR, np.float32), origin, spacing)
    chance = np.random.default_rng(seed)
    for k in range(size.slices):
        _slice(canvas, k)
    for organ in (_abdomen, _mediastinum, _spine, _sternum, _shoulders, _table):
        organ(canvas)
    _vessels(canvas, chance)
    return _scanned(canvas, chance), origin, spacing


def _curve(z: float, *knots: tuple[float, float]) -> float:
    """A smooth line through (z, value) knots."""
    heights, values = zip(*knots, strict=True)
    position = float(np.interp(z, heights, range(len(heights))))
    low = min(int(position), len(values) - 2)
    t = position - low
    return float(values[low] + (values[low + 1] - values[low]) * (t * t * (3 - 2 * t)))


def _oval(x: Floats, y: Floats, half: tuple[float, float], middle_y: float, power: float) -> Floats:
    """Depth in mm inside an oval of half widths (across, front to back)."""
    u, v = np.abs(x / half[0]), np.abs((y - middle_y) / half[1])
    radius = (u**power + v**power) ** (1 / power)
    away = np.hypot(x, y - middle_y)
    return np.asarray((1 - radius) * away / np.maximum(radius, 1e-3), np.float32)


@dataclass(frozen=True, eq=False)
class _Section:
    """One slice: its pixels, their depth below the skin and inside the rib cage, and the angle around the cage."""

    z: float
    x: Floats
    y: Floats
    body_mm: Floats
    cage_mm: Floats
    turn: Floats  # 0 at the spine, 1 at the breastbone, on both sides


def cage_half(z: float) -> tuple[float, float]:
    """Half width and half depth of the rib cage's inner side."""
    across = _curve(z, (0, 128), (60, 134), (120, 130), (180, 116), (230, 92), (270, 62), (300, 34), (330, 20))
    depth = _curve(z, (0, 84), (60, 92), (120, 92), (180, 82), (230, 66), (270, 48), (300, 30), (330, 18))
    return across, depth


def cage_middle(z: float) -> float:
    return _curve(z, (0, 2), (120, 0), (200, 6), (260, 18), (310, 26))


def spine_y(z: float) -> float:
    """The middle of the vertebral bodies: the back is bent."""
    return _curve(z, (-30, 48), (30, 54), (110, 58), (190, 54), (250, 42), (330, 24))


def _section(canvas: Canvas, k: int) -> _Section:
    z = float(canvas.axes[2][k])
    x, y = canvas.axes[0][None, :], canvas.axes[1][:, None]
    across = _curve(z, (0, 156), (60, 160), (130, 163), (200, 164), (240, 150), (275, 104), (300, 68), (330, 60))
    depth = _curve(z, (0, 112), (60, 116), (140, 117), (200, 108), (250, 92), (285, 74), (330, 62))
    body = _oval(x, y, (across, depth), cage_middle(z) + 2, 2.35)
    body = np.maximum(body, _arms(x, y, z))
    body -= 4.0 * np.exp(-((x / 15) ** 2)) * (y > 40)  # the furrow over the spine
    body += 5.0 * np.exp(-(((np.abs(x) - 72) / 38) ** 2) - ((z - 168) / 44) ** 2) * (y < -40)  # chest
    cage = _oval(x, y, cage_half(z), cage_middle(z), 2.15)
    turn = np.arctan2(np.abs(x), y - cage_middle(z)) / np.pi
    return _Section(z, x, y, body, cage, turn.astype(np.float32))


def _arms(x: Floats, y: Floats, z: float) -> Floats:
    """Shoulders and raised arms."""
    t = np.clip((z - 215) / 100, 0, 1)
    middle, radius = 112 + 38 * t, 30 + 22 * np.sin(np.pi * min(max((z - 205) / 130, 0), 1))
    return (
        (radius - np.hypot(np.abs(x) - middle, (y - 8) * 0.9)).astype(np.float32)
        if z > 205
        else np.full_like(x * y, -99)
    )


def _slice(canvas: Canvas, k: int) -> None:
    """Body wall, ribs and lungs of one slice."""
    at, old, edge = _section(canvas, k), canvas.values[k], canvas.edge_mm
    fat_mm = 9 + 9 * np.exp(-(((at.z + 10) / 70) ** 2)) + 5 * (np.abs(at.x) > 90) * np.exp(-(((at.z - 60) / 80) ** 2))
    paint(old, at.body_mm, SKIN, edge)
    paint(old, at.body_mm - 2.2, FAT, edge)
    paint(old, np.maximum(np.minimum(at.body_mm - fat_mm, _wall(at)), at.body_mm - fat_mm - 12), MUSCLE, edge)
    paint(old, np.minimum(np.minimum(at.cage_mm - 4, at.body_mm - 14), 99), FAT, edge)  # inside of the ribs
    _ribs(at, old, edge)
    _blades(at, old, edge)
    paint(old, lungs_mm(at.x, at.y, at.z, at.cage_mm), LUNG + 0.28 * at.y, edge)


def _wall(at: _Section) -> Floats:
    """Depth inside the muscles around the ribs: thick beside the spine and on the upper chest."""
    back = 22 * np.exp(-(((np.abs(at.x) - 30) / 24) ** 2)) * (at.y > 30)
    chest = 13 * np.exp(-(((np.abs(at.x) - 70) / 36) ** 2) - ((at.z - 195) / 46) ** 2) * (at.y < 0)
    side = 7 * np.exp(-(((at.turn - 0.42) / 0.12) ** 2))
    return np.asarray(at.cage_mm + 13 + back + chest + side, np.float32)


RIBS: Final = 12
_PITCH_MM: Final = 24.5


def rib_root(number: int) -> float:
    """Height at which a rib leaves the spine."""
    return 296 - _PITCH_MM * (number - 1)


def _ribs(at: _Section, slice_: Floats, edge: float) -> None:
    """Ribs run on the cage, first down, then as cartilage up to the breastbone; the last two end free."""
    depth = at.cage_mm + 3.5
    near = np.abs(depth) < 8  # a tenth of the pixels: no rib is thicker
    t, thick, old = at.turn[near], depth[near] / 3.9, slice_[near]
    for number in range(1, RIBS + 1):
        reach = _curve(number, (1, 0.80), (3, 0.82), (7, 0.80), (9, 0.74), (10, 0.68), (11, 0.52), (12, 0.36))
        drop = _curve(number, (1, 34), (3, 58), (6, 86), (9, 104), (12, 92))
        middle = (
            rib_root(number)
            - drop * np.clip((t - 0.06) / 0.74, 0, 1.1) ** 1.25
            + 4 * np.sin(np.pi * np.minimum(t / 0.25, 1))
        )
        rise = np.maximum(t - reach, 0) * _curve(number, (1, 20), (4, 60), (7, 240), (10, 330))
        high = (at.z - middle - (rise if number <= 10 else 0)) / (6.6 if number > 1 else 5.0)
        inside = (1 - np.hypot(high, thick)) * 3.9
        bony, gristle = np.minimum(inside, (reach - t) * 160), np.minimum(inside + 0.6, (t - reach) * 160)
        joined = np.minimum(gristle, (0.985 - t) * 160) if number <= 10 else np.full_like(gristle, -9.0)
        paint(old, np.minimum(joined, 90), CARTILAGE, edge)
        paint(old, np.minimum(bony, (t - 0.055) * 200), 800, edge)
        paint(old, np.minimum(bony - 1.5, (t - 0.06) * 200), 300, edge)
    slice_[near] = old


def _blades(at: _Section, old: Floats, edge: float) -> None:
    """Shoulder blades: thin plates behind the upper ribs, a triangle that points down, with a thick outer border."""
    t, z = at.turn, at.z
    low, high = 128.0, 256.0
    if not low < z < high + 4:
        return
    share = (z - low) / (high - low)
    inner, outer = 0.235 - 0.02 * share, 0.27 + 0.17 * share
    sheet = 1.7 + 2.6 * np.exp(-(((t - outer) / 0.02) ** 2)) - np.abs(at.cage_mm + 15 + 5 * share)
    paint(old, np.minimum(np.minimum((t - inner) * 260, (outer - t) * 260), sheet), 620, edge)


def lungs_mm(x: Floats, y: Floats, z: float, cage_mm: Floats) -> Floats:
    """Depth inside the lungs: within the ribs, beside the middle, above the diaphragm."""
    half = 20 + 12 * np.exp(-(((y - 40) / 34) ** 2)) + _curve(z, (0, 14), (140, 12), (200, 6), (260, 4), (310, 9))
    middle = 5 + _curve(z, (0, 8), (120, 8), (200, 2), (310, 0))
    beside = np.abs(x - middle) - half
    heart = np.hypot((x - 26) / 60, (y + 22) / 47)
    heart = np.hypot(heart, (z - 118) / 56)
    apart = np.minimum(beside, (heart - 1) * 47)
    spine = np.hypot(x, (y - spine_y(z)) * 0.9) - 25
    dome = np.minimum(z - dome_mm(x, y), 99)
    return np.asarray(np.minimum(np.minimum(np.minimum(cage_mm - 3.5, apart), spine), dome), np.float32)


def dome_mm(x: Floats, y: Floats) -> Floats:
    """Height of the diaphragm: higher on the right, steep at the edge."""
    right = 112 - (((x + 66) / 62) ** 2 + ((y - 2) / 74) ** 2) * 34
    left = 98 - (((x - 68) / 58) ** 2 + ((y - 4) / 72) ** 2) * 34
    return np.asarray(np.maximum(np.maximum(right, left), 18), np.float32)


def _abdomen(canvas: Canvas) -> None:
    """Liver, stomach with its bubble of air, spleen and kidneys' tops below the diaphragm."""
    x, y, heights = canvas.axes
    grid_x, grid_y = x[None, :], y[:, None]
    for k, z in enumerate(heights):
        if z > 118:
            break
        z = float(z)
        cage = _oval(grid_x, grid_y, cage_half(z), cage_middle(z), 2.15)
        below = np.minimum(cage - 5, dome_mm(grid_x, grid_y) - z - 2)
        spine = np.hypot(grid_x, grid_y - spine_y(z)) - 30
        liver_edge = 30 - 0.35 * (grid_y + 20) - 0.25 * (40 - z)
        paint(canvas.values[k], np.minimum(np.minimum(below, (liver_edge - grid_x) * 0.9), spine), 68.0, canvas.edge_mm)
    ellipsoid(canvas, (72, -18, 46), (36, 42, 40), 32, 20)
    ellipsoid(canvas, (70, -40, 62), (26, 17, 17), AIR + 30, 10)
    ellipsoid(canvas, (98, 44, 40), (20, 34, 42), 62, -35)
    for side in (-1, 1):
        ellipsoid(canvas, (side * 56, 62, 0), (24, 20, 38), 48, side * 20)
    tube(canvas, [(-12, -36, 20), (-34, -20, 46), (-60, -6, 60)], [6, 5, 3], 105)


def _mediastinum(canvas: Canvas) -> None:
    """Heart with its chambers, great vessels, windpipe, gullet."""
    ellipsoid(canvas, (26, -20, 116), (57, 44, 52), -85, -32)  # fat around the heart
    ellipsoid(canvas, (27, -20, 117), (52, 39, 47), 78, -32)
    ellipsoid(canvas, (38, -14, 112), (27, 18, 32), BLOOD, -32)
    ellipsoid(canvas, (8, -38, 116), (24, 16, 32), BLOOD - 8, -20)
    ellipsoid(canvas, (-18, -12, 128), (19, 24, 27), BLOOD - 5, 0)
    ellipsoid(canvas, (14, 18, 136), (29, 15, 19), BLOOD - 3, 0)
    aorta: list[Point] = [
        (4, -20, 140),
        (-6, -28, 168),
        (-8, -24, 196),
        (0, -6, 212),
        (13, 20, 215),
        (23, 38, 204),
        (26, 46, 184),
    ]
    aorta += [(26, spine_y(z) - 18, z) for z in (160, 130, 100, 60, 30, -10)]
    tube(
        canvas,
        aorta,
        [15, 15.5, 15, 14, 13, 12.5, 12, 12, 11.5, 11.5, 11, 10.5, 10][: len(aorta)],
        BLOOD + 4,
        (1.6, 60),
    )
    for start, end in (((-6, -10, 210), (-26, 0, 262)), ((4, 2, 216), (14, 4, 270)), ((14, 18, 214), (30, 14, 268))):
        tube(canvas, [start, end, (end[0] * 1.15, end[1], 330)], [6, 4.5, 4.2], BLOOD, (1, 55))
    tube(canvas, [(-22, -14, 136), (-25, -18, 170), (-24, -14, 215), (-20, -8, 250)], [10, 9, 8.5, 7], BLOOD - 4)
    tube(canvas, [(12, -36, 150), (17, -28, 172), (20, -4, 182)], [13, 13, 12], BLOOD)
    for side in (-1, 1):
        tube(canvas, [(16, -2, 182), (side * 24 + 6, 8, 180), (side * 44 + 4, 16, 174)], [11, 9.5, 7.5], BLOOD)
        tube(canvas, [(0, 26, 192), (side * 20 + 2, 30, 176), (side * 40, 30, 164)], [6.5, 6, 4.5], AIR + 15, (1.6, 25))
    tube(canvas, [(0, 20, 340), (0, 22, 260), (0, 26, 190)], [8.5, 8.5, 8], AIR + 10, (1.8, 45))
    tube(canvas, [(6, 36, 340), (6, 40, 200), (12, 42, 120), (20, 30, 70)], [5, 6, 6, 6], 40)


def _spine(canvas: Canvas) -> None:
    """Vertebrae with bodies, arches, and the processes that muscles pull on."""
    for number in range(-1, 14):
        z = 302 - _PITCH_MM * number
        if -20 < z < HEIGHT_MM + 20:
            _vertebra(canvas, z, 0.82 + 0.022 * number)


def _vertebra(canvas: Canvas, z: float, scale: float) -> None:
    y = spine_y(z)
    wide, deep, tall = 18.5 * scale, 14.5 * scale, 10.2
    found = canvas.window((-40, y - 40, z - 13), (40, y + 70, z + 13))
    if found is None:
        return
    where, (xs, ys, zs) = found
    old = canvas.values[where]
    waist = 1 - 0.10 * np.cos(np.clip((zs - z) / tall, -1, 1) * np.pi / 2) ** 2
    oval = (1 - np.hypot(xs / (wide * waist), (ys - y) / (deep * waist))) * deep
    paint(old, np.minimum(oval - 0.6, 13 - np.abs(zs - z)), 85, canvas.edge_mm)  # disc
    paint(old, np.minimum(oval, tall - np.abs(zs - z)), 640, canvas.edge_mm)
    paint(old, np.minimum(oval - 2.0, tall - 2.2 - np.abs(zs - z)), 215, canvas.edge_mm)
    arch = y + deep + 9 * scale
    for side in (-1.0, 1.0):
        root = (side * 10.5 * scale, y + deep - 3, z + 3)
        joint = (side * 12.5 * scale, arch + 2, z + 2)
        bone(canvas, root, joint, (4.4, 4.2))
        bone(canvas, joint, (0.0, arch + 10 * scale, z - 5), (3.6, 3.2))
        bone(canvas, joint, (side * 30 * scale, arch + 9, z + 6), (4.4, 3.4))
        bone(canvas, (joint[0], joint[1], z - 10), (joint[0], joint[1], z + 12), (3.6, 3.6))
    capsule(canvas, (0, arch, z - 14), (0, arch, z + 14), (8.2 * scale, 8.2 * scale), 12)
    capsule(canvas, (0, arch, z - 14), (0, arch, z + 14), (5.0 * scale, 5.0 * scale), 38)
    bone(canvas, (0, arch + 10 * scale, z - 5), (0, arch + 27, z - 25), (3.4, 3.2))


def _sternum(canvas: Canvas) -> None:
    """Handle, body and tip of the breastbone, along the front of the cage."""
    knots = (
        (254, 17, 5.5),
        (236, 24, 6.0),
        (222, 15, 5.2),
        (200, 15, 5.2),
        (160, 18, 5.4),
        (126, 15, 5.0),
        (114, 6, 3.2),
    )
    for (z0, wide0, thick0), (z1, wide1, thick1) in itertools.pairwise(knots):
        for share in np.linspace(-1, 1, 7):
            start = (wide0 * share, _front(z0, wide0 * share), z0)
            end = (wide1 * share, _front(z1, wide1 * share), z1)
            bone(canvas, start, end, (thick0, thick1), 1.8)


def _front(z: float, x: float) -> float:
    return cage_middle(z) - cage_half(z)[1] - 2.5 + 0.004 * x * x


def _shoulders(canvas: Canvas) -> None:
    """Collar bones, the spines of the blades, the heads and shafts of the raised arms."""
    for side in (-1.0, 1.0):
        inner = (side * 20, _front(252, 20) + 4, 258.0)
        bend, outer = (side * 66, _front(252, 20) - 2, 268.0), (side * 122, 2.0, 276.0)
        bone(canvas, inner, bend, (7.5, 5.6))
        bone(canvas, bend, outer, (5.6, 6.2))
        bone(canvas, (side * 58, 86, 232), (side * 104, 62, 252), (3.6, 4.6))
        bone(canvas, (side * 104, 62, 252), (side * 136, 18, 278), (4.6, 5.6))
        bone(canvas, (side * 110, 44, 246), (side * 118, 26, 252), (6, 10))
        bone(canvas, (side * 134, 14, 256), (side * 138, 12, 262), (20, 21), 2.2)
        bone(canvas, (side * 140, 12, 262), (side * 158, 8, 330), (13, 11), 3.4)


def _table(canvas: Canvas) -> None:
    """The couch of the scanner: a bent shell under the back."""
    x, y, _ = canvas.axes
    line = 140 - (x[None, :] / 190) ** 2 * 26
    for old in canvas.values:
        shell = np.minimum(1.6 - np.abs(y[:, None] - line - 8), (185 - np.abs(x[None, :])))
        paint(old, np.where(old < -900, shell, -9), -120, canvas.edge_mm)


def _vessels(canvas: Canvas, chance: np.random.Generator) -> None:
    """Vessels of the lungs, branching from the roots until they are too thin to be seen."""
    for side in (-1.0, 1.0):
        root = np.array((side * 42 + 4, 16.0, 174.0))
        for z, reach in ((256, 0.55), (222, 0.85), (186, 1.0), (150, 1.0), (112, 1.05)):
            for angle in np.linspace(-1.3, 1.45, 4) + chance.normal(0, 0.12, 4):
                aim = np.array(
                    (side * (58 + 36 * reach * np.cos(angle)), 8 + 58 * reach * np.sin(angle), z + chance.normal(0, 6))
                )
                for start, end, radius in _tree(root, aim, 4.0, 4, chance):
                    capsule(canvas, start, end, (radius, radius * 0.8), 42, only=(-960, -420))


def _tree(
    start: NDArray[np.float64], aim: NDArray[np.float64], radius: float, levels: int, chance: np.random.Generator
) -> Iterator[tuple[Point, Point, float]]:
    """Legs of one vessel and its branches: (start, end, radius)."""
    way = aim - start
    bend = start + way * 0.5 + chance.normal(0, 4.0, 3)
    stops = [start, bend, start + way]
    for here, there, share in zip(stops, stops[1:], (1.0, 0.85), strict=False):
        yield tuple(here.tolist()), tuple(there.tolist()), radius * share
    if levels <= 1:
        return
    length = float(np.linalg.norm(way)) * 0.62
    forward = way / (np.linalg.norm(way) or 1.0)
    for _ in range(3):
        direction = forward + chance.normal(0, 0.62, 3)
        direction /= np.linalg.norm(direction)
        fork = bend if chance.random() < 0.4 else stops[2]
        yield from _tree(fork, fork + direction * length * chance.uniform(0.6, 1.0), radius * 0.64, levels - 1, chance)


def _scanned(canvas: Canvas, chance: np.random.Generator) -> NDArray[np.int16]:
    """What a scanner makes of it: a little blur in the plane, and noise that grows where the body is thick."""
    values = canvas.values
    for axis in (1, 2):
        values = 0.5 * values + 0.25 * (np.roll(values, 1, axis) + np.roll(values, -1, axis))
    noise = chance.standard_normal(values.shape, np.float32)
    noise += np.roll(noise, 1, 1) + np.roll(noise, 1, 2)
    noise *= np.where(values > -950, 5.0, 3.0)
    scanned: NDArray[np.int16] = np.clip(np.rint(values + noise), -1024, 3071).astype(np.int16)
    return scanned
