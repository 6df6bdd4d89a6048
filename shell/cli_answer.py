"""What a command hands back: an object for programs, a status, and the name of the form in which people see it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The outcome of a command. `form` names a row of cli_show.FORMS."""

    form: str
    value: dict[str, Any] = field(default_factory=dict)
    status: int = 0
