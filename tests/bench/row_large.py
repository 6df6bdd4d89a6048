"""Row 3: how large the archive grows and how fast it opens; 100,000 images stand for a million."""

import os
from collections.abc import Iterator

from tests.bench.child import Child
from tests.bench.measure import Figure, Row
from tests.bench.place import Place, paths_below
from tests.bench.row_reopen import archive_of


def rows(place: Place) -> Iterator[Row]:
    data_dir = archive_of(place, place.many_files())
    images = place.size(100_000, 10_000)
    size_mb = sum(os.path.getsize(path) for path in paths_below(data_dir)) / 1e6
    row = Row(f"{images:,} images of {images // 500} series")
    row.figures.append(Figure("the archive, for a million images,", size_mb * 1e6 / images, "MB", most=60))
    opened = []
    for _ in range(3):
        with Child("our_search", str(data_dir), env=place.environment) as child:
            opened.append(1e3 * child.seconds(open=True))
    row.figures.append(Figure("opened and first page read, after imports,", min(opened), "ms", most=50))
    yield row
