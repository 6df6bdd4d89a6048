"""F11, P3: a real file system is mounted, imported from, and pulled out while the archive goes on."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from make import archives

MOUNTING = ["unshare", "--mount", "--propagation", "private"]


def can_mount() -> bool:
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    words = [*MOUNTING, "sh", "-c", "mount -t tmpfs none /mnt && umount -l /mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="mounting needs root and mount namespaces")
def test_p3_f11_a_drive_that_is_pulled_out_is_offline_and_nothing_is_removed(tmp_path: Path) -> None:
    archives.series(tmp_path / "scans", 4, PatientID="stick")
    (tmp_path / "stick").mkdir()
    told = run_in_mounts(
        tmp_path,
        "mount -t tmpfs -o size=4m none stick && cp -r scans stick/",
        "import stick",
        "verify",
        'umount -l stick && test -z "$(ls -A stick)"',
        "verify",
        "search",
        "info SERIES",
    )
    imported, before, after, found, info = told
    assert imported["files"]["imported"] == 4
    assert (before["present"], before["offline"]) == (4, 0)
    assert (after["present"], after["offline"], after["missing"], after["changed"]) == (0, 4, 0, 0)
    assert found["studies"][0]["state"] == "offline" and found["studies"][0]["instances"] == 4
    assert info["series"]["state"] == "offline", "what is known of it can still be seen"


def run_in_mounts(folder: Path, *steps: str) -> list[Any]:
    """Commands of ours (their JSON comes back) and of the shell (those with a blank before an option), in one mount namespace."""
    ours = f"{sys.executable} -P -m shell --json --data-dir data"
    script = ["set -e", f"cd {folder}"]
    for step in steps:
        if step.startswith(("mount", "umount")):
            script.append(step)
        else:
            words = step.replace("SERIES", "$(cat series)")
            script.append(f"{ours} {words} > answer || test $? = 3; cat answer")
            script.append(
                'sed -n \'s/.*"series": \\[{"key": "\\([^"]*\\)".*/\\1/p\' answer > found; test ! -s found || cp found series'
            )
    environment = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    done = subprocess.run([*MOUNTING, "sh", "-c", "\n".join(script)], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]
