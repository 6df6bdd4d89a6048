"""What desk and importer hand each other in parcels: the job, and at the end the receipt. Paths are never in their JSON."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from archive.importing.receipt import Conflict, Named, Receipt
from archive.index.records import Notice, Totals
from shell import parcels
from shell.parcels import BadParcel

_JOB: Final = b"TMTQjob1"
_RECEIPT: Final = b"TMTQrcp1"
_APART: Final = ("added", "totals", "skipped", "unreadable", "conflicts", "notices")  # what is no JSON by itself


@dataclass(frozen=True)
class ImportJob:
    """What is to be read, and into which archive. sample: a language, where the sample scan is to be made there before."""

    data_dir: str
    paths: tuple[bytes, ...]
    sample: str = ""


def pack_job(job: ImportJob) -> bytes:
    return parcels.pack(_JOB, {"sample": job.sample}, [os.fsencode(job.data_dir), *job.paths])


def unpack_job(data: bytes) -> ImportJob:
    """Raises BadParcel."""
    body, pieces = parcels.unpack(_JOB, data)
    if not pieces:
        raise BadParcel("empty")
    data_dir, *paths = (piece or b"" for piece in pieces)
    return ImportJob(os.fsdecode(data_dir), tuple(paths), str(body.get("sample", "")))


def pack_receipt(receipt: Receipt) -> bytes:
    body = {
        "plain": {each.name: getattr(receipt, each.name) for each in fields(receipt) if each.name not in _APART},
        "added": asdict(receipt.added),
        "totals": asdict(receipt.totals),
        "skipped": [[named.code, named.facts] for named in receipt.skipped],
        "unreadable": [[named.code, named.facts] for named in receipt.unreadable],
        "conflicts": [[each.sop_instance_uid, len(each.paths)] for each in receipt.conflicts],
        "notices": [[notice.code, notice.facts] for notice in receipt.notices],
    }
    return parcels.pack(_RECEIPT, body, list(_pieces(receipt)))


def _pieces(receipt: Receipt) -> Iterator[bytes | None]:
    """Path and member of each named file, in the order in which the body counts them."""
    named = [(each.path, each.member) for each in (*receipt.skipped, *receipt.unreadable)]
    for path, member in [*named, *(place for each in receipt.conflicts for place in each.paths)]:
        yield path
        yield None if member is None else os.fsencode(member)


def unpack_receipt(data: bytes) -> Receipt:
    """Raises BadParcel."""
    body, pieces = parcels.unpack(_RECEIPT, data)
    places = _places(pieces)
    try:
        return Receipt(
            **body["plain"],
            added=Totals(**body["added"]),
            totals=Totals(**body["totals"]),
            skipped=_named(body["skipped"], places),
            unreadable=_named(body["unreadable"], places),
            conflicts=tuple(Conflict(uid, tuple(next(places) for _ in range(n))) for uid, n in body["conflicts"]),
            notices=tuple(Notice(code, facts) for code, facts in body["notices"]),
        )
    except (KeyError, TypeError, ValueError, RuntimeError, StopIteration) as fault:
        raise BadParcel("damaged") from fault


def _places(pieces: tuple[bytes | None, ...]) -> Iterator[tuple[bytes, str | None]]:
    for path, member in zip(pieces[::2], pieces[1::2], strict=True):
        yield path or b"", None if member is None else os.fsdecode(member)


def _named(rows: list[tuple[str, dict[str, Any]]], places: Iterator[tuple[bytes, str | None]]) -> tuple[Named, ...]:
    return tuple(Named(*next(places), code, facts) for code, facts in rows)
