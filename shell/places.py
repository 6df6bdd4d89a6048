"""Places: the one folder that holds everything the program writes, and the files in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from archive.errors import CannotWrite
from archive.index.files import make_private_folder

APP_NAME: Final = "tomotheque"
LOG_NAME: Final = "log"
SETTINGS_NAME: Final = "settings.json"


@dataclass(frozen=True)
class Places:
    """Where everything lies. All but the runtime socket is below data_dir."""

    data_dir: str

    @property
    def log(self) -> str:
        return os.path.join(self.data_dir, LOG_NAME)

    @property
    def settings(self) -> str:
        return os.path.join(self.data_dir, SETTINGS_NAME)

    def make(self) -> None:
        """Make the data directory, closed to everybody else (0700); CannotWrite where that fails."""
        try:
            make_private_folder(self.data_dir)
        except OSError as error:
            raise CannotWrite(name=os.path.basename(self.data_dir), reason=error.strerror or "") from error


def places_of(wish: str | None, environment: Mapping[str, str]) -> Places:
    """The places for --data-dir, else TOMOTHEQUE_DATA_DIR, else the folder that the system has for this."""
    chosen = wish or environment.get("TOMOTHEQUE_DATA_DIR") or _of_the_system()
    return Places(os.path.abspath(chosen))


def _of_the_system() -> str:
    from platformdirs import user_data_dir  # not needed where the folder is named

    return user_data_dir(APP_NAME, appauthor=False)
