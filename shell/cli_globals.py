"""Global options: taken out of the words wherever they stand, and what they make of the call."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from archive.errors import UsageError
from shell.journal import Journal
from shell.places import Places, places_of
from shell.texts import LANGUAGES, Texts, language_of

FLAGS: Final = {"--json": "json", "--quiet": "quiet"}
VALUES: Final = {"--data-dir": "data_dir", "--archive": "archive", "--session": "session", "--lang": "lang"}


@dataclass(frozen=True)
class Globals:
    """The global options as they were given."""

    json: bool = False
    quiet: bool = False
    data_dir: str | None = None
    archive: str | None = None
    session: str | None = None
    lang: str | None = None


@dataclass(frozen=True)
class Asked:
    """All that a command knows of its call besides its own arguments."""

    json: bool
    quiet: bool
    texts: Texts
    session: str | None = None
    archive: str | None = None
    data_dir: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def places(self) -> Places:
        return places_of(self.data_dir, self.environment)

    @cached_property
    def journal(self) -> Journal:
        """A session leaves no trace, so its log goes nowhere."""
        return Journal(self.places.log if self.session is None and self.environment else None)

    def aside(self, sentence: str) -> None:
        """A sentence beside the answer, on stderr."""
        if not self.quiet:
            sys.stderr.write(sentence + "\n")


def _own(words: Sequence[str]) -> Sequence[str]:
    """The words before `--`: behind it nothing is an option."""
    return words[: words.index("--")] if "--" in words else words


def wants_json(words: Sequence[str]) -> bool:
    """Known before anything can fail: an error must come in the form that was asked for."""
    return "--json" in _own(words)


def lang_of(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language of the first error sentences, however wrong the call is."""
    own = _own(words)
    for number, word in enumerate(own):
        wish = own[number + 1] if word == "--lang" and number + 1 < len(own) else word.removeprefix("--lang=")
        if wish in LANGUAGES and word.startswith("--lang"):
            return wish
    return language_of(environment)


def wrong(texts: Texts, text_id: str, **facts: object) -> UsageError:
    """A usage error with its sentence from the catalogue."""
    return UsageError(what=texts.say(text_id, **facts))


def peeled(words: Sequence[str], texts: Texts) -> tuple[Globals, list[str]]:
    """The global options, from before and after the command, and the words that are left."""
    own, behind = _own(words), list(words[len(_own(words)) :])
    found: dict[str, Any] = {}
    left, waiting = [], list(own)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if word in FLAGS:
            found[FLAGS[word]] = True
        elif name in VALUES:
            if not equals:
                value = waiting.pop(0) if waiting and not waiting[0].startswith("-") else ""
            if not value:
                raise wrong(texts, "usage.no-value", name=name)
            found[VALUES[name]] = value
        else:
            left.append(word)
    return Globals(**found), left + behind


def asked_of(found: Globals, environment: Mapping[str, str], texts: Texts) -> Asked:
    """The call that the global options and the environment describe."""
    if found.lang is not None and found.lang not in LANGUAGES:
        raise wrong(texts, "usage.no-such-language", name=found.lang, names=", ".join(LANGUAGES))
    return Asked(
        json=found.json,
        quiet=found.quiet,
        texts=texts,
        session=os.path.abspath(found.session) if found.session else None,
        archive=found.archive or environment.get("TOMOTHEQUE_ARCHIVE"),
        data_dir=found.data_dir,
        environment=environment,
    )
