"""Keys: the archive's random key and salt, in the OS keyring or in a file that only its owner may read."""

import hashlib
import hmac
import os
import secrets
import threading
from dataclasses import dataclass
from typing import Any

from archive.errors import CannotWrite, KeyLost
from archive.index import files

NAME = "key"  # of the file in the data directory
PLACE_FILE, PLACE_KEYRING = "file", "keyring"
SERVICE = "Tomotheque"
KEYRING_WAIT_S = 3.0  # a locked keyring may ask somebody who is not there
TRUSTED_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.kwallet",
)
_HEADER = "tomotheque-key-1"


@dataclass(frozen=True, slots=True)
class Key:
    """256 random bits and the salt of the database's first page; `place` says where it is kept."""

    raw: bytes
    salt: bytes
    place: str

    def hex(self) -> str:
        """Key and salt as SQLCipher wants them: 96 hexadecimal digits."""
        return (self.raw + self.salt).hex()

    def check_value(self, archive_id: str) -> str:
        """What the sidecar holds to tell a wrong key from damage; says nothing about the key."""
        return hmac.new(self.raw, b"tomotheque-archive:" + archive_id.encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return f"Key(place={self.place!r})"


def file_of(data_dir: str) -> str:
    """The key file's path: TOMOTHEQUE_KEY_FILE where set, else `key` in the data directory."""
    return os.environ.get("TOMOTHEQUE_KEY_FILE") or os.path.join(data_dir, NAME)


def obtain(data_dir: str, archive_id: str, place: str) -> Key:
    """The key of an archive that exists; raises KeyLost. A key file that is there decides; the keyring is asked last."""
    path = file_of(data_dir)
    text = _read(path)
    if text is None and place == PLACE_KEYRING:
        text, place = _from_keyring(archive_id), PLACE_KEYRING
    else:
        place = PLACE_FILE
    if text is None:
        raise KeyLost()
    return _parsed(text, place)


def create(data_dir: str, archive_id: str) -> Key:
    """A new key, kept before it is used: in the keyring where that works and gives it back, else in the key file.

    A key file that is already there is taken as it is: TOMOTHEQUE_KEY_FILE may name one made before.
    """
    path = file_of(data_dir)
    text = _read(path)
    if text is not None:
        return _parsed(text, PLACE_FILE)
    raw, salt = secrets.token_bytes(32), secrets.token_bytes(16)
    body = f"{_HEADER} {(raw + salt).hex()}"
    if "TOMOTHEQUE_KEY_FILE" not in os.environ and _into_keyring(archive_id, body):
        return Key(raw, salt, PLACE_KEYRING)
    try:
        files.write_private(path, (body + "\n").encode())
    except OSError as error:
        raise CannotWrite(name=os.path.basename(path), reason=os.strerror(error.errno or 0)) from None
    return Key(raw, salt, PLACE_FILE)


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(4096)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise KeyLost() from None


def _parsed(text: str, place: str) -> Key:
    header, _, digits = text.strip().partition(" ")
    try:
        both = bytes.fromhex(digits)
    except ValueError:
        both = b""
    if header != _HEADER or len(both) != 48:
        raise KeyLost()
    return Key(both[:32], both[32:], place)


def _from_keyring(archive_id: str) -> str | None:
    found = _asked(lambda keyring: keyring.get_password(SERVICE, archive_id))
    return found if isinstance(found, str) else None


def _into_keyring(archive_id: str, body: str) -> bool:
    """Whether the keyring took the key and gives it back: the null backend takes everything and keeps nothing."""

    def keep(keyring: Any) -> bool:
        if not type(keyring.get_keyring()).__module__.startswith((*TRUSTED_BACKENDS, "keyring.backends.chainer")):
            return False
        keyring.set_password(SERVICE, archive_id, body)
        return bool(keyring.get_password(SERVICE, archive_id) == body)

    return _asked(keep) is True


def _asked(question: Any) -> Any:
    """A question to the keyring with a deadline; None where there is no keyring, no answer, or no answer in time."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            import keyring  # 0.1 s, and only where no key file decides

            answer.append(question(keyring))
        except Exception:  # noqa: BLE001 - backends raise what they like; whatever it is, there is no keyring
            answer.append(None)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(KEYRING_WAIT_S)
    return answer[0] if answer else None
