"""Packing of headers: all elements of all images of a part, what they share once."""

import json
from collections.abc import Mapping, Sequence

from archive.index.packing import Record, columns, dumped, records_of, squeezed, unsqueezed
from archive.intake.header import Header
from archive.stack import PixelPlace


def pack_headers(headers: Sequence[Header]) -> bytes:
    """Whole headers: a directory (JSON) of tags and lengths, the values all share, then the others tag by tag."""
    common: list[tuple[int, int]] = []
    varying: list[tuple[int, list[int]]] = []
    shared: list[bytes] = []
    others: list[bytes] = []
    tags = sorted(set().union(*(header.elements for header in headers)))
    rows = [map(header.elements.get, tags) for header in headers]
    for tag, values in zip(tags, zip(*rows, strict=True), strict=True):
        first = values[0]
        if first is not None and values.count(first) == len(values):
            common.append((tag, len(first)))
            shared.append(first)
        else:
            varying.append((tag, [-1 if value is None else len(value) for value in values]))
            others += filter(None, values)
    directory = dumped({"common": common, "varying": varying, "rest": columns(_rests(headers))})
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
    elements = [common.copy() for _ in rests]
    for tag, lengths in directory["varying"]:
        for mine, length in zip(elements, lengths, strict=True):
            if length >= 0:
                mine[tag] = body[at : at + length]
                at += length
    return [_header(mine, rest) for mine, rest in zip(elements, rests, strict=True)]


def _rests(headers: Sequence[Header]) -> list[Record]:
    rests: list[Record] = []
    before: Mapping[int, str] | None = None
    vrs: list[tuple[int, str]] = []
    for header in headers:
        if header.vrs != before:
            before, vrs = header.vrs, list(header.vrs.items())
        rests.append(_rest(header, vrs))
    return rests


def _rest(header: Header, vrs: list[tuple[int, str]]) -> Record:
    place = header.pixels
    return {
        "vrs": vrs,
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
