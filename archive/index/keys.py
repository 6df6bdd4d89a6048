"""Keys: the archive's random key and salt, in the OS keyring or in a file: plain for its owner alone, or sealed."""

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archive.errors import ArchiveSealed, CannotWrite, KeyLost
from archive.index import files
from archive.index.sealing import is_sealed, unsealed

NAME, RECOVERY_NAME = "key", "key.recovery"  # of the files in the data directory
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
Ask = Callable[[], str | None]  # a person's passphrase; None: nobody is there to be asked


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

    def secret(self, archive_id: str) -> bytes:
        """The secret under which the keys of patients, studies and series are made; made of this one, it is never lost."""
        return hmac.new(self.raw, b"tomotheque-identities:" + archive_id.encode(), hashlib.sha256).digest()

    def body(self) -> str:
        """What a key file or the keyring holds."""
        return f"{_HEADER} {self.hex()}"

    def __repr__(self) -> str:
        return f"Key(place={self.place!r})"


def file_of(data_dir: str) -> str:
    """The key file's path: TOMOTHEQUE_KEY_FILE where set, else `key` in the data directory."""
    return os.environ.get("TOMOTHEQUE_KEY_FILE") or os.path.join(data_dir, NAME)


def recovery_file_of(data_dir: str) -> str:
    """The key sealed by the recovery code."""
    return os.path.join(data_dir, RECOVERY_NAME)


def obtain(data_dir: str, archive_id: str, place: str, ask: Ask | None = None) -> Key:
    """The key of an archive that exists. A key file that is there decides; the keyring is asked last.

    ask: called for the passphrase, where one seals the key. Raises KeyLost, ArchiveSealed, WrongPassphrase.
    """
    text = _read(file_of(data_dir))
    if text is None and place == PLACE_KEYRING:
        text, place = _from_keyring(archive_id), PLACE_KEYRING
    else:
        place = PLACE_FILE
    if text is None:
        raise KeyLost()
    if is_sealed(text):
        passphrase = ask() if ask else None
        if not passphrase:
            raise ArchiveSealed()
        text = unsealed(text, passphrase).decode("ascii", "replace")
    return parsed(text, place)


def seal(data_dir: str) -> str | None:
    """The line of the key file, where a passphrase seals it."""
    text = _read(file_of(data_dir))
    return text if text is not None and is_sealed(text) else None


def create(data_dir: str, archive_id: str) -> Key:
    """A new key, kept before it is used: in the keyring where that works and gives it back, else in the key file.

    A key file that is already there is taken as it is: TOMOTHEQUE_KEY_FILE may name one made before.
    """
    path = file_of(data_dir)
    text = _read(path)
    if text is not None:
        return parsed(text, PLACE_FILE)
    return keep(data_dir, archive_id, Key(secrets.token_bytes(32), secrets.token_bytes(16), PLACE_FILE))


def keep(data_dir: str, archive_id: str, key: Key) -> Key:
    """Put a key into the keyring, else into the key file; hands it back with its place."""
    if "TOMOTHEQUE_KEY_FILE" not in os.environ and _into_keyring(archive_id, key.body()):
        return Key(key.raw, key.salt, PLACE_KEYRING)
    write_file(data_dir, key.body())
    return Key(key.raw, key.salt, PLACE_FILE)


def write_file(data_dir: str, line: str) -> None:
    """Replace the key file; raises CannotWrite."""
    path = file_of(data_dir)
    try:
        files.write_private(path, (line + "\n").encode())
    except OSError as error:
        raise CannotWrite(name=os.path.basename(path), reason=os.strerror(error.errno or 0)) from None


def drop_from_keyring(archive_id: str) -> None:
    """The key lies elsewhere from now on."""
    _asked(lambda keyring: keyring.delete_password(SERVICE, archive_id))


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(4096)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise KeyLost() from None


def parsed(text: str, place: str) -> Key:
    """The key of a plain line; raises KeyLost."""
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
