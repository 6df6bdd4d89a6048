"""Row 6: compressed series, against the decoder alone on all cores and against SimpleITK."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from tests.bench import corpus
from tests.bench.child import Child
from tests.bench.measure import OURS, Absent, Budget, Contestant, Row, race
from tests.bench.place import Place
from tests.bench.row_reopen import SITK, archive_of, series_uid

FRESH = "tomotheque, starting its decoders"
DECODER = "decoder CPU / cores"
READING_FLOOR_S = 0.02
CODECS = {  # name of imagecodecs -> transfer syntax
    "jpeg2k": "1.2.840.10008.1.2.4.90",
    "jpegls": "1.2.840.10008.1.2.4.80",
    "ljpeg": "1.2.840.10008.1.2.4.70",
    "htj2k": "1.2.840.10008.1.2.4.201",
}


def rows(place: Place) -> Iterator[Row]:
    slices = place.size(60, 16)
    for codec, syntax in CODECS.items():
        folder = place.folder / f"compressed-{codec}"
        frames = corpus.compressed_ct(folder, codec, syntax, slices)
        uid, data_dir = series_uid(frames[0][0]), archive_of(place, folder)
        with ExitStack() as stack:
            ours = stack.enter_context(Child("our_reopen", str(data_dir), env=place.environment))
            alone = stack.enter_context(Child("codec", corpus.CODEC_FUNCTIONS[codec]))
            contestants = [
                Contestant(OURS, lambda ours=ours, uid=uid: ours.seconds(series=uid, warm=True)),
                Contestant(FRESH, lambda ours=ours, uid=uid: ours.seconds(series=uid)),
                Contestant(
                    DECODER, lambda alone=alone, frames=frames: alone.seconds(frames=frames) / (os.cpu_count() or 1)
                ),
            ]
            with suppress(Absent):
                sitk = stack.enter_context(Child("sitk_read"))
                paths = [path for path, _, _ in frames]
                contestants.append(Contestant(SITK, lambda sitk=sitk, paths=paths: sitk.seconds(paths=paths)))
            budgets = [Budget(DECODER, most=1.15, plus_s=READING_FLOOR_S), Budget(SITK, least=1)]
            yield race(f"{slices} x 512 x 512, {codec}, {syntax}", contestants, 3, budgets)
