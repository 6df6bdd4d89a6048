"""Commands that keep the archive: repair, and its key."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from archive.errors import NothingThere
from shell.cli_answer import Answer
from shell.cli_globals import Asked, wrong
from shell.cli_shelf import shelf_of
from shell.cli_words import command, flag, one_of, word
from shell.passphrases import asker, new_passphrase

Object = dict[str, Any]


@command(flag("--force"))
def repair(asked: Asked, force: bool) -> Answer:
    """Look at every page of the archive; rebuild a damaged one beside it, and keep the damaged one."""
    from archive.index.repair import repair as mended

    if asked.session is not None:
        raise wrong(asked.texts, "usage.no-session")
    started = time.monotonic()
    done = mended(asked.places.data_dir, asker(asked), force)
    value = done.as_json() | {"seconds": round(time.monotonic() - started, 3)}
    asked.journal.note("repair.finished", events=done.events, folders=len(done.rescan), seconds=value["seconds"])
    return Answer("repair", value, 3 if value["rescan"] or value["unknown_folders"] else 0)


def _status(asked: Asked) -> Object:
    from archive.index import keyholding, keys

    found = keyholding.status(asked.places.data_dir)
    return {
        "place": found.place,
        "sealed": found.is_sealed,
        "recovery_code": found.has_recovery_code,
        "path": keys.file_of(asked.places.data_dir) if found.place == keys.PLACE_FILE else None,
    }


def _passphrase(asked: Asked) -> Object:
    """Set a passphrase, or another one; the first time with a recovery code."""
    from archive.index import keyholding

    key = _key(asked)
    keyholding.seal(asked.places.data_dir, key, new_passphrase(asked))
    has_code = keyholding.status(asked.places.data_dir).has_recovery_code
    return {} if has_code else {"code": keyholding.new_code(asked.places.data_dir, key)}


def _remove(asked: Asked) -> Object:
    from archive.index import keyholding

    keyholding.unseal(asked.places.data_dir, _key(asked))
    return {}


def _code(asked: Asked) -> Object:
    from archive.index import keyholding

    return {"code": keyholding.new_code(asked.places.data_dir, _key(asked))}


def _recover(asked: Asked) -> Object:
    from archive.index import keyholding

    keyholding.recover(asked.places.data_dir, asker(asked, "ask.code")() or "")
    return {}


ACTIONS: Mapping[str, Callable[[Asked], Object]] = {
    "status": lambda asked: {},
    "passphrase": _passphrase,
    "remove": _remove,
    "code": _code,
    "recover": _recover,
}


@command(word("action", kind=one_of(tuple(ACTIONS)), required=False))
def key(asked: Asked, action: str | None) -> Answer:
    """Say where the key is and how it is protected; seal it by a passphrase, make or use a recovery code."""
    if asked.session is not None:
        raise wrong(asked.texts, "usage.no-session")
    done = ACTIONS[action or "status"](asked)
    return Answer("key", {"action": action or "status", **_status(asked), **done})


def _key(asked: Asked) -> Any:
    """The key, by opening the archive with it."""
    with shelf_of(asked) as shelf:
        if not shelf.catalogue().exists:
            raise NothingThere(what=os.path.basename(asked.places.data_dir))
        return shelf.catalogue().key
