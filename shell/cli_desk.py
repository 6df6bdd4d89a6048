"""What opens windows from the command line: the desktop application, a session in it, and the viewer alone."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.errors import NoDisplay, NoGraphics, PathGone, ScanError
from shell import display
from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_words import command, option, whole, word

if TYPE_CHECKING:
    from shell.viewer_link import ViewerLink


def desktop(asked: Asked, paths: Sequence[str], session: bool = False) -> Answer:
    """Run the application until it is closed; a second start hands its paths to the first and ends at once."""
    from shell import single_instance

    _needs_display()
    whole = [os.path.abspath(path) for path in paths]
    if not session and asked.session is None:
        meeting = single_instance.meeting_of(asked.places.data_dir)
        words = single_instance.Words(tuple(map(os.fsencode, whole)), asked.environment.get("XDG_ACTIVATION_TOKEN", ""))
        if single_instance.hand_over(meeting, words):
            return Answer("")
    from shell import desk

    status = desk.run(
        asked.places.data_dir, whole, asked.texts, session=asked.session or (whole[0] if session else None)
    )
    return Answer("", status=status)


@command(word("path"), option("--rescue"))
def session(asked: Asked, path: str, rescue: str | None) -> Answer:
    """Open the application with a disc or folder of which nothing is kept; or copy what can be read of it, no window."""
    if not os.path.lexists(path):
        raise PathGone(name=os.path.basename(path.rstrip(os.sep)) or path)
    if rescue is not None:
        from shell.shelf_rescue import rescued

        value, is_whole = rescued(path, rescue, asked.texts)
        return Answer("rescue", value, 0 if is_whole else 3)
    return desktop(asked, [path], session=True)


@command(word("selector"), option("--stack", kind=whole(1)), option("--time", kind=whole(1)))
def open_(asked: Asked, selector: str, stack: int | None, time: int | None) -> Answer:
    """Show a series in the viewer window; ends when that is closed."""
    from shell.cli_shelf import chosen, shelf_of
    from shell.messages import error_of
    from shell.shelf_open import time_index
    from shell.viewer_link import open_and_wait

    _needs_display()
    with shelf_of(asked) as shelf, shelf.look(selector) as found:
        piece = found.piece(stack)
        if stack is None and len(found.pieces) > 1:
            chosen(asked)(piece, len(found.pieces))
        if piece.record is not None and not found.shelves:
            shelf.remember_opened(piece.record.row.key)
        words = piece.record.row.description if piece.record else ""
        note = asked.texts.verdict(piece.stack.verdict)["sentence"]
        index = time_index(piece, time) or 0
        failed = open_and_wait(
            piece.stack,
            piece.files,
            words,
            note=note,
            time=index,
            lang=asked.texts.lang,
            on_drop=lambda link, paths: _drop(asked, link, paths[0]),
        )
    if failed is not None and failed.code == "viewer-died":
        raise NoGraphics(what=asked.texts.say("viewer.died"))
    if failed is not None:
        raise error_of(failed)
    return Answer("open", {"stack": piece.number})


def _drop(asked: Asked, link: "ViewerLink", path: bytes) -> None:
    """What was dropped on the viewer takes the place of what it shows; nothing is archived."""
    from shell.cli_shelf import shelf_of
    from shell.handles import shown_name

    try:
        with shelf_of(asked) as shelf, shelf.look(os.fsdecode(path)) as found:
            piece = found.piece(None)
            note = asked.texts.verdict(piece.stack.verdict)["sentence"]
            link.open(piece.stack, piece.files, shown_name(path), note=note)
    except ScanError as error:
        link.tell(asked.texts.error(error)["sentence"])


def _needs_display() -> None:
    if not display.usable():
        raise NoDisplay()
