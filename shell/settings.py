"""Settings: the table of what a person may set, and the small file that keeps it."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from archive.errors import BadSetting, CannotWrite, NothingThere
from shell.places import Places


def _truth(text: str) -> bool:
    words = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    return words[text.lower()]


@dataclass(frozen=True)
class Setting:
    """One row: its name, what it is if nobody chose, how a word is read, and what is allowed."""

    name: str
    default: Any
    read: Callable[[str], Any] = str
    allowed: tuple[Any, ...] | range = ()


SETTINGS: Final = (
    Setting("language", "system", allowed=("system", "en", "fr")),
    Setting("theme", "dark", allowed=("system", "dark", "light")),
    Setting("text-size", 100, int, (100, 125, 150, 200)),
    Setting("remember-opened", True, _truth, (True, False)),
    Setting("viewer-prespawn", True, _truth, (True, False)),
    Setting("patient-limit", 0, int, range(100_001)),  # most patients of an archive on a shared machine; 0: no limit
)
_BY_NAME: Final = {row.name: row for row in SETTINGS}


class Settings:
    """What a person has set. A broken or missing file means the defaults; nothing in it is of a patient."""

    def __init__(self, places: Places | None) -> None:
        self._places = places
        self._chosen = self._read()

    def _read(self) -> dict[str, Any]:
        if self._places is None:
            return {}
        try:
            with open(self._places.settings, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return {row.name: found[row.name] for row in SETTINGS if _fits(found.get(row.name), row)}

    def all(self) -> dict[str, Any]:
        return {row.name: self._chosen.get(row.name, row.default) for row in SETTINGS}

    def get(self, name: str) -> Any:
        return self.all()[_row(name).name]

    def set(self, name: str, word: str) -> Any:
        """Set one from a word and keep it; BadSetting for a word that is not allowed."""
        row = _row(name)
        try:
            value = row.read(word)
        except (KeyError, ValueError):
            value = None
        if not _fits(value, row):
            raise BadSetting(name=name, allowed=_all_shown(row.allowed))
        self._chosen[name] = value
        self._keep()
        return value

    def _keep(self) -> None:
        """Written beside and renamed, so that a crash leaves the old file or the new one."""
        if self._places is None:
            return
        try:
            self._places.make()
            beside = self._places.settings + ".new"
            with open(beside, "w", encoding="utf-8", opener=_closed) as file:
                json.dump(self._chosen, file, indent=1)
            os.replace(beside, self._places.settings)
        except OSError as error:
            raise CannotWrite(name="settings.json", reason=error.strerror or "") from error


def _row(name: str) -> Setting:
    if name not in _BY_NAME:
        raise NothingThere(what=name)
    return _BY_NAME[name]


def _fits(value: Any, row: Setting) -> bool:
    """Whether a value is allowed; 1 is not true, though Python says so."""
    return type(value) is type(row.default) and value in row.allowed


def _all_shown(allowed: tuple[Any, ...] | range) -> str:
    if isinstance(allowed, range):
        return f"{allowed[0]} … {allowed[-1]}"
    return ", ".join(_shown(one) for one in allowed)


def _shown(value: Any) -> str:
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _closed(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
