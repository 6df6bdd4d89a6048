"""Reopening a series of an archive: `our_reopen DATA_DIR`; a request names the series, perhaps drops it from memory first."""

import sys
import time
from typing import Any

from tests.bench.peers.serving import clocked, forget_peak, memory_mb, serve


def start() -> Any:
    from archive.index.catalogue import Catalogue
    from archive.sandbox.client import Decoder
    from archive.volumes.loading import Loading

    catalogue = Catalogue.open(sys.argv[1])

    kept_decoder = Decoder()

    def opened(series_uid: str, decoder: Any = None) -> Any:
        record = catalogue.series_by(series_uid)
        return Loading(record.split.stacks[0], record.files, decoder=decoder)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request.get("cancel"):
            return cancelled(opened(request["series"]))
        forget_peak()
        idle_mb = memory_mb()
        started = time.perf_counter()
        arrived: list[float] = []
        kept: list[Any] = []

        def work() -> None:
            loading = opened(request["series"], kept_decoder if request.get("warm") else None)
            kept.append(loading.run(lambda k: arrived.append(time.perf_counter())))
            assert not loading.damaged

        spent = clocked(work)
        voxels = kept[0].voxels
        return {
            **spent,
            "first_slice_s": arrived[0] - started,
            "peak_mb": memory_mb("VmHWM") - idle_mb,
            "volume_mb": voxels.nbytes / 1048576,
            "sum": int(voxels[::50].sum(dtype="int64")),
            "shape": voxels.shape,
        }

    return answer


def cancelled(loading: Any) -> dict[str, Any]:
    """Seconds from the word to stop, given at the fifth slice, to the end of run()."""
    stopped: list[float] = []
    seen = 0

    def on_slice(_: int) -> None:
        nonlocal seen
        seen += 1
        if seen == 5:
            stopped.append(time.perf_counter())
            loading.cancel()

    loading.run(on_slice)
    return {"seconds": time.perf_counter() - stopped[0], "slices": seen}


if __name__ == "__main__":
    serve(start)
