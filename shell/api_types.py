"""Writes ui/api.d.ts: the calls, shapes and events of `api` for the page's editor; `python -m shell.api_types`."""

import os
import sys
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from shell import api_shapes
from shell.api import CALLS
from shell.pages import UI_FOLDER

TARGET: Final = os.path.join(UI_FOLDER, "api.d.ts")
PLAIN: Final = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    NoneType: "null",
    None: "null",
    Any: "any",
}
HEAD: Final = "// Written by `python -m shell.api_types` from shell/api.py; a test fails when it is stale.\n"


def written() -> str:
    """The whole of ui/api.d.ts."""
    kinds = [kind for kind in vars(api_shapes).values() if _is_shape(kind)]
    parts = [HEAD, *(_interface(kind) for kind in kinds), _table("Calls", _calls()), _table("Events", _events())]
    return "\n".join(parts)


def _is_shape(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or is_typeddict(kind))


def _interface(kind: type) -> str:
    rows = [
        f"  {name}{'?' if _may_miss(kind, name) else ''}: {_word(hint)};" for name, hint in get_type_hints(kind).items()
    ]
    return "\n".join([f"export interface {_name(kind)} {{", *rows, "}\n"])


def _may_miss(kind: type, name: str) -> bool:
    return is_dataclass(kind) and any(each.name == name and each.default is not MISSING for each in fields(kind))


def _name(kind: type) -> str:
    """Requests and answers may be called alike: a request's name ends so."""
    return f"{kind.__name__}Request" if is_dataclass(kind) else kind.__name__


def _word(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in (Union, UnionType):
        return " | ".join(_word(part) for part in parts)
    if origin is Literal:
        return " | ".join(f'"{part}"' for part in parts)
    if origin in (list, tuple):
        inner = _word(parts[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_word(parts[1])}>"
    return _name(hint)


def _calls() -> list[str]:
    return [f"  {row.name}: {{ request: {_name(row.request)}; reply: {_word(row.reply)} }};" for row in CALLS.values()]


def _events() -> list[str]:
    return [f"  {name}: {_word(kind)};" for name, kind in api_shapes.EVENTS.items()]


def _table(name: str, rows: list[str]) -> str:
    return "\n".join([f"export interface {name} {{", *rows, "}\n"])


def main() -> int:
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write(written())
    return 0


if __name__ == "__main__":
    sys.exit(main())
