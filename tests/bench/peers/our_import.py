"""One import in a process of its own: `our_import DATA_DIR FOLDER`; each request imports, so the second finds it known."""

import os
import sys
from typing import Any

from tests.bench.peers.serving import clocked, forget_peak, memory_mb, serve


def start() -> Any:
    from archive.importing.order import import_paths
    from archive.index.catalogue import Catalogue

    data_dir, folder = sys.argv[1:]
    idle_mb = memory_mb()

    def run() -> None:
        with Catalogue.open(data_dir, create=True) as catalogue:
            receipts.extend(progress.receipt for progress in import_paths([os.fsencode(folder)], catalogue))

    receipts: list[Any] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        receipts.clear()
        forget_peak()
        spent = clocked(run)
        return {**spent, "files": receipts[-1].files, "peak_mb": memory_mb("VmHWM"), "idle_mb": idle_mb}

    return answer


if __name__ == "__main__":
    serve(start)
