"""Commands that make pictures: render and presets."""

from typing import Any, Final

from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_shelf import chosen, shelf_of
from shell.cli_words import command, ending, flag, numbers, one_of, option, size, whole, word
from shell.shelf_render import Wishes

VIEWS: Final = ("3d", "mpr", "axial", "coronal", "sagittal", "oblique", "frames")
MODES: Final = ("composite", "mip", "minip", "mean", "xray")
INTERPOLATIONS: Final = ("nearest", "linear", "cubic")
LARGEST_SIDE: Final = 200_000  # a word of more digits is a slip; what the machine cannot hold is refused later


def _has_length(vector: tuple[float, ...]) -> bool:
    return any(vector[:3]) and (len(vector) < 6 or any(vector[3:6]))


def _is_box(box: tuple[float, ...]) -> bool:
    """Half-open and not empty along i, j and k."""
    return all(
        low == int(low) and high == int(high) and 0 <= low < high for low, high in zip(box[::2], box[1::2], strict=True)
    )


@command(
    word("selector"),
    option("-o", "--output", kind=ending((".png",)), required=True),
    option("--stack", kind=whole(1)),
    option("--time", kind=whole(1)),
    option("--view", kind=one_of(VIEWS)),
    option("--preset"),
    option("--mode", kind=one_of(MODES)),
    option("--size", kind=size(LARGEST_SIDE)),
    option(
        "--camera", kind=numbers("AZIMUTH,ELEVATION[,ZOOM[,ROLL]]", 2, 3, 4, check=lambda c: len(c) < 3 or c[2] > 0)
    ),
    option("--window", kind=numbers("C,W", 2, check=lambda w: w[1] > 0)),
    option("--at", kind=numbers("X,Y,Z", 3)),
    option("--slab", kind=numbers("MM", 1, check=lambda mm: mm[0] >= 0)),
    option("--plane", kind=numbers("NX,NY,NZ[,UX,UY,UZ]", 3, 6, check=_has_length)),
    option("--interpolation", kind=one_of(INTERPOLATIONS)),
    option("--crop", kind=numbers("I0,I1,J0,J1,K0,K1", 6, check=_is_box)),
    option("--clip", kind=numbers("NX,NY,NZ,D", 4, check=lambda c: any(c[:3])), multiple=True),
    option("--step", kind=numbers("MM", 1, check=lambda mm: mm[0] > 0)),
    flag("--transparent"),
    flag("--marks"),
    option("--raw", kind=ending((".npy",))),
    option("--scene"),
    option("--save-scene"),
    option("--turntable", kind=whole(1, 3600)),
    option("--repeat", kind=whole(1, 10_000)),
)
def render(asked: Asked, selector: str, output: str, **wishes: Any) -> Answer:
    """Make a picture of a series."""
    wish = Wishes(**{name: _single(name, value) for name, value in wishes.items()})
    with shelf_of(asked) as shelf:
        value, whole_ = shelf.render(selector, output, wish, on_choice=chosen(asked))
    return Answer("render", value, 0 if whole_ else 3)


def _single(name: str, value: Any) -> Any:
    """A number that stands alone is not a list of one."""
    return value[0] if name in ("slab", "step") and value is not None else value


@command()
def presets(asked: Asked) -> Answer:
    """List the looks of the 3D view."""
    from render import presets as known

    rows = [
        {"name": one.name, "title": asked.texts.say(f"preset.{one.name}"), "group": one.group, "mode": one.mode}
        for one in known.all()
    ]
    return Answer("presets", {"presets": rows})
