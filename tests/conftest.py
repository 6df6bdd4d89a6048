"""What every test may ask for: the unpacked real scans, and a place of its own."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that `from make import ...` finds tests/make


SLOW = (  # whole processes, browsers, drives, every file of the real scans: for ./dev test, not for ./dev check
    "tests/ui/",
    "tests/faults/",
    "tests/shell/test_proof.py",
    "tests/shell/test_demo.py",
    "tests/shell/test_importer.py",
    "tests/shell/test_viewer_window.py",
    "tests/shell/test_session_lives.py",
    "tests/shell/test_cli_process.py",
    "tests/archive/test_hostile_files.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what takes more than a few seconds, or reads the real scans."""
    for item in items:
        if item.nodeid.startswith(SLOW) or "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of unpacked real scans; the test is skipped, saying so, where they are not unpacked."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("TOMOTHEQUE_TEST_DATA", os.path.join(cache, "tomotheque-test-data")))
    if not (folder / "ct-thorax").is_dir():
        pytest.skip("the real scans are not unpacked (shared/tools/unpack-data)")
    return folder
