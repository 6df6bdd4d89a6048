"""The rescue of a failing disc, as the object of `session PATH --rescue DIR`."""

import os
import time
from typing import Any

from archive.importing.rescue import Rescued, rescue
from archive.words.paths import shown_path
from shell.texts import Texts

Object = dict[str, Any]


def rescued(source: str, target: str, texts: Texts) -> tuple[Object, bool]:
    """Copy what can be read; the object, and whether that was everything."""
    started = time.monotonic()
    found = list(rescue(os.fsencode(source), os.fsencode(os.path.abspath(target))))
    damaged = [_damaged(one, texts) for one in found if one.lost_bytes]
    unreadable = [_unreadable(one, texts) for one in found if one.refusal is not None]
    value = {
        "output": os.path.abspath(target),
        "files": sum(one.refusal is None for one in found),
        "bytes": sum(one.size for one in found),
        "lost_bytes": sum(one.lost_bytes for one in found),
        "damaged": damaged,
        "unreadable": unreadable,
        "seconds": round(time.monotonic() - started, 3),
    }
    return value, not damaged and not unreadable


def _damaged(one: Rescued, texts: Texts) -> Object:
    sentence = texts.say("rescue.damaged", lost=one.lost_bytes, size=one.size)
    return {"path": shown_path(one.name), "lost_bytes": one.lost_bytes, "sentence": sentence}


def _unreadable(one: Rescued, texts: Texts) -> Object:
    assert one.refusal is not None
    sentence = texts.say(f"outcome.{one.refusal.code}", **one.refusal.facts)
    return {"path": shown_path(one.name), "code": one.refusal.code, "sentence": sentence}
