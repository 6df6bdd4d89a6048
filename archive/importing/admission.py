"""Admission: how many patients an archive takes, where a shared machine sets a limit."""

from archive.index.describing import belonging
from archive.index.engine import Engine
from archive.intake.header import Header


class Admission:
    """Lets images of known patients pass, and those of new ones until the limit is reached; 0 is no limit."""

    def __init__(self, engine: Engine, limit: int, patients: int) -> None:
        self._engine, self.limit = engine, limit
        self._left = limit - patients
        self._secret = bytes((engine.row("archive") or {})["secret"])
        self._admitted: dict[str, bool] = {}

    def admits(self, header: Header) -> bool:
        """Whether the image's patient may be in the archive."""
        if not self.limit:
            return True
        key = belonging(header, self._secret).patient
        if key not in self._admitted:
            is_known = self._engine.row("patient_by_key", key=key) is not None
            self._admitted[key] = is_known or self._left > 0
            self._left -= not is_known
        return self._admitted[key]
