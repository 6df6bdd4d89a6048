"""At the limits: gantry tilt, the eye inside the volume, rays along faces, little memory, old OpenGL, two processes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make import volumes

from archive.errors import TooLarge
from render import source
from render.camera import Camera
from render.frame import Renderer
from render.layout import panes
from render.measure import probe
from render.transfer import Point, Shade, Transfer
from render.view import Crop, first_view

TOP = Path(__file__).parents[2]
SHEAR_15 = np.array([[1, 0, 0], [0, 1, np.tan(np.radians(15))], [0, 0, 1.0]])
TURNED = np.array([[0.8, -0.36, 0.48], [0.6, 0.48, -0.64], [0.0, 0.8, 0.6]])
SOLID = Transfer((Point(499, 1, 1, 1, 0), Point(501, 1, 1, 1, 1)), Shade(lit=False))


def axis_ratio(mask: Any) -> float:
    """Longest to shortest axis of a filled shape, by its second moments."""
    places = np.argwhere(mask).astype(float)
    spread = np.linalg.eigvalsh(np.cov(places.T))
    return float(np.sqrt(spread[-1] / spread[0]))


@pytest.mark.parametrize("axes", [np.eye(3), SHEAR_15, TURNED, SHEAR_15 @ TURNED])
def test_a_ball_stays_round_in_every_plane_and_in_3d(renderer_of: Any, axes: Any) -> None:
    shape = (60, 64, 64)
    matrix = volumes.centred(shape, (1.0, 1.0, 1.2), axes)
    away = np.linalg.norm(volumes.places(shape, matrix), axis=-1)
    volume = volumes.volume(np.clip(1000 - 100 * (away - 15), 0, 2000) / 2, matrix)  # 500 at 15 mm
    view = replace(first_view(volume), cursor_mm=(0.0, 0.0, 0.0), transfer=SOLID)
    renderer, size = renderer_of(volume), (220, 220)
    for kind in ("axial", "coronal", "sagittal", "oblique"):
        seen = renderer.values(replace(view, layout=kind), size)
        assert axis_ratio(np.nan_to_num(seen) > 500) < 1.01, kind
    for angles in ((0, 0), (40, 30)):
        camera = Camera(*angles, view_angle_deg=0)
        assert axis_ratio(renderer.values(replace(view, layout="3d", camera=camera), size) > 0.5) < 1.01, angles


def test_the_eye_may_be_inside_the_volume(renderer_of: Any) -> None:
    """From the middle of a homogeneous cube half of it lies ahead."""
    tau = 0.02
    haze = Transfer(
        (Point(0, 1, 1, 1, 0), Point(100, 1, 1, 1, 1 - np.exp(-tau)), Point(200, 1, 1, 1, 1 - np.exp(-tau)))
    )
    volume = volumes.volume(np.full((41, 41, 41), 150))
    camera = Camera(focal_mm=(0.0, 10.0, 0.0), distance_mm=10.0, view_angle_deg=30)
    view = replace(first_view(volume), layout="3d", camera=camera, transfer=replace(haze, shade=Shade(lit=False)))
    seen = renderer_of(volume).values(view, (33, 33))[16, 16]
    assert abs(seen - (1 - np.exp(-tau * 20))) < 1 / 255


@pytest.mark.parametrize("angles", [(0, 0), (90, 0), (0, 90), (180, -90)])
def test_rays_along_the_faces_of_a_crop_box_divide_by_nothing(renderer_of: Any, angles: Any) -> None:
    """A parallel ray in the very plane of a face; and a box one voxel thick."""
    volume = volumes.volume(np.full((21, 21, 21), 1000))
    renderer = renderer_of(volume)
    for crop in (None, Crop(0, 11, 0, 11, 0, 11), Crop(10, 11, 0, 21, 0, 21)):
        camera = Camera(*angles, view_angle_deg=0, focal_mm=(0.0, 0.0, 0.0))
        view = replace(first_view(volume), layout="3d", camera=camera, transfer=SOLID, crop=crop)
        seen = renderer.values(view, (43, 43))
        assert np.isfinite(seen).all() and seen.min() >= 0 and seen.max() <= 1


def test_the_value_under_the_cursor_is_the_array_s_whatever_the_picture_shows(renderer_of: Any) -> None:
    values = np.random.default_rng(3).integers(-2000, 2000, (9, 12, 15))
    volume = volumes.volume(values, slope=0.5, intercept=-3.0)
    view = replace(first_view(volume), layout="axial", interpolation="cubic")
    pane = panes("axial", (61, 47))[0]
    for pixel in ((20, 11), (30, 23), (44, 40)):
        found = probe(volume, view, pane, pixel)
        assert found is not None
        i, j, k = found.index_ijk
        assert (k, found.stored, found.real) == (4, values[4, j, i], values[4, j, i] * 0.5 - 3.0)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_twenty_volumes_one_after_another_leave_no_memory_behind(gpu: Any) -> None:
    values = np.random.default_rng(0).integers(0, 900, (96, 128, 128))  # 3 MB on the card each
    renderer = Renderer(gpu)
    seen = []
    for _ in range(20):
        volume = volumes.volume(values)
        renderer.set_volume(volume)
        renderer.picture(replace(first_view(volume), layout="mpr", transfer=SOLID), (80, 60))
        renderer.set_volume(None)
        seen.append(resident_mb())
    renderer.release()
    assert seen[-1] - seen[4] < 8


def test_what_the_card_refuses_is_drawn_coarser_and_said(gpu: Any, monkeypatch: Any) -> None:
    """A driver short of memory says so only when asked: half the size is tried, and half of that."""
    made = source.VolumeTexture

    def short(gpu: Any, volume: Any, most_bytes: int) -> Any:
        if most_bytes > 2 << 20:
            raise TooLarge(what="texture", wanted="", allowed="")
        return made(gpu, volume, most_bytes)

    monkeypatch.setattr(source, "VolumeTexture", short)
    volume = volumes.volume(np.full((64, 128, 160), 700))
    renderer = Renderer(gpu)
    renderer.set_volume(volume)
    assert renderer.picture(replace(first_view(volume), layout="3d", transfer=SOLID), (40, 40)).max() == 255
    assert renderer.badge().is_reduced
    renderer.release()


CHILD = """
import hashlib

import numpy as np
from dataclasses import replace
from make import volumes
from render import context, presets
from render.frame import Renderer
gpu = context.offscreen()
volume = volumes.volume(np.random.default_rng(0).integers(-900, 900, (24, 30, 28)), unit="HU", modality="CT")
renderer = Renderer(gpu)
renderer.set_volume(volume)
view = presets.opening_view(volume)
kinds = [{}, {"layout": "oblique"}, {"layout": "3d", "mode": "mip"}, {"layout": "3d", "mode": "xray"}]
pictures = [renderer.picture(replace(view, **changes), (90, 70)).tobytes() for changes in kinds]
print(gpu.ctx.version_code, hashlib.sha256(b"".join(pictures)).hexdigest())
"""


def child(**environment: str) -> list[str]:
    paths = os.pathsep.join([str(TOP), str(TOP / "tests")])
    answer = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return answer.stdout.split()


def test_opengl_3_3_alone_and_another_process_give_the_same_bytes(gpu: Any) -> None:
    """3.3 is the floor: whatever a newer OpenGL would allow must not have crept in."""
    if "llvmpipe" not in gpu.renderer:
        pytest.skip("only Mesa can be told to be an older OpenGL")
    newest, again = child(), child()
    oldest = child(MESA_GL_VERSION_OVERRIDE="3.3", MESA_GLSL_VERSION_OVERRIDE="330")
    assert oldest[0] == "330" and int(newest[0]) > 330
    assert newest[1] == again[1] == oldest[1]
