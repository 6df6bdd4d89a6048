"""Packing of headers: all elements of all images of a part, what they share once."""

import json
from collections.abc import Sequence

from archive.index.packing import Record, columns, dumped, records_of, squeezed, unsqueezed
from archive.intake.header import Header
from archive.volumes.stack import PixelPlace


def pack_headers(headers: Sequence[Header]) -> bytes:
    """Whole headers: a directory (JSON) of tags and lengths, the values all share, then the others tag by tag."""
    common: list[tuple[int, int]] = []
    varying: list[tuple[int, list[int]]] = []
    shared: list[bytes] = []
    others: list[bytes] = []
    for tag in sorted(set().union(*(header.elements for header in headers))):
        values = [header.elements.get(tag) for header in headers]
        first = values[0]
        if first is not None and all(value == first for value in values):
            common.append((tag, len(first)))
            shared.append(first)
        else:
            varying.append((tag, [-1 if value is None else len(value) for value in values]))
            others += [value for value in values if value]
    directory = dumped({"common": common, "varying": varying, "rest": columns([_rest(h) for h in headers])})
    return squeezed(b"".join((len(directory).to_bytes(4, "little"), directory, *shared, *others)))


def unpack_headers(blob: bytes) -> list[Header]:
    body = unsqueezed(blob)
    at = 4 + int.from_bytes(body[:4], "little")
    directory = json.loads(body[4:at])
    rests = records_of(directory["rest"])
    common: dict[int, bytes] = {}
    for tag, length in directory["common"]:
        common[tag] = body[at : at + length]
        at += length
    elements = [dict(common) for _ in rests]
    for tag, lengths in directory["varying"]:
        for mine, length in zip(elements, lengths, strict=True):
            if length >= 0:
                mine[tag] = body[at : at + length]
                at += length
    return [_header(mine, rest) for mine, rest in zip(elements, rests, strict=True)]


def _rest(header: Header) -> Record:
    place = header.pixels
    return {
        "vrs": list(header.vrs.items()),
        "syntax": header.transfer_syntax,
        "implicit": header.implicit,
        "problems": list(header.problems),
        "pixels": [place.tag, place.offset, place.length, place.vr] if place else None,
    }


def _header(elements: dict[int, bytes], rest: Record) -> Header:
    return Header(
        elements=elements,
        vrs=dict(rest["vrs"]),
        transfer_syntax=rest["syntax"],
        implicit=rest["implicit"],
        pixels=PixelPlace(*rest["pixels"]) if rest["pixels"] else None,
        problems=tuple(rest["problems"]),
    )
