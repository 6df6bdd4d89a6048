"""Receipt: what became of every file an import found, and the numbers of it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from archive.index.catalogue import Catalogue
from archive.index.packing import Record, dumped, raw, text
from archive.index.records import Notice, Totals
from archive.words.paths import shown_path

OUTCOMES = ("imported", "known", "duplicate", "skipped", "unreadable")


@dataclass(frozen=True, slots=True)
class Named:
    """A skipped or unreadable file and why: `outcome.<code>` of the texts says it, filled by the facts."""

    path: bytes
    member: str | None
    code: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

    def as_json(self, say: Callable[..., str]) -> dict[str, Any]:
        sentence = say(f"outcome.{self.code}", **self.facts)
        return {"path": shown_path(self.path, self.member), "code": self.code, "sentence": sentence}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One SOPInstanceUID found with two contents: both are kept."""

    sop_instance_uid: str
    paths: tuple[tuple[bytes, str | None], ...]

    def as_json(self, say: Callable[..., str]) -> dict[str, Any]:
        return {
            "sop_instance_uid": self.sop_instance_uid,
            "paths": [shown_path(*path) for path in self.paths],
            "sentence": say("notice.conflict", count=len(self.paths)),
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of an import. Every file found ends in exactly one of OUTCOMES; `status` is the exit status."""

    files: dict[str, int]
    added: Totals
    totals: Totals
    skipped: tuple[Named, ...]
    unreadable: tuple[Named, ...]
    conflicts: tuple[Conflict, ...]
    notices: tuple[Notice, ...]
    seconds: float
    status: int
    copied: dict[str, int] | None = None  # managed copies: files, bytes, already, failed

    def as_json(self, say: Callable[..., str]) -> dict[str, Any]:
        """The `import` object of the command line; `say(id, **facts)` gives the sentences."""
        return {
            "files": self.files,
            "added": _added(self.added),
            "totals": asdict(self.totals),
            "skipped": [named.as_json(say) for named in self.skipped],
            "unreadable": [named.as_json(say) for named in self.unreadable],
            "conflicts": [conflict.as_json(say) for conflict in self.conflicts],
            "notices": [
                {"code": n.code, "sentence": say(f"notice.{n.code}", **n.facts), "facts": n.facts} for n in self.notices
            ],
            "seconds": round(self.seconds, 3),
            **({"copied": self.copied} if self.copied is not None else {}),
        }


def _added(added: Totals) -> dict[str, int]:
    return {name: getattr(added, name) for name in ("patients", "studies", "series", "instances")}


def difference(after: Totals, before: Totals) -> Totals:
    """What came to the totals; never less than nothing, should something be forgotten meanwhile."""
    names = asdict(after)
    return Totals(**{name: max(0, getattr(after, name) - getattr(before, name)) for name in names})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. What is counted in `done` is already safe in the catalogue; the last one has the receipt."""

    found: int
    done: int
    outcomes: dict[str, int]
    seconds: float
    receipt: Receipt | None = None


MOST_KEPT = 20  # receipts
MOST_NAMED = 500  # files that a kept receipt names of each kind


def keep(catalogue: Catalogue, receipt: Receipt) -> None:
    """Keep a receipt in the archive, encrypted like everything in it; only the last ones stay."""
    catalogue.keep_receipt(dumped(_as_record(receipt)), MOST_KEPT)


def kept(catalogue: Catalogue) -> list[tuple[str, Receipt]]:
    """The last receipts, newest first, each with its time (ISO, UTC)."""
    return [(at, _of_record(json.loads(body))) for at, body in catalogue.receipts(MOST_KEPT)]


def _as_record(receipt: Receipt) -> Record:
    record = asdict(receipt)
    for kind in ("skipped", "unreadable"):
        record[kind] = [_named_record(named) for named in getattr(receipt, kind)[:MOST_NAMED]]
    conflicts = receipt.conflicts[:MOST_NAMED]
    record["conflicts"] = [[c.sop_instance_uid, [[text(path), member] for path, member in c.paths]] for c in conflicts]
    return record


def _named_record(named: Named) -> list[Any]:
    return [text(named.path), named.member, named.code, named.facts]


def _of_record(record: Record) -> Receipt:
    named = {
        kind: tuple(Named(raw(path), member, code, facts) for path, member, code, facts in record[kind])
        for kind in ("skipped", "unreadable")
    }
    return Receipt(
        **record
        | named
        | {
            "added": Totals(**record["added"]),
            "totals": Totals(**record["totals"]),
            "conflicts": tuple(
                Conflict(uid, tuple((raw(p), m) for p, m in paths)) for uid, paths in record["conflicts"]
            ),
            "notices": tuple(Notice(**notice) for notice in record["notices"]),
        }
    )
