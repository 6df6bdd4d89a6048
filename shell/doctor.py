"""Doctor: what works on this machine, where everything lies and how it is protected; also where the archive is broken."""

import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from typing import Any, Final

from archive.errors import ScanError
from shell.cli_help import VERSION
from shell.places import Places
from shell.texts import Texts

Object = dict[str, Any]
PACKAGES: Final = (
    *(
        "numpy",
        "sqlalchemy",
        "sqlcipher3",
        "pydicom",
        "nibabel",
        "imagecodecs",
        "tifffile",
        "pillow",
        "moderngl",
        "glfw",
    ),
    *("slimgui", "pyside6", "pywebview", "keyring", "platformdirs", "click", "rich"),
)
PATIENCE_S: Final = 20.0
FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def examined(places: Places, texts: Texts) -> Object:
    """The `doctor` object. `problems` holds one sentence for everything that is missing."""
    from shell import display

    graphics, sandbox, sockets = (_probed(name) for name in ("graphics", "sandbox", "sockets"))
    archive, closed = _archive(places, texts)
    key = _key(places, texts)
    findings = {
        "archive-closed": closed is not None and closed["code"] != "sealed",
        "key-lost": key["place"] == "lost",
        "no-gl": graphics is None,
        "software-gl": graphics is not None and graphics["is_software"],
        "no-display": not display.usable(),
        "no-landlock": sandbox is None or "landlock" in sandbox["missing"],
        "no-seccomp": sockets is None or not sockets["active"],
        "no-fonts": not _font_count(),
    }
    sentence = closed["sentence"] if closed else ""
    return {
        "versions": _versions(),
        "paths": _paths(places),
        "modes": _modes(places),
        "archive": archive,
        "key": key,
        "backups": _backups(places),
        "kept_aside": _aside(places),
        "graphics": graphics,
        "display": not findings["no-display"],
        "sandbox": sandbox,
        "sockets": sockets,
        "fonts": _font_count(),
        "problems": [texts.say(f"doctor.{name}", sentence=sentence) for name, holds in findings.items() if holds],
    }


def _versions() -> dict[str, str | None]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {
        "tomotheque": VERSION,
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _paths(places: Places) -> dict[str, str]:
    """Where everything lies, or would lie."""
    from archive.index import keys, opening, sidecar

    return {
        "data_dir": places.data_dir,
        "database": opening.database_of(places.data_dir),
        "sidecar": sidecar.path_of(places.data_dir),
        "key": keys.file_of(places.data_dir),
        "log": places.log,
        "settings": places.settings,
    }


def _modes(places: Places) -> dict[str, str]:
    """The permissions of what is there."""
    return {
        name: f"{stat.S_IMODE(os.stat(path).st_mode):04o}"
        for name, path in _paths(places).items()
        if os.path.exists(path)
    }


def _archive(places: Places, texts: Texts) -> tuple[Object, Object | None]:
    """What is in the archive, or the error that keeps it closed."""
    from archive.index.catalogue import Catalogue

    try:
        with Catalogue.open(places.data_dir) as catalogue:
            notices = [texts.say(f"notice.{n.code}", **n.facts) for n in catalogue.notices]
            return {"state": "open" if catalogue.exists else "none", **_totals(catalogue), "notices": notices}, None
    except ScanError as error:
        told = texts.error(error)
        return {"state": error.code}, told


def _totals(catalogue: Any) -> dict[str, int]:
    from shell import wire

    return wire.totals(catalogue.totals())


def _key(places: Places, texts: Texts) -> Object:
    """Where the key is kept, and what that protects from."""
    from archive.index import keyholding

    try:
        found = keyholding.status(places.data_dir)
    except ScanError:  # of a newer format: its key file is where it always was
        found = keyholding.KeyStatus("file", False, False)
    place = "sealed" if found.is_sealed else found.place
    return {
        "place": found.place,
        "sealed": found.is_sealed,
        "recovery_code": found.has_recovery_code,
        "sentence": texts.say(f"doctor.key-{place}"),
    }


def _backups(places: Places) -> list[Object]:
    """The archive's own backups, newest first; each was opened and checked before it got its name."""
    from archive.index import backups

    return [
        {"kind": one.kind, "at": one.at.isoformat(), "bytes": one.bytes, "path": one.path}
        for one in backups.kept(places.data_dir)
    ]


def _aside(places: Places) -> list[str]:
    """Damaged files that repair kept."""
    from archive.index import swapping

    return swapping.kept_aside(places.data_dir)


def _probed(name: str) -> Object | None:
    """The answer of a probe's process, or None where it failed, crashed or hung."""
    words = [sys.executable, "-P", "-m", "shell.doctor_probe", name]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None


def _font_count() -> int:
    """Fonts that labels in any script can be drawn with."""
    if sys.platform in ("darwin", "win32"):
        return 1  # the system has its own
    if shutil.which("fc-list"):
        done = subprocess.run(["fc-list", "-f", "."], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return len(done.stdout)
    return sum(len(files) for folder in FONT_FOLDERS for _, _, files in os.walk(os.path.expanduser(folder)))
