"""The command line: the table of commands, the global options, and how every call ends in one answer and one status."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archive.errors import InnerFault, Interrupted, ScanError
from shell.cli_globals import Asked, asked_of, lang_of, peeled, wants_json, wrong
from shell.texts import Texts

if TYPE_CHECKING:
    from shell.cli_answer import Answer


@dataclass(frozen=True)
class Command:
    """One row: the command's name, the group its help stands in, and the function `module:name` that does it."""

    name: str
    group: str
    place: str


COMMANDS: Final = (
    Command("import", "find", "shell.cli_archive:import_"),
    Command("search", "find", "shell.cli_archive:search"),
    Command("info", "find", "shell.cli_look:info"),
    Command("open", "look", "shell.cli_desk:open_"),
    Command("render", "look", "shell.cli_render:render"),
    Command("export", "look", "shell.cli_look:export"),
    Command("presets", "look", "shell.cli_render:presets"),
    Command("session", "look", "shell.cli_desk:session"),
    Command("tag", "keep", "shell.cli_archive:tag"),
    Command("note", "keep", "shell.cli_archive:note"),
    Command("forget", "keep", "shell.cli_archive:forget"),
    Command("undo", "keep", "shell.cli_archive:undo"),
    Command("merge", "keep", "shell.cli_archive:merge"),
    Command("split", "keep", "shell.cli_archive:split"),
    Command("verify", "safe", "shell.cli_archive:verify"),
    Command("relink", "safe", "shell.cli_archive:relink"),
    Command("backup", "safe", "shell.cli_whole:backup"),
    Command("restore", "safe", "shell.cli_whole:restore"),
    Command("repair", "safe", "shell.cli_safe:repair"),
    Command("key", "safe", "shell.cli_safe:key"),
    Command("journal", "safe", "shell.cli_whole:journal"),
    Command("settings", "self", "shell.cli_self:settings"),
    Command("doctor", "self", "shell.cli_self:doctor"),
    Command("privacy-proof", "self", "shell.cli_self:privacy_proof"),
    Command("demo", "self", "shell.cli_self:demo"),
)
GROUPS: Final = ("find", "look", "keep", "safe", "self")
_BY_NAME: Final = {row.name: row for row in COMMANDS}


def run(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the words say and print one answer; hand back the exit status. Never raises, never shows a traceback."""
    started = time.monotonic()
    asked = Asked(json=wants_json(words), quiet=False, texts=Texts(lang_of(words, environment)))
    try:
        found, rest = peeled(words, asked.texts)
        asked = asked_of(found, environment, asked.texts)
        return _end(asked, _run(asked, rest), started)
    except ScanError as error:
        return _fail(asked, error)
    except KeyboardInterrupt:
        return _fail(asked, Interrupted())
    except BrokenPipeError:  # whoever read our answer went away: `tomotheque search | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        if environment.get("TOMOTHEQUE_TRACEBACK"):
            raise
        return _fail(asked, InnerFault(kind=type(error).__name__))  # its message may hold a patient's name


def _run(asked: Asked, rest: list[str]) -> "Answer":
    if not rest or rest[0] == "--" or (rest[0] not in _BY_NAME and not rest[0].startswith("-")):
        from shell.cli_desk import desktop

        return desktop(asked, _paths(asked.texts, rest))
    if rest[0] in ("--help", "-h", "--version"):
        from shell.cli_help import overview, version

        return version() if rest[0] == "--version" else overview(asked.texts, COMMANDS, GROUPS)
    if rest[0].startswith("-"):
        raise wrong(asked.texts, "usage.no-such-option", name=rest[0])
    row = _BY_NAME[rest[0]]
    module, _, name = row.place.partition(":")
    from shell.cli_words import called

    return called(row.name, getattr(importlib.import_module(module), name), rest[1:], asked)


def _paths(texts: Texts, rest: list[str]) -> list[str]:
    """The paths of a call without a command; a word that is neither a command nor a path is a usage error."""
    paths = rest[1:] if rest[:1] == ["--"] else rest
    for path in paths:
        if not os.path.lexists(path):
            raise wrong(texts, "usage.neither", name=path)
    return paths


def _end(asked: Asked, answer: "Answer", started: float) -> int:
    from shell.cli_show import print_answer

    print_answer(asked, answer)
    asked.journal.note("app.ended", status=answer.status, seconds=round(time.monotonic() - started, 3))
    return answer.status


def _fail(asked: Asked, error: ScanError) -> int:
    from shell.cli_show import print_error

    print_error(asked, error)
    asked.journal.note("command.failed", status=error.status, code=error.code)
    return error.status
