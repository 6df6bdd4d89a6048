"""Row 8: what the loader takes beyond the volume itself."""

from collections.abc import Iterator

from tests.bench.child import Child
from tests.bench.measure import Figure, Row
from tests.bench.place import Place, paths_below
from tests.bench.row_reopen import archive_of, series_uid


def rows(place: Place) -> Iterator[Row]:
    folder = place.full_ct()
    with Child("our_reopen", str(archive_of(place, folder)), env=place.environment) as ours:
        seen = ours.ask(series=series_uid(paths_below(folder)[0]))
    row = Row(f"loading a volume of {seen['volume_mb']:.0f} MiB")
    row.figures.append(Figure("peak of the loader", seen["peak_mb"], "MiB", most=1.15 * seen["volume_mb"] + 60))
    yield row
