"""Migrations: the ordered steps from each format of the archive to the next; a backup first, each step whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from archive.index import backups, locks, sidecar
from archive.index.engine import Engine
from archive.index.keys import Key

Step = Callable[[Engine], None]
STEPS: Mapping[int, Step] = {}  # format -> the function that makes it of the one before; inside writing()


def migrate(data_dir: str, engine: Engine, key: Key, steps: Mapping[int, Step] = STEPS) -> None:
    """Bring an archive up to the format of this program. An older program refuses it from the first step on."""
    with locks.importing(data_dir):
        if engine.value("format") < sidecar.FORMAT:  # or somebody else has done it meanwhile
            backups.before_migration(data_dir, engine, key)
        while engine.value("format") < sidecar.FORMAT:
            number = engine.value("format") + 1
            with engine.writing():
                steps[number](engine)
                engine.run("set_format", format=number)
        follow(data_dir, engine)


def follow(data_dir: str, engine: Engine) -> None:
    """Let the sidecar say the format of the database: the step may have been killed between the two."""
    found = sidecar.read(data_dir)
    if found is not None and found.format != engine.value("format"):
        sidecar.write(data_dir, replace(found, format=engine.value("format")))
