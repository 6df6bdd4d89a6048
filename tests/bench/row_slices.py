"""Row 10: slices and edits at 512 x 512, against vtkImageReslice of the same run."""

import statistics
from collections.abc import Iterator
from contextlib import suppress

from tests.bench import scenes
from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Figure, Row, race
from tests.bench.place import Place
from tests.bench.row_volume import phantom

RESLICE = "vtkImageReslice"
PLANES = {"axial": 1.0, "oblique": 1.0, "slab": 0.5}  # at most so many times the peer
TITLES = {"axial": "axial plane, linear", "oblique": "oblique plane, linear", "slab": "slab of 20 samples, maximum"}
MOST_WINDOW_MS, MOST_EDIT_MS = 1.0, 5.0


def rows(place: Place) -> Iterator[Row]:
    volume, centre_mm, radius_mm = phantom(place)
    scene = scenes.scene("bone", 512, centre_mm, radius_mm)
    with Child("our_volume", *volume) as ours:
        yield from _planes(place, volume, ours, scene)
        yield _edits(place, ours, scene)


def _planes(place: Place, volume: list[str], ours: Child, scene: dict) -> Iterator[Row]:
    children = {OURS: ours}
    with suppress(Absent):
        children[RESLICE] = Child("vtk_reslice", *volume)
    for edit, most in PLANES.items():
        contestants = [
            Contestant(name, lambda child=child, edit=edit: child.seconds(edit=edit, scene=scene))
            for name, child in children.items()
        ]
        yield race(TITLES[edit], contestants, place.size(20, 8), [Budget(RESLICE, most=most)])
    if RESLICE in children:
        children[RESLICE].close()


def _edits(place: Place, ours: Child, scene: dict) -> Row:
    def median_ms(**request: object) -> float:
        return 1e3 * statistics.median(ours.seconds(scene=scene, **request) for _ in range(place.size(15, 5)))

    row = Row("edits")
    row.figures.append(Figure("a drag of the window", median_ms(edit="window"), "ms", most=MOST_WINDOW_MS))
    pairs = [(ours.seconds(scene=scene), ours.seconds(scene=scene, edit="transfer")) for _ in range(place.size(9, 3))]
    beyond = 1e3 * statistics.median(edit - frame for frame, edit in pairs)
    row.figures.append(Figure("an edit of the transfer, beyond its frame,", beyond, "ms", most=MOST_EDIT_MS))
    row.notes.append(f"the frame itself (3D bone): {1e3 * statistics.median(frame for frame, _ in pairs):.0f} ms")
    return row
