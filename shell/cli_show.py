"""How an answer reaches its reader: one JSON object for programs, tables and sentences for people."""

import json
import sys
from collections.abc import Callable
from typing import Any, Final

from archive.errors import ScanError
from shell import wire
from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.texts import Texts

Object = dict[str, Any]
Rows = list[list[str]]


def print_answer(asked: Asked, answer: Answer) -> None:
    """Print the outcome of a command; a form of no name has been printed already."""
    if asked.json and answer.form:
        _print_object(answer.value)
    elif answer.form:
        FORMS.get(answer.form, _facts)(wire.plain(answer.value), asked.texts)
    sys.stdout.flush()


def print_error(asked: Asked, error: ScanError) -> None:
    """The object of an error on stdout, or its sentence and hint on stderr."""
    told = wire.plain(asked.texts.error(error))
    if asked.json:
        _print_object({"error": told})
    else:
        sys.stderr.write(f"{_safe(told['sentence'])}\n" + (f"{_safe(told['hint'])}\n" if told["hint"] else ""))
    sys.stdout.flush()


def _print_object(value: Object) -> None:
    text = json.dumps(wire.plain(value), ensure_ascii=False, allow_nan=False)
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")


def _safe(value: Any) -> str:
    """Text for a terminal: what could command it (escape sequences in a patient's name) is taken out."""
    return "".join(c for c in str("" if value is None else value) if c.isprintable())


def _line(*parts: Any) -> None:
    sys.stdout.buffer.write(
        (" ".join(_safe(part) for part in parts if part not in ("", None)) + "\n").encode("utf-8", "replace")
    )


def _table(titles: list[str], rows: Rows) -> None:
    """A table as wide as the terminal; columns with two spaces between them elsewhere."""
    if not sys.stdout.isatty():
        widths = [max(len(row[n]) for row in [titles, *rows]) for n in range(len(titles))]
        for row in [titles, *rows]:
            _line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(Text(title))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def size_text(count: float) -> str:
    """Bytes for people: 12 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _import(value: Object, texts: Texts) -> None:
    files = value["files"]
    _line(texts.say("shown.import", **files, seconds=value["seconds"]))
    _line(texts.say("shown.added", **value["added"]))
    _line(texts.say("shown.totals", **value["totals"] | {"bytes": size_text(value["totals"]["bytes"])}))
    if value.get("copied"):
        _line(texts.say("shown.copied", **value["copied"] | {"bytes": size_text(value["copied"]["bytes"])}))
    for kind in ("unreadable", "skipped", "conflicts"):
        _named(value[kind], kind, texts)
    for notice in value["notices"]:
        _line(notice if isinstance(notice, str) else notice["sentence"])


MOST_NAMED: Final = 20


def _named(items: list[Object], kind: str, texts: Texts) -> None:
    if items:
        _line(texts.say(f"shown.{kind}", count=len(items)))
    for item in items[:MOST_NAMED]:
        _line(" ", ", ".join(item["paths"]) if "paths" in item else item["path"], "-", item["sentence"])
    if len(items) > MOST_NAMED:
        _line(" ", texts.say("shown.more", count=len(items) - MOST_NAMED))


def _receipts(value: Object, texts: Texts) -> None:
    for receipt in reversed(value["receipts"]):
        _line(receipt["at"])
        _import(receipt, texts)
        _line("")
    _line(texts.say("shown.receipts", count=len(value["receipts"]), entries=value["entries"]))


def _rescue(value: Object, texts: Texts) -> None:
    _line(texts.say("shown.rescue", **value | {"bytes": size_text(value["bytes"])}))
    for kind in ("damaged", "unreadable"):
        for item in value[kind][:MOST_NAMED]:
            _line(" ", item["path"], "-", item["sentence"])


def _search(value: Object, texts: Texts) -> None:
    names = ("name", "birth", "id", "date", "modality", "description", "series", "images", "state", "key")
    rows = [_study_row(study, texts) for study in value["studies"]]
    if rows:
        _table([texts.say(f"column.{name}") for name in names], rows)
    _line(texts.say("shown.found", count=value["total"], shown=len(rows)))
    for notice in value.get("notices", ()):
        _line(notice)


def _study_row(study: Object, texts: Texts) -> list[str]:
    patient = study["patient"]
    cells = (
        patient["name"],
        patient["birth_date"],
        patient["patient_id"],
        study["date"],
        "/".join(study["modalities"]),
        study["description"],
        len(study["series"]),
        study["instances"],
        texts.say(f"state.{study['state']}"),
        study["key"],
    )
    return [_safe(cell) for cell in cells]


def _study(value: Object, texts: Texts) -> None:
    _search({"studies": [value], "total": 1}, texts)
    if value["tags"]:
        _line(texts.say("shown.tags"), *value["tags"])
    if value["note"]:
        _line(texts.say("shown.note"), value["note"])


def _info(value: Object, texts: Texts) -> None:
    _line(value["about"])
    for notice in value["notices"]:
        _line(notice)
    for stack in value["stacks"]:
        _line("")
        _line(texts.say("shown.stack", **stack), f"({stack['title']})" if stack["title"] else "")
        _line(" ", stack["verdict"]["sentence"])
        _line(" ", _grid_text(stack, texts))
        if stack.get("unread"):
            _line(" ", stack["unread"]["sentence"])
        for item in stack["damaged"][:MOST_NAMED]:
            _line(" ", item["path"], "-", item["sentence"])
    for item in value["left_out"]:
        _line(item["sentence"])
    _images(value.get("images", []), texts)
    for row in value.get("tags", []):
        _line(f"({row['tag']})", row["vr"], f"{row['keyword']:<36}", row["value"])


def _grid_text(stack: Object, texts: Texts) -> str:
    k, j, i = stack["shape"]
    spacing = " x ".join(f"{mm:.3g}" for mm in stack["spacing_mm"] or ())
    values = stack["range"] and f"{stack['range'][0]:g} .. {stack['range'][1]:g} {stack['unit'] or ''}"
    return "   ".join(filter(None, (f"{i} x {j} x {k}", spacing and f"{spacing} mm", values or "")))


def _images(rows: list[Object], texts: Texts) -> None:
    if rows:
        names = ("number", "path", "rows", "columns", "state")
        cells = [[_safe(row[name]) for name in names] for row in rows]
        _table([texts.say(f"column.{name}") for name in names], cells)


def _render(value: Object, texts: Texts) -> None:
    for path in value.get("outputs", [value["output"]]):
        _line(path)
    _line(texts.say("shown.render", **value))


def _export(value: Object, texts: Texts) -> None:
    _line(value["output"])
    _line(texts.say("shown.export", **value))


def _presets(value: Object, texts: Texts) -> None:
    names = ("name", "title", "group", "mode")
    rows = [[_safe(row[name]) for name in names] for row in value["presets"]]
    _table([texts.say(f"column.{name}") for name in names], rows)


def _verify(value: Object, texts: Texts) -> None:
    _line(texts.say("shown.verify", **value))
    for item in value["items"][:MOST_NAMED]:
        _line(" ", texts.say(f"state.{item['state']}"), item["path"])


def _repair(value: Object, texts: Texts) -> None:
    if not value["was_damaged"] and not value["kept_aside"]:
        _line(texts.say("shown.repair.sound", **value["totals"]))
        return
    _line(texts.say("shown.repair.done", events=value["events"], **value["totals"]))
    for name in value["kept_aside"]:
        _line(texts.say("shown.repair.aside", name=name))
    for path in value["rescan"]:
        _line(texts.say("shown.repair.rescan", path=path))


def _key(value: Object, texts: Texts) -> None:
    place = "sealed" if value["sealed"] else value["place"]
    _line(texts.say(f"doctor.key-{place}"))
    if "code" in value:
        _line(texts.say("shown.key.code", code=value["code"]))
    elif value["place"] != "none":
        _line(texts.say("shown.key.has-code" if value["recovery_code"] else "shown.key.no-code"))


def _proof(value: Object, texts: Texts) -> None:
    for file in value["files"]:
        _line(file["mode"], f"{file['bytes']:>9}", file["path"])
    for finding in value["findings"]:
        _line(finding["sentence"])
    summary = "shown.proof.clean" if value["clean"] else "shown.proof.findings"
    _line(texts.say(summary, count=len(value["findings"]), commands=len(value["commands"]), files=len(value["files"])))


def _demo(value: Object, texts: Texts) -> None:
    for name in ("made", "imported", "found", "reopened", "rendered"):
        _line(texts.say(f"shown.demo.{name}", **value))
    _line(value["contact_sheet"])


def _open(value: Object, texts: Texts) -> None:
    """Nothing to say: the window has said it."""


def _facts(value: Object, texts: Texts) -> None:
    """Any object as lines of names and values; what is nested, indented."""
    for line in _fact_lines(value, ""):
        _line(line)


def _fact_lines(value: Object, margin: str) -> list[str]:
    lines: list[str] = []
    for name, one in value.items():
        if isinstance(one, dict):
            lines += [f"{margin}{name}", *_fact_lines(one, margin + "  ")]
        elif isinstance(one, list) and one and all(isinstance(item, str) for item in one):
            lines += [f"{margin}{name}", *(f"{margin}  {item}" for item in one)]
        else:
            lines.append(f"{margin}{name}: {_word(one)}")
    return lines


def _word(value: Any) -> str:
    return {True: "yes", False: "no", None: "-"}[value] if value is None or isinstance(value, bool) else str(value)


FORMS: Final[dict[str, Callable[[Object, Texts], None]]] = {
    "import": _import,
    "receipts": _receipts,
    "rescue": _rescue,
    "search": _search,
    "study": _study,
    "info": _info,
    "render": _render,
    "export": _export,
    "presets": _presets,
    "verify": _verify,
    "demo": _demo,
    "proof": _proof,
    "repair": _repair,
    "key": _key,
    "open": _open,
}
