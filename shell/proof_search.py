"""The forms in which a word could lie in a file, and which words of which form do: what privacy-proof looks for."""

import base64
import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

PLAIN_DATABASE: Final = b"SQLite format 3\0"
_GZIP: Final = b"\x1f\x8b"


def forms_of(word: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every form of a word: as text, as hexadecimal digits, and within base64 at any of its three beats."""
    yield "utf-8", word.encode()
    yield "utf-16-le", word.encode("utf-16-le")
    yield "utf-16-be", word.encode("utf-16-be")
    yield "hex", word.encode().hex().encode()
    yield "HEX", word.encode().hex().upper().encode()
    for beat in range(3):
        yield f"base64+{beat}", _within_base64(word.encode(), beat)


def _within_base64(word: bytes, beat: int) -> bytes:
    """The characters that are the same whatever stands before and behind the word."""
    coded = base64.b64encode(bytes(beat) + word)
    return coded[(beat * 8 + 5) // 6 : (beat + len(word)) * 8 // 6]


def found_in(content: bytes, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(name of the word, form) of every planted word that a file's bytes hold, unpacked if they are a gzip stream."""
    for body in (content, *_unpacked(content)):
        for name, word in words.items():
            yield from ((name, form) for form, needle in forms_of(word) if needle in body)


def _unpacked(content: bytes) -> Iterator[bytes]:
    if content.startswith(_GZIP):
        try:
            yield gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
