"""P2, P9, P10: whatever lies among the scans, the receipt adds up, no scan is lost, and nothing is touched."""

import os
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from make import archives, hostile

from archive.importing.receipt import Receipt
from archive.index.catalogue import Catalogue


def snapshot(top: Path) -> dict[bytes, tuple[object, ...]]:
    """Every path below a folder with its kind, size, time, inode and contents."""
    found: dict[bytes, tuple[object, ...]] = {}
    for folder, folders, names in os.walk(os.fsencode(top)):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            body = b""
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    body = file.read()
            found[path] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino, body)
    return found


def test_p2_p9_p10_the_receipts_of_hostile_trees_add_up_and_no_scan_is_lost(
    amount: Callable[[int, int], int], figure: Callable[[str], None], tmp_path: Path
) -> None:
    total: Counter[str] = Counter()
    for seed in range(amount(8, 40)):
        tree = hostile.hostile_tree(tmp_path / str(seed) / "tree", seed)  # a link may lead to the folder above
        try:
            total.update(adds_up(tree))
        except AssertionError as failed:
            raise AssertionError(f"tree {seed}") from failed
        finally:
            for listener in tree.sockets:
                listener.close()
    figure(f"{seed + 1} trees, {total['found']} files, {total['imported']} images, none lost, nothing touched")


def adds_up(tree: hostile.Tree) -> dict[str, int]:
    """Import a tree twice, demand what holds of every receipt; the counts of the first."""
    before = snapshot(tree.top)
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, tree.top)  # demands that the counts add up
        named = [(each.path, each.member) for each in (*receipt.skipped, *receipt.unreadable)]
        assert len(set(named)) == len(named) == receipt.files["skipped"] + receipt.files["unreadable"]
        assert receipt.files["found"] == tree.files
        assert receipt.files["imported"] == tree.images == receipt.totals.instances
        again = archives.receipt_of(catalogue, tree.top)
        assert (again.files["imported"], again.files["duplicate"], again.added.instances) == (0, 0, 0)
        assert again.files["known"] == receipt.files["imported"] + receipt.files["duplicate"]
        assert reasons(again) == reasons(receipt)
    assert snapshot(tree.top) == before, "nothing was touched"
    return receipt.files


def reasons(receipt: Receipt) -> list[tuple[object, ...]]:
    return [(each.path, each.member, each.code) for each in (*receipt.skipped, *receipt.unreadable)]
