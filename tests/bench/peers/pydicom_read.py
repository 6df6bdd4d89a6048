"""The loop of every tutorial: dcmread, pixel_array, sort by position, stack."""

from typing import Any

from tests.bench.peers.serving import clocked, serve


def start() -> Any:
    import numpy as np
    import pydicom

    def work(paths: list[str]) -> None:
        found = [pydicom.dcmread(path) for path in paths]
        found.sort(key=lambda d: float(d.ImagePositionPatient[2]))
        np.stack([d.pixel_array for d in found])

    return lambda request: clocked(lambda: work(request["paths"]))


if __name__ == "__main__":
    serve(start)
