"""Api: every call of the page, declared once; a call always ends in one answer, a value or an error in words."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from archive.errors import InnerFault, ScanError, UsageError
from shell import api_shapes as shapes
from shell.counter import Counter
from shell.texts import Texts

Object = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One row of the table: the name, what it is asked with, what it answers, who does it.

    ordered: calls that write keep the order in which the page made them; the others run side by side.
    """

    name: str
    request: type
    reply: type
    does: Callable[[Counter, Any], Any]
    ordered: bool = False


def call(
    name: str, request: type, reply: type, ordered: bool = False
) -> Callable[[Callable[[Counter, Any], Any]], Call]:
    """Declare a function as a call of the page."""
    return lambda does: Call(name, request, reply, does, ordered)


@call("start", shapes.Nothing, shapes.Start)
def start(counter: Counter, _: shapes.Nothing) -> Object:
    return counter.start_facts()


@call("listening", shapes.Nothing, shapes.Done)
def listening(counter: Counter, _: shapes.Nothing) -> Object:
    counter.on_listening()
    return {"done": True}


@call("search", shapes.Search, shapes.Found)
def search(counter: Counter, asked: shapes.Search) -> Object:
    return counter.shelf.search(asked.text, max(1, min(asked.limit, 1000)), asked.after)


@call("info", shapes.OfSeries, shapes.Info)
def info(counter: Counter, asked: shapes.OfSeries) -> Object:
    return counter.info(asked.series)


@call("thumbnails", shapes.Thumbnails, shapes.Thumbs)
def thumbnails(counter: Counter, asked: shapes.Thumbnails) -> Object:
    return {"thumbnails": {key: counter.thumbnail(key) for key in asked.series[:40]}}


@call("open", shapes.Open, shapes.Done, ordered=True)
def open_(counter: Counter, asked: shapes.Open) -> Object:
    counter.open(asked.series, asked.stack, asked.resume)
    return {"done": True}


@call("choose", shapes.Choose, shapes.Chosen)
def choose(counter: Counter, asked: shapes.Choose) -> Object | None:
    return counter.choose(asked.door)


@call("import", shapes.Through, shapes.Started, ordered=True)
def import_(counter: Counter, asked: shapes.Through) -> Object:
    return {"job": counter.import_(asked.handle)}


@call("open_other", shapes.Through, shapes.Done, ordered=True)
def open_other(counter: Counter, asked: shapes.Through) -> Object:
    counter.open_other(asked.handle)
    return {"done": True}


@call("visit", shapes.Through, shapes.Started, ordered=True)
def visit(counter: Counter, asked: shapes.Through) -> Object:
    return {"job": counter.visit(asked.handle)}


@call("end_visit", shapes.Nothing, shapes.Done, ordered=True)
def end_visit(counter: Counter, _: shapes.Nothing) -> Object:
    counter.end_visit()
    return {"done": True}


@call("sample", shapes.Nothing, shapes.Started, ordered=True)
def sample(counter: Counter, _: shapes.Nothing) -> Object:
    return {"job": counter.sample()}


@call("cancel", shapes.OfJob, shapes.Done)
def cancel(counter: Counter, asked: shapes.OfJob) -> Object:
    counter.imports.cancel(asked.job)
    return {"done": True}


@call("tag", shapes.Tag, shapes.Study, ordered=True)
def tag(counter: Counter, asked: shapes.Tag) -> Object:
    return counter.shelf.tag(asked.study, asked.add, asked.remove)


@call("note", shapes.Note, shapes.Study, ordered=True)
def note(counter: Counter, asked: shapes.Note) -> Object:
    return counter.shelf.note(asked.study, asked.text)


@call("forget", shapes.Forget, shapes.Forgotten, ordered=True)
def forget(counter: Counter, asked: shapes.Forget) -> Object:
    return counter.changed(counter.shelf.forget(asked.level, asked.key))


@call("undo", shapes.Nothing, shapes.Undone, ordered=True)
def undo(counter: Counter, _: shapes.Nothing) -> Object:
    return counter.changed(counter.shelf.undo())


@call("viewer", shapes.Command, shapes.Done, ordered=True)
def viewer(counter: Counter, asked: shapes.Command) -> Object:
    counter.viewer.command(asked.command, asked.argument)
    return {"done": True}


@call("reopen_viewer", shapes.Nothing, shapes.Done, ordered=True)
def reopen_viewer(counter: Counter, _: shapes.Nothing) -> Object:
    return {"done": counter.viewer.reopen()}


@call("set", shapes.Set, shapes.Told, ordered=True)
def set_(counter: Counter, asked: shapes.Set) -> Object:
    return counter.set(asked.name, asked.value)


@call("quit", shapes.Quit, shapes.Done)
def quit_(counter: Counter, asked: shapes.Quit) -> Object:
    return {"done": counter.quit(asked.sure)}


CALLS: Final[Mapping[str, Call]] = {each.name: each for each in list(globals().values()) if isinstance(each, Call)}


class Dispatcher:
    """Answers the calls of one page."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def is_ordered(self, name: str) -> bool:
        return name in CALLS and CALLS[name].ordered

    def answer(self, name: str, request: Any) -> str:
        """JSON: {"value": …} or {"error": {"code", "sentence", "hint"}}. Whatever happens, there is an answer."""
        try:
            row = CALLS.get(name)
            if row is None:
                raise UsageError(what=self._texts.say("bridge.unknown"))
            value = row.does(self._counter, asked_of(row.request, request, self._texts))
            return json.dumps({"value": value}, allow_nan=False)
        except ScanError as error:
            return json.dumps({"error": self._shown(error)})
        except Exception as error:  # noqa: BLE001 - the last line of defence: the page must never wait for ever
            self._counter.note_fault(name, error)
            return json.dumps({"error": self._shown(InnerFault(kind=type(error).__name__))})

    @property
    def _texts(self) -> Texts:
        return self._counter.texts

    def _shown(self, error: ScanError) -> Object:
        told = self._texts.error(error)
        return {part: told[part] for part in ("code", "sentence", "hint")}


def asked_of(kind: type, request: Any, texts: Texts) -> Any:
    """The request as its data class; UsageError for a missing, unknown or wrongly typed field."""
    hints, known = get_type_hints(kind), {each.name: each for each in fields(kind)}
    if not isinstance(request, dict) or not set(request) <= set(known):
        raise UsageError(what=texts.say("bridge.wrong"))
    values = {}
    for name, field in known.items():
        if name in request:
            if not fits(request[name], hints[name]):
                raise UsageError(what=texts.say("bridge.wrong"))
            values[name] = tuple(request[name]) if isinstance(request[name], list) else request[name]
        elif field.default is MISSING:
            raise UsageError(what=texts.say("bridge.wrong"))
    return kind(**values)


def fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of a type. JSON knows no tuples: a list stands for one. A truth is no number here."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        return isinstance(value, list) and all(fits(each, parts[0]) for each in value)
    if hint in (None, NoneType):
        return value is None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, cast(type, hint)) and (hint is bool or not isinstance(value, bool))
