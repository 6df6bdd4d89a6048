"""What a series or a path holds, as the `info` object: stacks with geometry, values, damage; images; the whole header."""

import os
import time
from typing import TYPE_CHECKING, Any

from archive.errors import Refused
from archive.stack import FileRef, Split
from shell import wire
from shell.shelf_open import Opened, Piece

if TYPE_CHECKING:
    from archive.index.records import SeriesRecord
    from archive.intake.header import Header
    from archive.sandbox.client import Decoder
    from archive.volumes.loading import Survey
    from shell.shelf import Shelf
    from shell.texts import Texts

Object = dict[str, Any]


def info(shelf: "Shelf", selector: str, *, images: bool, tags: bool, image: int | None) -> Object:
    """The `info` object. The pixels are read once: their range, unit and damage are facts, not promises of headers."""
    from archive.sandbox.client import Decoder

    started = time.monotonic()
    with _looked_at(shelf, selector) as found:
        with Decoder() as decoder:
            stacks = [_stack(piece, decoder, shelf.texts) for piece in found.pieces]
        value: Object = {
            "series": wire.series(found.records[0].row, shelf.texts) if len(found.records) == 1 else None,
            "about": _about(found, shelf.texts),
            "stacks": stacks,
            "notices": _notices(found, shelf.texts),
            "left_out": [wire.plain(shelf.texts.left_out(item)) for item in found.left_out],
            "format": found.format,
        }
        if images:
            value["images"] = [row for record in found.records for row in _images(record)]
        if tags:
            value["tags"] = _tags(found, image or 1)
    return value | {"seconds": round(time.monotonic() - started, 3)}


def _looked_at(shelf: "Shelf", selector: str) -> Opened:
    """What a selector names; of a series of the archive, with its files' state as it is now."""
    found = shelf.look(selector)
    if found.records and not found.shelves:
        shelf.catalogue().look(found.records[0].row.key)
        return shelf.look(selector)
    return found


def _stack(piece: Piece, decoder: "Decoder", texts: "Texts") -> Object:
    survey, fault = _surveyed(piece, decoder)
    value = wire.stack(piece.number, piece.stack, piece.files, survey, texts)
    return value | {"unread": texts.error(fault) if fault else None}


def _surveyed(piece: Piece, decoder: "Decoder") -> "tuple[Survey | None, Refused | None]":
    """What the pixels say, or why they cannot be read at all."""
    from archive.volumes.loading import survey

    if piece.stack.kind == "document":
        return None, None
    try:
        return survey(piece.stack, piece.files, decoder=decoder), None
    except Refused as refused:
        return None, refused


def _notices(found: Opened, texts: "Texts") -> list[str]:
    """What to know of where the files lie."""
    only_there = not found.shelves and any(record.study.only_on_removable for record in found.records)
    return [texts.say("notice.only-on-removable")] if only_there else []


def _about(found: Opened, texts: "Texts") -> str:
    """One sentence: what am I looking at."""
    from archive.volumes.about import about, sentence

    if len(found.records) == 1:
        return wire.about(found.records[0].row.about, texts)
    if found.records:
        return texts.say("about-several", count=len(found.records), stacks=len(found.pieces))
    return sentence(about(None, Split(tuple(piece.stack for piece in found.pieces))), texts.say)


def _images(record: "SeriesRecord") -> list[Object]:
    """One row for every image of a series."""
    rows = zip(record.files, record.instances, record.headers, strict=True)
    return [_image(ref, header, instance.frames) for ref, instance, header in rows]


def _image(ref: FileRef, header: "Header", frames: int) -> Object:
    return wire.plain(  # type: ignore[no-any-return]
        {
            "sop_instance_uid": ref.sop_instance_uid,
            "number": ref.number,
            "path": wire.path_text(ref),
            "frames": frames,
            "rows": header.integer("Rows"),
            "columns": header.integer("Columns"),
            "pixel_spacing_mm": header.numbers("PixelSpacing") or None,
            "slice_thickness_mm": next(iter(header.numbers("SliceThickness")), None),
            "position_mm": header.numbers("ImagePositionPatient") or None,
            "bytes": ref.size,
            "state": state_of(ref),
        }
    )


def state_of(ref: FileRef) -> str:
    """Whether a file is there as it was scanned; a member is there where its container is."""
    try:
        facts = os.stat(ref.path)
    except OSError:
        return "missing"
    same = ref.member is not None or (facts.st_size, facts.st_mtime_ns) == (ref.size, ref.mtime_ns)
    return "present" if same else "changed"


def _tags(found: Opened, number: int) -> list[Object]:
    """The whole header of the image of a number, counted as `--images` lists them."""
    from archive.errors import NothingThere
    from shell.wire_tags import tags

    headers = [header for record in found.records for header in record.headers]
    if not 1 <= number <= len(headers):
        raise NothingThere(what=str(number))
    return tags(headers[number - 1])
