"""./dev bench [ROW...] [--quick]: prints every budget as ratios of one run, the machine first."""

import argparse
import importlib
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that `from make import ...` finds tests/make

from tests.bench.measure import Row, machine
from tests.bench.place import Place

ROWS = {
    "1": ("row_scan", "header scan"),
    "2": ("row_import", "import, end to end"),
    "3": ("row_large", "a large archive"),
    "4": ("row_search", "search"),
    "5": ("row_reopen", "reopen, uncompressed"),
    "6": ("row_compressed", "reopen, compressed"),
    "7": ("row_first_slice", "the first slice"),
    "8": ("row_memory", "memory"),
    "9": ("row_volume", "3D"),
    "10": ("row_slices", "2D and edits"),
    "11": ("row_start", "start"),
}


def measured(number: str, place: Place) -> list[Row]:
    """The tables of a row; a row that cannot run says so in one line and stops nobody."""
    module, title = ROWS[number]
    found: list[Row] = []
    print(f"## {number}. {title}\n", flush=True)
    try:
        for row in importlib.import_module(f"tests.bench.{module}").rows(place):
            found.append(row)
            print("\n".join(row.lines()), flush=True)
    except Exception as error:  # noqa: BLE001 - a row fails alone
        print(f"- not measured: {type(error).__name__}: {error}\n", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {' '.join(ROWS)}; without any, all")
    parser.add_argument("--quick", action="store_true", help="smaller corpora and fewer rounds")
    asked = parser.parse_args()
    if unknown := [row for row in asked.rows if row not in ROWS]:
        parser.error(f"no such row: {' '.join(unknown)}")
    print(f"{machine()}\n", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the corpora go away then, too
    folder = Path(tempfile.mkdtemp(prefix="tomotheque-bench-"))
    try:
        rows = [row for number in asked.rows or ROWS for row in measured(number, Place(folder, asked.quick))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    words = Counter(verdict.word for row in rows for verdict in row.verdicts())
    print(", ".join(f"{count} {word}" for word, count in words.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
