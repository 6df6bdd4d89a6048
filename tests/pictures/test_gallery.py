"""The gallery in docs/: every picture of its table is there, small, and on its page."""

from pathlib import Path

from gallery import FOLDER, PICTURES, page

from render import presets

MOST_BYTES = 150_000


def test_the_gallery_holds_exactly_its_pictures_and_they_are_small() -> None:
    files = {path.name: path.stat().st_size for path in Path(FOLDER).glob("*.png")}
    assert set(files) == {f"{picture.name}.png" for picture in PICTURES}
    assert max(files.values()) < MOST_BYTES
    assert (FOLDER / "README.md").read_text("utf-8") == page(PICTURES)


def test_every_preset_of_the_gallery_is_there() -> None:
    assert {picture.preset for picture in PICTURES if picture.preset} <= {preset.name for preset in presets.all()}
