"""Places: mounts told from the kernel's table, the longest mount above a path, and what can be taken out."""

from pathlib import Path

import pytest

from archive.intake import places

TABLE = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /proc rw - proc proc rw
30 22 8:17 / /media/my\040disk rw,nosuid shared:9 - vfat /dev/sdb1 rw
31 22 11:0 / /media/cd ro - iso9660 /dev/sr0 ro
32 22 0:50 / /srv/scans rw - nfs4 server:/scans rw
"""


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[places.Volume, ...]:
    (tmp_path / "mounts").write_bytes(TABLE)
    for device, removable in (("8:1", "0"), ("8:17/..", "1")):
        (tmp_path / "block" / device.split("/")[0]).mkdir(parents=True)
        (tmp_path / "block" / device / "removable").write_text(removable)
    monkeypatch.setattr(places, "MOUNTS", str(tmp_path / "mounts"))
    monkeypatch.setattr(places, "BLOCK_DEVICES", str(tmp_path / "block"))
    return places.volumes()


def test_mounts_are_read_with_their_escaped_names(mounted: tuple[places.Volume, ...]) -> None:
    assert [volume.mount for volume in mounted] == [b"/", b"/media/my disk", b"/media/cd", b"/srv/scans"]


def test_a_path_lies_on_the_longest_mount_above_it(mounted: tuple[places.Volume, ...]) -> None:
    found = {path: places.volume_of(path, mounted) for path in (b"/srv/scans/a", b"/srv/scansion", b"/media/cd")}
    assert {path: volume.mount for path, volume in found.items() if volume} == {
        b"/srv/scans/a": b"/srv/scans",
        b"/srv/scansion": b"/",
        b"/media/cd": b"/media/cd",
    }


def test_discs_and_sticks_are_offered_and_shares_know_their_server(mounted: tuple[places.Volume, ...]) -> None:
    assert {b"/media/my disk", b"/media/cd"} <= {volume.mount for volume in places.removable(mounted)}
    assert mounted[-1].identity == "share:server:/scans"
    assert mounted[-1].network
    assert mounted[2].optical


@pytest.mark.parametrize(
    ("system", "seconds", "same"),
    [("ext4", 0, True), ("ext4", 1, False), ("vfat", 1.5, True), ("vfat", 3, False), ("vfat", -3601, True),
     ("exfat", 7200, True), ("vfat", 1800, False), ("vfat", 15 * 3600, False)],
)  # fmt: skip
def test_times_on_fat_may_be_rounded_and_shifted_by_whole_hours(system: str, seconds: float, same: bool) -> None:
    then = 1_700_000_000_000_000_000
    assert places.same_time(then, then + int(seconds * 1e9), system) is same


def test_the_mounts_of_this_machine_can_be_read() -> None:
    assert places.volume_of(b"/") is not None or not places.volumes()
