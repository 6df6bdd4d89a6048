"""A session: the first series opens while the disc is still walked, nothing stays open, and a loaded series outlives its disc."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from make import archives

from archive.importing import order as importing
from archive.volumes.loading import load
from shell.shelf import Shelf
from shell.texts import Texts

TEXTS = Texts("en")


@pytest.fixture
def disc(tmp_path: Path) -> Iterator[Path]:
    for number in range(1, 5):
        archives.series(
            tmp_path / "disc" / f"s{number}", 5, PatientID="disc", StudyInstanceUID="1.2.3", SeriesNumber=number
        )
    yield tmp_path / "disc"


def open_below(folder: Path) -> list[str]:
    """Files of a folder that this process has open or stands in: what would keep a drive from being ejected."""
    links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")] + ["/proc/self/cwd"]
    targets = [os.readlink(link) for link in links if os.path.lexists(link)]
    with open("/proc/self/maps", encoding="utf-8") as maps:
        targets += [line.split(maxsplit=5)[5].strip() for line in maps if len(line.split(maxsplit=5)) > 5]
    return [target for target in targets if target.startswith(str(folder))]


def test_the_first_series_opens_while_the_walk_goes_on(disc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 4)
    monkeypatch.setattr(importing, "TOLD_S", 0.0)
    with Shelf.session([str(disc)], TEXTS) as shelf:
        filling = shelf.fill()
        progress = next(step for step in filling if step.outcomes.get("imported", 0) >= 8)
        assert progress.receipt is None and progress.done < 20
        series = shelf.search()["studies"][0]["series"]
        assert 0 < len(series) < 4
        with shelf.look(series[0]["key"]) as found:
            piece = found.piece(None)
            assert load(piece.stack, piece.files).voxels.shape == (5, 4, 4)
        *_, last = filling
        assert last.receipt is not None and last.receipt.files["imported"] == 20
        assert len(shelf.search()["studies"][0]["series"]) == 4


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system does not list open files")
def test_a_loaded_series_outlives_its_disc_and_keeps_nothing_open(disc: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(disc / "more.zip", "w") as packed:
        for path in sorted((disc / "s4").iterdir()):
            packed.write(path, path.name)
    shutil.rmtree(disc / "s4")
    with Shelf.session([str(disc)], TEXTS) as shelf:
        volumes = []
        for row in shelf.catalogue().all_series():
            with shelf.look(row.key) as found:
                piece = found.piece(None)
                volumes.append(load(piece.stack, piece.files))
        assert open_below(disc) == [], "the disc can be ejected"
        before = [volume.voxels.copy() for volume in volumes]
        shutil.rmtree(disc)
        assert len(volumes) == 4
        assert all(np.array_equal(volume.voxels, then) for volume, then in zip(volumes, before, strict=True))
        assert shelf.search()["total"] == 1, "what was read of the disc can still be searched"


def test_a_session_writes_no_file(disc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    with Shelf.session([str(disc)], TEXTS) as shelf:
        key = shelf.search()["studies"][0]["series"][0]["key"]
        shelf.info(key, images=True)
        shelf.tag(shelf.search()["studies"][0]["key"], ["seen"], [])
        assert len(shelf.receipts()) == 1, "its receipt lives as long as it does"
    assert list((tmp_path / "kept").iterdir()) == []
    assert sorted(path.name for path in disc.iterdir()) == ["s1", "s2", "s3", "s4"]
