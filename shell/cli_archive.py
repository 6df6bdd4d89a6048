"""Commands about the archive: import, search, and what a person keeps of their own in it."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from archive.errors import PathGone
from shell.cli_answer import Answer
from shell.cli_globals import Asked, wrong
from shell.cli_progress import shown
from shell.cli_shelf import shelf_of
from shell.cli_words import command, flag, option, whole, word, words

if TYPE_CHECKING:
    from archive.importing.receipt import Progress, Receipt

MOST_STUDIES = 1_000_000


@command(words("paths", 1), flag("--copy"))
def import_(asked: Asked, paths: tuple[str, ...], copy: bool) -> Answer:
    """Index files and folders where they are, and on wish keep a copy of every image."""
    if copy and asked.session is not None:
        raise wrong(asked.texts, "usage.copy-in-session")
    there = [path for path in paths if os.path.lexists(path)]
    if not there:
        raise PathGone(name=_name(paths[0]))
    if asked.session is None:
        asked.places.make()
    asked.journal.note("import.started", paths=len(paths))
    with shelf_of(asked) as shelf:
        receipt = _walked(asked, shelf.import_(paths, copy))
        value = shelf.receipt_json(receipt)
    counts = {name: value["files"][name] for name in ("imported", "known", "duplicate", "skipped", "unreadable")}
    asked.journal.note("import.finished", files=value["files"]["found"], seconds=value["seconds"], **counts)
    return Answer("import", value, receipt.status)


def _walked(asked: Asked, steps: "Iterable[Progress]") -> "Receipt":
    receipt = None
    for progress in shown(asked, steps):
        receipt = progress.receipt or receipt
    assert receipt is not None  # the last progress carries it
    return receipt


def _name(path: str) -> str:
    return os.path.basename(path.rstrip(os.sep)) or path


@command(
    words("words"),
    option("--limit", kind=whole(1, MOST_STUDIES), default="200"),
    option("--after", default=""),
    loose=True,
)
def search(asked: Asked, words: tuple[str, ...], limit: int, after: str) -> Answer:
    """Find studies."""
    with shelf_of(asked) as shelf:
        found = shelf.search(" ".join(words), limit, after)
        return Answer("search", found | {"notices": shelf.notices()})


@command(word("study"), words("changes", 1), loose=True)
def tag(asked: Asked, study: str, changes: tuple[str, ...]) -> Answer:
    """Put tags on a study (+word) or take them away (-word)."""
    strange = [change for change in changes if change[:1] not in "+-" or len(change) < 2]
    if strange:
        raise wrong(asked.texts, "usage.tag", word=strange[0])
    add, remove = ([change[1:] for change in changes if change[0] == sign] for sign in "+-")
    with shelf_of(asked) as shelf:
        return Answer("study", shelf.tag(study, add, remove))


@command(word("study"), word("text"))
def note(asked: Asked, study: str, text: str) -> Answer:
    """Keep a note with a study; an empty text takes it away."""
    with shelf_of(asked) as shelf:
        return Answer("study", shelf.note(study, text))


@command(word("selector"), flag("--study"), flag("--patient"))
def forget(asked: Asked, selector: str, study: bool, patient: bool) -> Answer:
    """Take a series, study or patient out of the archive; the files stay."""
    if study and patient:
        raise wrong(asked.texts, "usage.one-level")
    level = "study" if study else "patient" if patient else "series"
    with shelf_of(asked) as shelf:
        return Answer("done", shelf.forget(level, selector))


@command()
def undo(asked: Asked) -> Answer:
    """Take back the last change a person made."""
    with shelf_of(asked) as shelf:
        return Answer("done", shelf.undo())


@command(word("patient"), word("into"))
def merge(asked: Asked, patient: str, into: str) -> Answer:
    """Show two records of one person as one."""
    with shelf_of(asked) as shelf:
        return Answer("done", shelf.merge(patient, into))


@command(word("patient"))
def split(asked: Asked, patient: str) -> Answer:
    """Show merged records apart again."""
    with shelf_of(asked) as shelf:
        return Answer("done", shelf.split(patient))


@command(word("root", required=False), flag("--deep"))
def verify(asked: Asked, root: str | None, deep: bool) -> Answer:
    """Look whether every file is where it was, and as it was."""
    if root is not None and not os.path.lexists(root):
        asked.aside(asked.texts.say("aside.no-root", name=_name(root)))
    with shelf_of(asked) as shelf:
        value = shelf.verify(root, deep)
    return Answer("verify", value, 3 if value["items"] else 0)


@command(word("new"), option("--old"))
def relink(asked: Asked, new: str, old: str | None) -> Answer:
    """Find moved files again by what is in them."""
    if not os.path.lexists(new):
        raise PathGone(name=_name(new))
    with shelf_of(asked) as shelf:
        return Answer("done", shelf.relink(new, old))
