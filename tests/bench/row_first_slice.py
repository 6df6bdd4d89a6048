"""Row 7, the archive's part: the first (middle) slice of a series, and cancelling."""

import statistics
from collections.abc import Iterator

from tests.bench.child import Child
from tests.bench.measure import Figure, Row
from tests.bench.place import Place, paths_below
from tests.bench.row_reopen import archive_of, series_uid


def rows(place: Place) -> Iterator[Row]:
    folder = place.full_ct()
    uid = series_uid(paths_below(folder)[0])
    with Child("our_reopen", str(archive_of(place, folder)), env=place.environment) as ours:
        ours.ask(series=uid)
        first = [1e3 * ours.ask(series=uid)["first_slice_s"] for _ in range(place.rounds)]
        cancel = [1e3 * ours.seconds(series=uid, cancel=True) for _ in range(place.rounds)]
    row = Row(f"{len(paths_below(folder))} x 512 x 512, without the window")
    row.figures.append(
        Figure("series found, split and its middle slice read", statistics.median(first), "ms", most=150)
    )
    row.figures.append(Figure("cancelling", statistics.median(cancel), "ms", most=50))
    yield row
