"""Commands that look at one series or path: info, open, export."""

from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_shelf import chosen, shelf_of
from shell.cli_words import command, ending, flag, option, whole, word

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
