"""The overview of all commands, and the version."""

import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shell.cli_answer import Answer
from shell.texts import Texts

if TYPE_CHECKING:
    from shell.cli import Command

VERSION = "0.1.0"  # tests/shell/test_cli.py compares it with pyproject.toml: reading the metadata costs 70 ms


def version() -> Answer:
    sys.stdout.write(f"tomotheque {VERSION}\n")
    return Answer("")


def overview(texts: Texts, commands: "Sequence[Command]", groups: Sequence[str]) -> Answer:
    """Usage, every command with its sentence, the global options."""
    lines = [texts.say("help"), "", *textwrap.wrap(texts.say("help.overview"), 100), ""]
    for group in groups:
        lines.append(texts.say(f"help.group.{group}"))
        lines += [f"  {row.name:<10} {texts.say(f'help.{row.name}')}" for row in commands if row.group == group] + [""]
    lines.append(texts.say("help.global"))
    names = ("--json", "--quiet", "--data-dir DIR", "--session PATH", "--lang en|fr", "--help", "--version")
    lines += [f"  {name:<16} {texts.say('help.global.' + name.split()[0].lstrip('-'))}" for name in names]
    sys.stdout.write("\n".join([*lines, "", texts.say("not-for-diagnosis")]) + "\n")
    return Answer("")
