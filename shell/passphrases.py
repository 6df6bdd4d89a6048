"""Passphrases: asked for on the terminal, unseen; without a terminal, a line of the standard input each. Never an argument."""

import sys

from archive.errors import ArchiveSealed
from archive.index.keys import Ask
from shell.cli_globals import Asked, wrong

SHORTEST = 8


def asker(asked: Asked, text_id: str = "ask.passphrase") -> Ask:
    """A function that asks for a passphrase (or for what the text names); None where nobody answers."""
    return lambda: _asked(asked.texts.say(text_id))


def new_passphrase(asked: Asked) -> str:
    """A new passphrase: on a terminal asked for twice. Raises UsageError where it is short or not repeated."""
    first = _asked(asked.texts.say("ask.new-passphrase"))
    if first is None:
        raise ArchiveSealed()
    if len(first) < SHORTEST:
        raise wrong(asked.texts, "usage.passphrase-short", least=SHORTEST)
    if _on_terminal() and _asked(asked.texts.say("ask.again")) != first:
        raise wrong(asked.texts, "usage.passphrase-differs")
    return first


def _asked(prompt: str) -> str | None:
    if _on_terminal():
        from getpass import getpass

        return getpass(f"{prompt} ", sys.stderr) or None
    if sys.stdin is None:
        return None
    line = sys.stdin.buffer.readline().decode("utf-8", "surrogateescape")
    return line.rstrip("\r\n") or None


def _on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
