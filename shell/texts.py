"""Texts: what the program says, in the language of the person, from the catalogues in ui/texts."""

import json
import locale
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from archive.errors import ScanError
from archive.stack import LeftOut, Verdict

LANGUAGES: Final = ("en", "fr")
_FOLDER: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "ui", "texts")


class _Dash:
    """Stands for a fact that was not given: a sentence must never fail."""

    def __format__(self, _: str) -> str:
        return "–"


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        return _Dash()


def filled(template: str, facts: Mapping[str, Any]) -> str:
    """The template with its {braces} filled; facts that do not fit their format show as they are."""
    try:
        return template.format_map(_Facts(facts))
    except (ValueError, TypeError, IndexError, AttributeError):  # a format meant for another type of fact
        return template.format_map(_Facts({name: str(value) for name, value in facts.items()}))


def language_of(environment: Mapping[str, str]) -> str:
    """The language that TOMOTHEQUE_LANG or the locale asks for, if we have it; else English."""
    for name in ("TOMOTHEQUE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        wish = environment.get(name, "")[:2].lower()
        if wish:
            return wish if wish in LANGUAGES else "en"
    return _language_of_the_system()


def _language_of_the_system() -> str:
    """macOS and Windows set no variable."""
    wish = (locale.getlocale()[0] or "")[:2].lower()
    return wish if wish in LANGUAGES else "en"


def texts_of(lang: str) -> dict[str, str]:
    """Every text of a language by its id; what is not translated is there in English."""
    found: dict[str, str] = {}
    for one in dict.fromkeys(("en", lang)):
        for name in sorted(os.listdir(_FOLDER)):
            if name.endswith(f".{one}.json"):
                with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
                    found |= json.load(file)
    return found


class Texts:
    """The texts of one language."""

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang if lang in LANGUAGES else "en"

    @cached_property
    def all(self) -> dict[str, str]:
        return texts_of(self.lang)

    def has(self, text_id: str) -> bool:
        return text_id in self.all or f"{text_id}.other" in self.all

    def say(self, text_id: str, **facts: Any) -> str:
        """The text of an id, filled; `.one` or `.other` by the fact `count`. An id without a text is shown itself."""
        template = self.all.get(text_id)
        if template is None:
            form = "one" if self._is_one(facts.get("count")) else "other"
            template = self.all.get(f"{text_id}.{form}", text_id)
        return filled(template, facts)

    def _is_one(self, count: Any) -> bool:
        return count == 1 or (self.lang == "fr" and count == 0)  # French: 0 image, 1 image, 2 images

    def error(self, error: ScanError) -> dict[str, Any]:
        """An error as every door shows it: code, one sentence, a hint, the facts apart."""
        return {
            "code": error.code,
            "sentence": self._of_error(error, "sentence"),
            "hint": self._of_error(error, "hint"),
            "facts": error.facts,
        }

    def _of_error(self, error: ScanError, part: str) -> str:
        """English stands in the class itself, other languages under `error.<code>.<part>`."""
        own: str = getattr(error, part)
        return filled(own if self.lang == "en" else self.all.get(f"error.{error.code}.{part}", own), error.facts)

    def verdict(self, verdict: Verdict) -> dict[str, Any]:
        """A verdict with its sentence."""
        return {
            "code": verdict.code,
            "sentence": " ".join([self.say(f"verdict.{verdict.code}", **verdict.facts), *self._notes(verdict)]),
            "facts": verdict.facts,
        }

    def _notes(self, verdict: Verdict) -> list[str]:
        """What had to be assumed of a file, each in a sentence."""
        return [self.say(f"note.{word}", **verdict.facts) for word in verdict.facts.get("notes", ())]

    def left_out(self, item: LeftOut) -> dict[str, Any]:
        """Frames that are in no stack: what, how many, why."""
        return {
            "what": item.code,
            "count": item.count,
            "sentence": self.say(f"left-out.{item.code}", **{"count": item.count} | item.facts),
        }
