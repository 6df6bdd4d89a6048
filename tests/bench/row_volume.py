"""Row 9: 3D of a 512 x 512 x 300 phantom at equal quality, against VTK's GPU mapper and its CPU mapper."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench import corpus, pictures, scenes
from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Figure, Row, race
from tests.bench.place import Place

GPU, CPU = "VTK, GPU mapper", "VTK, CPU mapper"
SOFTWARE = {  # how many times as fast as each mapper, where OpenGL is software
    "bone": {GPU: 15.0, CPU: 1.5},
    "skin": {GPU: 15.0, CPU: 1.5},
    "organs": {GPU: 6.0, CPU: 1.0},
    "lung": {GPU: 2.5, CPU: 1.0},
    "mip": {GPU: 1.9, CPU: 1.9},
}
LEAST_DB, LEAST_SSIM = 41.0, 0.997
MOST_FIRST = 0.25


def rows(place: Place) -> Iterator[Row]:
    volume, centre_mm, radius_mm = phantom(place)
    with ExitStack() as stack:
        children = opened(stack, volume)
        first = {
            name: child.ask(scene=scenes.scene("bone", 512, centre_mm, radius_mm)) for name, child in children.items()
        }
        for size in (512,) if place.quick else (512, 1024):
            for look in scenes.LOOKS:
                scene = scenes.scene(look, size, centre_mm, radius_mm)
                yield _compared(place, f"{look}, {size} x {size}", look, children, scene, first[OURS]["is_software"])
    yield _first(volume, scenes.scene("bone", 512, centre_mm, radius_mm), place, first)


def phantom(place: Place) -> tuple[list[str], tuple[float, ...], float]:
    """The volume as the children want it, its centre and radius in mm."""
    path = place.folder / "phantom.npy"
    voxels, spacing_mm = corpus.thorax_phantom((place.size(300, 150), place.size(512, 256), place.size(512, 256)))
    np.save(path, voxels)
    extent = [(n - 1) * mm for n, mm in zip(voxels.shape[::-1], spacing_mm, strict=True)]
    words = [str(path), ",".join(map(str, spacing_mm))]
    return words, tuple(e / 2 for e in extent), math.hypot(*extent) / 2


def opened(stack: ExitStack, volume: list[str]) -> dict[str, Child]:
    """Ours and VTK's mappers, each in its process; VTK only where it is installed."""
    children = {OURS: stack.enter_context(Child("our_volume", *volume))}
    for name, kind in ((GPU, "gpu"), (CPU, "cpu")):
        try:
            children[name] = stack.enter_context(Child("vtk_volume", *volume, kind))
        except Absent:
            break
    return children


def _compared(place: Place, title: str, look: str, children: dict[str, Child], scene: Any, software: bool) -> Row:
    folder = place.folder / "pictures"
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{look}-{scene['size'][0]}-{n}.npy" for n, name in enumerate(children)}
    for name, child in children.items():
        child.ask(scene=scene, picture=str(paths[name]), warm=True)
    contestants = [Contestant(name, lambda child=child: child.seconds(scene=scene)) for name, child in children.items()]
    least = SOFTWARE[look] if software else dict.fromkeys((GPU, CPU), 2.0)
    rounds = 3 if scene["size"][0] == 512 and not place.quick else 2
    row = race(title, contestants, rounds, [Budget(peer, least=n) for peer, n in least.items()], warm=False)
    _alike(row, paths, look)
    return row


def _alike(row: Row, paths: dict[str, Path], look: str) -> None:
    """Add how alike the pictures are: the GPU mapper's must be equal, the CPU mapper's is told."""
    seen = {name: np.load(path)[..., :3] for name, path in paths.items()}
    if GPU in seen:
        row.figures.append(Figure("PSNR to the GPU mapper", pictures.psnr(seen[OURS], seen[GPU]), "dB", least=LEAST_DB))
        row.figures.append(Figure("SSIM to the GPU mapper", pictures.ssim(seen[OURS], seen[GPU]), "", least=LEAST_SSIM))
    if CPU in seen:
        row.notes.append(f"the CPU mapper's picture is {pictures.psnr(seen[OURS], seen[CPU]):.1f} dB from ours")


def _first(volume: list[str], scene: Any, place: Place, first: dict[str, Any]) -> Row:
    """The first picture of voxels in memory: context, upload, shaders, drawing; a fresh process each time."""

    def fresh(module: str, *words: str) -> float:
        with Child(module, *volume, *words) as child:
            return child.seconds(scene=scene)

    contestants = [Contestant(OURS, lambda: fresh("our_volume"))]
    if GPU in first:
        contestants.append(Contestant(GPU, lambda: fresh("vtk_volume", "gpu")))
    row = race("first picture, bone, 512 x 512", contestants, 3, [Budget(GPU, most=MOST_FIRST)], warm=False)
    row.notes += [f"{name} draws with {answer['renderer']}" for name, answer in first.items() if name != CPU]
    return row
