"""python -m tests.gallery [FOLDER]: draws docs/gallery anew from the made scan of the demonstration - nobody's body."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archive.volumes.volume import SliceState, Volume
from render import context, png, presets
from render.camera import Camera
from render.frame import Renderer
from render.statistics import statistics
from render.view import Clip, Crop, Plane, Slab, View, first_view
from render.window import Window
from shell.demo_thorax import Size, thorax

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
SIZE = (300, 300)


@dataclass(frozen=True)
class Picture:
    """A file of the gallery, what stands under it, the preset and what else is changed in the opening view."""

    name: str
    words: str
    preset: str = ""
    changes: dict[str, Any] | None = None


FRONT = Camera(20, 8, 1.15)
LUNG = Window(-600, 1500)
PICTURES = (
    Picture("bone", "Bone", "ct-bone", {"camera": FRONT}),
    Picture("muscle", "Muscle and organs", "ct-muscle", {"camera": FRONT}),
    Picture("skin", "Skin", "ct-skin", {"camera": FRONT}),
    Picture("glass", "Skin like glass, bone", "ct-glass", {"camera": FRONT}),
    Picture("lung", "Lung tissue", "ct-lung", {"camera": FRONT}),
    Picture("vessels", "Angiography", "ct-angio", {"camera": FRONT}),
    Picture("page", "Bone on white", "ct-bone-page", {"camera": Camera(200, 5, 1.15)}),
    Picture("xray", "X-ray, along every ray", "ct-xray", {"camera": Camera(0, 0, 1.15)}),
    Picture("mip", "Maximum projection", "ct-mip", {"camera": FRONT}),
    Picture("cut", "Clean cut faces", "ct-muscle", {"camera": Camera(25, 25, 1.1), "clips": (Clip((0, 1, 0), 0.0),)}),
    Picture("half", "A crop box", "ct-glass", {"camera": Camera(30, 12, 1.1), "crop": Crop(0, 128, 0, 256, 0, 156)}),
    Picture("axial", "Axial", changes={"layout": "axial"}),
    Picture("coronal", "Coronal, lung window", changes={"layout": "coronal", "window": LUNG}),
    Picture("oblique", "Oblique", changes={"layout": "oblique", "oblique": Plane((0.5, 0.7, 0.5)), "window": LUNG}),
    Picture("slab", "Maximum of 20 mm", changes={"layout": "axial", "window": LUNG, "slab": Slab(20.0, "mip")}),
    Picture("four-up", "Linked views", "ct-bone", {"layout": "mpr"}),
)


def scan() -> Volume:
    """The made thorax, about as fine as an old scanner's."""
    voxels, origin, spacing = thorax(Size())
    matrix = np.diag([*spacing, 1.0])
    matrix[:3, 3] = origin
    states = np.full(len(voxels), SliceState.READY, np.uint8)
    return Volume(voxels, matrix, unit="HU", modality="CT", states=states)


def drawn(volume: Volume) -> Iterator[tuple[Picture, Any]]:
    """Each picture of the table and its pixels."""
    renderer = Renderer(context.offscreen())
    renderer.set_volume(volume)
    values, first = statistics(volume), first_view(volume)
    for picture in PICTURES:
        view: View = replace(first, layout="3d" if picture.preset else first.layout)
        if picture.preset:
            view = presets.applied(view, presets.by_name(picture.preset), values)
        view = replace(view, **(picture.changes or {}))
        yield picture, renderer.picture(view, SIZE, with_marks=not picture.preset or view.layout == "mpr")
    renderer.release()


def page(pictures: tuple[Picture, ...]) -> str:
    """The gallery's page, three pictures in a row."""
    lines = [
        "# Gallery",
        "",
        "Made by `python -m tests.gallery` from the scan of `tomotheque demo`, which is nobody's.",
        "",
    ]
    lines += ["| | | |", "|---|---|---|"]
    for n in range(0, len(pictures), 3):
        cells = [f"![{p.words}]({p.name}.png)<br>{p.words}" for p in pictures[n : n + 3]]
        lines.append(f"| {' | '.join([*cells, '', ''][:3])} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for picture, pixels in drawn(scan()):
        png.write(folder / f"{picture.name}.png", pixels)
    (folder / "README.md").write_text(page(PICTURES), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
