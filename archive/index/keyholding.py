"""Keyholding: what a person does with the key of the archive: seal it by a passphrase, get a recovery code, use it."""

import contextlib
import os
from dataclasses import dataclass, replace

from archive.errors import KeyLost, WrongKey
from archive.index import files, keys, sealing, sidecar
from archive.index.keys import Key


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Where the key is: "file", "keyring", "lost" or "none" (no archive); whether a passphrase seals it and a code opens it."""

    place: str
    is_sealed: bool
    has_recovery_code: bool


def status(data_dir: str) -> KeyStatus:
    """Asks no keyring and opens nothing; raises ArchiveNewer."""
    found = sidecar.read(data_dir)
    if os.path.exists(keys.file_of(data_dir)):
        place = keys.PLACE_FILE
    elif found is None:
        place = "none"
    else:
        place = found.key_place if found.key_place == keys.PLACE_KEYRING else "lost"
    return KeyStatus(place, keys.seal(data_dir) is not None, os.path.exists(keys.recovery_file_of(data_dir)))


def seal(data_dir: str, key: Key, passphrase: str) -> None:
    """From now on the key opens by this passphrase alone (and by a recovery code). The archive is not written anew."""
    keys.write_file(data_dir, sealing.sealed(key.body().encode(), passphrase))
    found = sidecar.read(data_dir)
    if found is not None and found.key_place == keys.PLACE_KEYRING:
        sidecar.write(data_dir, replace(found, key_place=keys.PLACE_FILE))
        keys.drop_from_keyring(found.archive_id)


def unseal(data_dir: str, key: Key) -> Key:
    """The key lies in the keyring or in its file again, without a passphrase."""
    found = sidecar.read(data_dir)
    if found is None:
        keys.write_file(data_dir, key.body())
        return Key(key.raw, key.salt, keys.PLACE_FILE)
    kept = keys.keep(data_dir, found.archive_id, key)
    if kept.place != found.key_place:
        sidecar.write(data_dir, replace(found, key_place=kept.place))
    if kept.place == keys.PLACE_KEYRING:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(keys.file_of(data_dir))
    return kept


def new_code(data_dir: str, key: Key) -> str:
    """A recovery code, to be shown once and written down; an older one opens nothing any more."""
    code = sealing.new_code()
    line = sealing.sealed(key.body().encode(), code)
    with files.archive_errors():
        files.write_private(keys.recovery_file_of(data_dir), f"{line}\n".encode())
    return code


def recover(data_dir: str, code: str) -> Key:
    """Put the key back in its place by the recovery code; raises KeyLost (no code was made), WrongPassphrase, WrongKey."""
    try:
        with open(keys.recovery_file_of(data_dir), encoding="ascii", errors="replace") as file:
            line = file.read(4096)
    except OSError:
        raise KeyLost() from None
    body = sealing.unsealed(line, sealing.tidy_code(code)).decode("ascii", "replace")
    key = keys.parsed(body, keys.PLACE_FILE)
    found = sidecar.read(data_dir)
    if found is not None and key.check_value(found.archive_id) != found.key_check:
        raise WrongKey()
    return unseal(data_dir, key)
