"""The second start: hands its paths over to the application that runs, before anything heavy is imported."""

import os
from collections.abc import Mapping, Sequence

OPTION = "--data-dir"


def handed_over(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """True where an application runs and has taken what this start was asked for; then this start is done.

    Only what is surely a start of the desktop application is looked at: no option but --data-dir, and paths that show
    that they are no command. Everything else is read by the command line, which hands over too.
    """
    data_dir, paths = _peeled(words)
    if environment.get("TOMOTHEQUE_ARCHIVE") or not all(_is_plainly_a_path(path) for path in paths):
        return False
    from shell.places import places_of  # not needed by the many starts that are commands
    from shell.single_instance import Words, hand_over, meeting_of

    told = Words(
        tuple(os.fsencode(os.path.abspath(path)) for path in paths), environment.get("XDG_ACTIVATION_TOKEN", "")
    )
    return hand_over(meeting_of(places_of(data_dir, environment).data_dir), told)


def _peeled(words: Sequence[str]) -> tuple[str | None, list[str]]:
    data_dir, paths, waiting = None, [], list(words)
    while waiting:
        word = waiting.pop(0)
        if word == OPTION and waiting:
            data_dir = waiting.pop(0)
        elif word.startswith(f"{OPTION}="):
            data_dir = word.partition("=")[2]
        else:
            paths.append(word)
    return data_dir, paths


def _is_plainly_a_path(word: str) -> bool:
    return not word.startswith("-") and ("." in word or os.sep in word) and os.path.lexists(word)
