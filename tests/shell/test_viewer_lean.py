"""The viewer and its link stay lean: no database, no page, no parser of foreign bytes; the link not even numpy."""

import subprocess
import sys

import pytest

PROGRAM = "import sys, {module}; print(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
NEVER = {
    "sqlalchemy",
    "sqlcipher3",
    "webview",
    "pydicom",
    "imagecodecs",
    "nibabel",
    "tifffile",
    "PIL",
    "PySide6",
    "OpenGL",
}


@pytest.mark.parametrize(
    "module, more", [("shell.viewer", set()), ("shell.viewer_link", {"numpy", "moderngl", "glfw", "slimgui"})]
)
def test_nothing_heavy_is_imported(module, more):
    words = [sys.executable, "-c", PROGRAM.format(module=module)]
    loaded = set(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
    assert not loaded & (NEVER | more)
