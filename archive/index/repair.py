"""Repair: a damaged archive becomes a sound one beside it, from all that can be read; the damaged one is kept.

Sources, best first: the rows of the database that can be read, the newest backup of its own where they cannot, and the
journal for what a person made. What is lost then is the index of some images, whose folders are to be imported again.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from archive.errors import ArchiveClosed, ArchiveDamaged, ArchiveReadOnly, NothingThere
from archive.index import backups, bundles, files, journal, keys, locks, migrations, opening, sidecar, swapping
from archive.index.engine import Engine, Row, size_of
from archive.index.keys import Ask, Key
from archive.index.places import database_of
from archive.index.rebuilding import Rebuilt, rebuild
from archive.index.records import Totals
from archive.index.salvaging import Salvaged, copied, salvage
from archive.index.sidecar import Sidecar


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was wrong, what was done, and what is left to do."""

    was_damaged: bool
    damaged: tuple[str, ...] = ()  # of: database, sidecar, journal
    kept_aside: tuple[str, ...] = ()  # names in the data directory
    rows: dict[str, int] = field(default_factory=dict, hash=False)  # kept, by table
    lost_stretches: int = 0  # stretches of rows that could not be read
    from_backup: str = ""  # the backup that filled gaps
    events: int = 0  # what a person did, all of it kept
    rescan: tuple[bytes, ...] = ()  # folders to be imported again
    unknown_folders: int = 0
    totals: Totals = field(default_factory=Totals, hash=False)

    def as_json(self) -> dict[str, Any]:
        from archive.words.paths import shown_path

        return asdict(self) | {"rescan": [shown_path(path, None) for path in self.rescan]}


def repair(data_dir: str, ask: Ask | None = None, force: bool = False) -> Repaired:
    """Look at every page of an archive, and rebuild it where one is bad (or always, with `force`).

    Raises NothingThere without an archive, KeyLost, WrongKey, ArchiveSealed, ArchiveNewer, ArchiveLocked while it is open
    elsewhere, ArchiveDamaged where nothing at all can be read; then nothing was changed.
    """
    database = database_of(data_dir)
    if size_of(database) < 0 and not os.path.exists(sidecar.path_of(data_dir)) and not backups.kept(data_dir):
        raise NothingThere(what=os.path.basename(data_dir.rstrip(os.sep)))
    if not files.can_write(data_dir):
        raise ArchiveReadOnly()
    with locks.alone(data_dir), bundles.workplace(data_dir) as work, files.archive_errors():
        swapping.swap(data_dir)
        found, key = _identity(data_dir, ask, work)
        bad = tuple(name for name, is_bad in _LOOKS.items() if is_bad(data_dir, found, key, work))
        if "database" in bad or force:
            return _rebuilt(data_dir, found, key, work, bad)
        return _mended(data_dir, found, key, bad)


def _identity(data_dir: str, ask: Ask | None, work: str) -> tuple[Sidecar, Key]:
    """The archive's sidecar, or one made anew, and its key."""
    found = sidecar.read(data_dir)
    if found is not None:
        return found, opening.key_of(data_dir, found, ask)
    return _sidecar_anew(data_dir, keys.obtain(data_dir, "", keys.PLACE_FILE, ask), work)


def _sidecar_anew(data_dir: str, key: Key, work: str) -> tuple[Sidecar, Key]:
    """Where the sidecar is lost, a key file still opens the database, or a backup, which knows the archive's id."""
    for source in (database_of(data_dir), *(kept.path for kept in backups.kept(data_dir))):
        with contextlib.suppress(ArchiveClosed, OSError):
            place = source if source.endswith(".db") else database_of(_unpacked(source, work))
            with contextlib.closing(Engine(place, key, access="read")) as engine:
                row = engine.row("archive")
            if row is not None:
                name = row["archive_id"]
                return Sidecar(row["format"], name, key.check_value(name), keys.PLACE_FILE, key.salt.hex()), key
    raise ArchiveDamaged()


def _database_is_bad(data_dir: str, found: Sidecar, key: Key, work: str) -> bool:
    """Looked at in a copy: to open it would write to it. A sound one of another archive is as bad as none."""
    if size_of(database_of(data_dir)) <= 0:
        return True
    place = os.path.join(work, "look")
    files.make_private_folder(place)
    copied(database_of(data_dir), place)
    if not bundles.is_sound(database_of(place), key):
        return True
    with contextlib.closing(Engine(database_of(place), key)) as engine:
        row = engine.row("archive")
        return row is None or row["archive_id"] != found.archive_id


def _sidecar_is_bad(data_dir: str, _: Sidecar, __: Key, ___: str) -> bool:
    return sidecar.read(data_dir) is None


def _journal_is_bad(data_dir: str, _: Sidecar, key: Key, __: str) -> bool:
    """A journal that is not there yet is none of a damaged archive."""
    try:
        return bool(journal.events(data_dir, key)) and not journal.is_sound(data_dir, key)
    except ArchiveClosed:
        return True


_LOOKS: Mapping[str, Callable[[str, Sidecar, Key, str], bool]] = {
    "database": _database_is_bad,
    "sidecar": _sidecar_is_bad,
    "journal": _journal_is_bad,
}


def _mended(data_dir: str, found: Sidecar, key: Key, bad: tuple[str, ...]) -> Repaired:
    """The database is sound: what stands beside it is written anew from it."""
    with contextlib.closing(Engine(database_of(data_dir), key)) as engine:
        events = engine.rows("events_after", row_id=0)
        commits = engine.value("commits")
        totals = Totals(**dict(engine.row("totals") or {}))
    stamp = swapping.stamp_of(swapping.waiting_name(data_dir))
    aside = [_exchange_journal(data_dir, key, events, stamp)] if "journal" in bad else []
    if "sidecar" in bad or commits < found.commits:  # lost changes were told at every opening until now
        sidecar.write(data_dir, replace(found, commits=commits))
    kept = tuple(os.path.basename(path) for path in aside if os.path.exists(path))
    return Repaired(bool(bad), bad, kept, events=len(events), totals=totals)


def _rebuilt(data_dir: str, found: Sidecar, key: Key, work: str, bad: tuple[str, ...]) -> Repaired:
    """Salvage, rebuild beside, look at every page of it, and swap."""
    salvaged, backup = _salvaged(data_dir, key, work)
    events = _events(data_dir, key, salvaged)
    new = os.path.join(work, "rebuilt.db")
    with contextlib.closing(opening.founded(new, key, found.archive_id)) as engine:
        commits = _carry_over(engine, salvaged, found)
        done = rebuild(engine, salvaged, events)
        with engine.writing(counted=False):
            engine.run("set_commits", commits=commits)  # what was counted while it was filled is not the archive's
        totals = Totals(**dict(engine.row("totals") or {}))
    if not bundles.is_sound(new, key):
        raise ArchiveDamaged()
    waiting = swapping.waiting_name(data_dir)
    aside = []
    if "journal" in bad:
        ordered = [events[number] for number in sorted(events)]
        aside.append(_exchange_journal(data_dir, key, ordered, swapping.stamp_of(waiting)))
    os.replace(new, waiting)
    aside.append(swapping.swap(data_dir))
    sidecar.write(data_dir, replace(found, format=sidecar.FORMAT, commits=commits))
    return _report(done, salvaged, bad, aside, backup, len(events), totals)


def _report(
    done: Rebuilt,
    salvaged: Salvaged,
    bad: tuple[str, ...],
    aside: list[str],
    backup: str,
    events: int,
    totals: Totals,
) -> Repaired:
    return Repaired(
        was_damaged=bool(bad),
        damaged=bad,
        kept_aside=tuple(os.path.basename(path) for path in aside if path and os.path.exists(path)),
        rows=done.kept,
        lost_stretches=sum(map(len, salvaged.lost.values())),
        from_backup=os.path.basename(backup),
        events=events,
        rescan=tuple(done.rescan),
        unknown_folders=done.unknown_folders,
        totals=totals,
    )


def _salvaged(data_dir: str, key: Key, work: str) -> tuple[Salvaged, str]:
    """The rows that can be read; those that cannot, from the newest backup that has them."""
    try:
        salvaged = salvage(database_of(data_dir), key, work, _empty)
    except (ArchiveDamaged, FileNotFoundError):
        salvaged = Salvaged()
    if salvaged.rows and salvaged.is_whole:
        return salvaged, ""
    for kept in backups.kept(data_dir):
        with contextlib.suppress(ArchiveClosed, OSError):
            other = salvage(database_of(_unpacked(kept.path, work)), key, work, _empty)
            return _filled(salvaged, other), kept.path
    if not salvaged.rows:
        raise ArchiveDamaged()
    return salvaged, ""


def _empty(path: str, key: Key) -> Engine:
    """As an archive is laid out that was made by this program; one that was migrated is laid out otherwise."""
    if migrations.STEPS:
        raise ArchiveDamaged()
    return opening.founded(path, key, "")


def _unpacked(backup: str, work: str) -> str:
    place = os.path.join(work, "older")
    files.make_private_folder(place)
    bundles.unpack(backup, place)
    return place


def _filled(salvaged: Salvaged, older: Salvaged) -> Salvaged:
    """The rows of a backup where the database lost them, and only there: what was deleted since stays deleted."""
    if not salvaged.rows:
        return older
    for table, stretches in salvaged.lost.items():
        for number, row in older.rows[table].items():
            if any(low <= number <= high for low, high in stretches):
                salvaged.rows[table].setdefault(number, row)
    salvaged.folder_paths = older.folder_paths | salvaged.folder_paths
    return salvaged


def _events(data_dir: str, key: Key, salvaged: Salvaged) -> dict[int, Row]:
    """Every event that the database or the journal has."""
    events: dict[int, Row] = {}
    with contextlib.suppress(ArchiveClosed):
        events = {row["id"]: row for row in journal.events(data_dir, key)}
    return events | {row["id"]: row for row in salvaged.rows["event"].values()}


def _carry_over(engine: Engine, salvaged: Salvaged, found: Sidecar) -> int:
    """The secret of the keys, where the row that has it was read, and a count of commits beyond all that were."""
    before = next(iter(salvaged.rows["archive"].values()), None)
    commits = max(found.commits, before["commits"] if before else 0) + 1
    if before is not None:
        with engine.writing(counted=False):
            engine.run("set_secret", secret=before["secret"])
    return commits


def _exchange_journal(data_dir: str, key: Key, events: list[Row], stamp: str) -> str:
    """A journal of all events in place of a damaged one, which is kept; where."""
    path, aside = journal.path_of(data_dir), swapping.aside_of(data_dir, stamp, journal.NAME)
    new = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new)
    journal.write_anew(new, key, events)
    with contextlib.suppress(FileNotFoundError):
        os.link(path, aside)
    os.replace(new, path)
    files.sync_folder(data_dir)
    return aside
