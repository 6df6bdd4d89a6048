"""Sealing: a secret wrapped by a passphrase, as one line of text that says nothing without it (pure).

scrypt (RFC 7914) stretches the passphrase over a salt of its own into a pad as long as the secret and a key for the
check. The pad is used once: every sealing draws a new salt. So no cipher is needed beyond Python's library.
"""

import hashlib
import hmac
import secrets
import unicodedata

from archive.errors import KeyLost, WrongPassphrase

_HEADER = "tomotheque-sealed-1"
COST = 1 << 15  # 32 MiB and some 0.1 s for every guess
_BLOCK, _LANES, _SALT_BYTES, _CHECK_BYTES = 8, 1, 16, 32
_MOST_COST = 1 << 20  # of a line that somebody else may have written
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: they are read wrong
_CODE_LENGTH, _CODE_GROUP = 32, 4  # 160 bits


def sealed(secret: bytes, passphrase: str, cost: int = COST) -> str:
    """The line that holds a secret."""
    salt = secrets.token_bytes(_SALT_BYTES)
    pad, check_key = _stretched(passphrase, salt, cost, len(secret))
    body = f"{_HEADER} {cost} {salt.hex()} {_mixed(secret, pad).hex()}"
    return f"{body} {_check(check_key, body)}"


def unsealed(line: str, passphrase: str) -> bytes:
    """The secret of a line; raises WrongPassphrase, and KeyLost where the line is torn."""
    try:
        header, cost, salt, mixed, check = line.split()
        work, hidden = int(cost), bytes.fromhex(mixed)
        if header != _HEADER or not 2 <= work <= _MOST_COST or work & (work - 1):
            raise ValueError(header)
        pad, check_key = _stretched(passphrase, bytes.fromhex(salt), work, len(hidden))
    except ValueError:
        raise KeyLost() from None
    if not hmac.compare_digest(_check(check_key, line.rpartition(" ")[0]), check):
        raise WrongPassphrase()
    return _mixed(hidden, pad)


def is_sealed(line: str) -> bool:
    return line.startswith(_HEADER + " ")


def new_code() -> str:
    """A recovery code: 160 random bits in groups of four letters and digits."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    return "-".join(letters[at : at + _CODE_GROUP] for at in range(0, _CODE_LENGTH, _CODE_GROUP))


def tidy_code(typed: str) -> str:
    """A recovery code as it was made, however it was typed."""
    letters = "".join(letter for letter in typed.upper() if letter in _CODE_LETTERS)
    return "-".join(letters[at : at + _CODE_GROUP] for at in range(0, len(letters), _CODE_GROUP))


def _stretched(passphrase: str, salt: bytes, cost: int, length: int) -> tuple[bytes, bytes]:
    """A pad of a length, and the key of the check."""
    words = unicodedata.normalize("NFKC", passphrase).encode()  # keyboards differ in how they make an é
    memory = 160 * cost * _BLOCK + (1 << 20)
    made = hashlib.scrypt(words, salt=salt, n=cost, r=_BLOCK, p=_LANES, maxmem=memory, dklen=length + _CHECK_BYTES)
    return made[:length], made[length:]


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _check(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
