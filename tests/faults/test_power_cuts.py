"""Power cuts: a disk that forgets what was not synced, with synchronous=OFF to show that it does."""

import os
import random
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import children
import cutfs
import pytest
from make import archives

from archive.errors import ScanError
from archive.index.catalogue import Catalogue

Amount = Callable[[int, int], int]
STUDIES = 12


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("many")
    for number in range(STUDIES):
        archives.series(top / f"s{number:02}", 3, PatientID=f"C-{number}", PatientName=f"Cut^N{number}")
    return top


def worked(data: str, many: Path, synchronous: str, said: int) -> None:
    """Import study after study and tag each; a byte to `said` for all that was called saved."""
    with Catalogue.open(data, create=True) as catalogue:
        if synchronous == "OFF":
            catalogue.engine._connection.execute("PRAGMA synchronous = OFF")
        for number in range(STUDIES):
            archives.receipt_of(catalogue, many / f"s{number:02}")
            os.write(said, b"i")
            for study in catalogue.search(f"N{number}").studies:
                catalogue.tag(study.key, [f"t{number}"])
            os.write(said, b"t")


def cut_once(top: Path, many: Path, synchronous: str, seed: int) -> dict[str, int]:
    """One cut at a moment by chance: what had been called saved. What is left lies in top/left."""
    chance = random.Random(seed)
    disk = cutfs.Mounted(str(top / "disk"))
    hear, say = os.pipe()
    worker = children.start(lambda: worked(f"{disk.place}/data", many, synchronous, say))
    os.close(say)
    acks, wanted = b"", chance.randint(0, 2 * STUDIES - 1)
    end = time.monotonic() + 60
    while len(acks) < wanted and select.select([hear], [], [], end - time.monotonic())[0] and (got := os.read(hear, 1)):
        acks += got
    select.select([], [], [], chance.random() * 0.02)
    disk.tell(cut=str(top / "left"), seed=seed)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    while got := os.read(hear, 64):
        acks += got
    disk.end()
    return {"imported": acks.count(b"i"), "tagged": acks.count(b"t")}


def after(top: Path, acks: dict[str, int]) -> str:
    """What a cut did to the archive: "whole", "lost" (something called saved is gone), "damaged"."""
    try:
        with Catalogue.open(str(top / "left" / "data"), create=True) as catalogue:
            if not catalogue.engine.sound():
                return "damaged"
            studies = catalogue.search(limit=100).studies
            tags = {tag for study in studies for tag in study.tags}
            missing = acks["imported"] > len(studies) or acks["tagged"] > len(tags) or catalogue.notices
            return "lost" if missing else "whole"
    except ScanError:
        return "damaged"


def counted(tmp_path: Path, many: Path, synchronous: str, cuts: int) -> dict[str, int]:
    found = {"whole": 0, "lost": 0, "damaged": 0}
    for seed in range(cuts):
        top = tmp_path / f"{synchronous}{seed}"
        try:
            acks: Any = cutfs.apart(lambda top=top, seed=seed: cut_once(top, many, synchronous, seed))
        except (PermissionError, FileNotFoundError) as error:
            pytest.skip(f"no FUSE here ({error}), so the power cannot be cut")
        found[after(top, acks)] += 1
    return found


@pytest.mark.skipif(not os.path.exists("/dev/fuse"), reason="no /dev/fuse here, so the power cannot be cut")
def test_p1_p6_f2_nothing_called_saved_is_lost_by_a_power_cut(
    tmp_path: Path, many: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    found = counted(tmp_path, many, "FULL", amount(8, 100))
    figure(f"{sum(found.values())} cuts, {found['damaged']} damaged, {found['lost']} with something lost")
    assert found["damaged"] == found["lost"] == 0


@pytest.mark.skipif(not os.path.exists("/dev/fuse"), reason="no /dev/fuse here, so the power cannot be cut")
def test_f2_without_syncing_the_same_cuts_do_harm(
    tmp_path: Path, many: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    """The positive control: a harness that finds nothing here would prove nothing above."""
    found = counted(tmp_path, many, "OFF", amount(6, 24))
    figure(f"{sum(found.values())} cuts, {found['damaged']} damaged, {found['lost']} with something lost")
    assert found["damaged"] + found["lost"] > 0
