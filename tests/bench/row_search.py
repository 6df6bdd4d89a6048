"""Row 4: searching 100,000 studies, the 95th percentile of each kind of question."""

from collections.abc import Iterator

import numpy as np

from tests.bench.child import Child
from tests.bench.measure import Figure, Row
from tests.bench.place import Place

QUESTIONS = {
    "a prefix": (5.0, ("dup", "mul", "garc", "kow", "yam", "ros", "nov", "smi")),
    "two words": (15.0, ("dupont chest", "muller brain", "jean genou", "silva abdomen", "anna 2019", "eva spine")),
    "anything else": (
        20.0,
        ("", "mod:ct date:2010..2012 -chest", "xyzzy", "upon", "mod:mr dupont7 jean", "-thorax", "A0000"),
    ),
}


def rows(place: Place) -> Iterator[Row]:
    studies = place.size(100_000, 10_000)
    row = Row(f"{studies:,} studies of one image")
    with Child("our_search", str(place.folder / "archive-of-studies"), env=place.environment) as child:
        built = child.seconds(build=studies)
        opened = 1e3 * child.seconds(open=True)
        for kind, (most, texts) in QUESTIONS.items():
            spent = [1e3 * child.seconds(text=text) for _ in range(place.size(12, 4)) for text in texts]
            row.figures.append(Figure(f"{kind}, 95th percentile", float(np.percentile(spent, 95)), "ms", most=most))
    row.notes.append(f"made in {built:.0f} s; opened and first page read in {opened:.0f} ms")
    yield row
