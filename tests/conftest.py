"""What every test may ask for: the unpacked real scans, and a place of its own."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `from make import ...` finds tests/make


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of unpacked real scans; the test is skipped, saying so, where they are not unpacked."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("TOMOTHEQUE_TEST_DATA", os.path.join(cache, "tomotheque-test-data")))
    if not (folder / "ct-thorax").is_dir():
        pytest.skip("the real scans are not unpacked (shared/tools/unpack-data)")
    return folder
