"""Commands that look at one series or path: info, open, export."""

from collections.abc import Callable

from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_shelf import shelf_of
from shell.cli_words import command, ending, flag, option, whole, word
from shell.shelf_open import Piece

ENDINGS = (".nii", ".nii.gz", ".nrrd", ".npy")


@command(
    word("selector"),
    flag("--images"),
    flag("--tags"),
    option("--image", kind=whole(1)),
    option("--stack", kind=whole(1)),
)
def info(asked: Asked, selector: str, images: bool, tags: bool, image: int | None, stack: int | None) -> Answer:
    """Say what a series or path holds."""
    with shelf_of(asked) as shelf:
        value = shelf.info(selector, images=images, tags=tags, image=image)
    if stack is not None:
        value["stacks"] = [one for one in value["stacks"] if one["stack"] == stack]
    return Answer("info", value)


@command(
    word("selector"),
    option("-o", "--output", kind=ending(ENDINGS), required=True),
    option("--stack", kind=whole(1)),
    option("--time", kind=whole(1)),
    flag("--resample"),
)
def export(asked: Asked, selector: str, output: str, stack: int | None, time: int | None, resample: bool) -> Answer:
    """Write one stack as NIfTI, NRRD or NumPy file."""
    wishes = {"stack": stack, "time": time, "resample": resample, "on_choice": chosen(asked)}
    with shelf_of(asked) as shelf:
        value, whole_ = shelf.export(selector, output, **wishes)
    return Answer("export", value, 0 if whole_ else 3)


def chosen(asked: Asked) -> Callable[[Piece, int], None]:
    """Says on stderr which of several stacks was taken."""

    def told(piece: Piece, count: int) -> None:
        asked.aside(asked.texts.say("aside.stack", stack=piece.number, count=count))

    return told


@command(word("selector"), option("--stack", kind=whole(1)), option("--time", kind=whole(1)))
def open_(asked: Asked, selector: str, stack: int | None, time: int | None) -> Answer:
    """Show a series in the viewer window; ends when that is closed."""
    from shell.cli_desk import shown

    return shown(asked, selector, stack, time)
