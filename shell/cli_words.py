"""How the words of a command are read: options and arguments as values, wrong ones as sentences. The door to click."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from archive.errors import UsageError
from shell.cli_answer import Answer
from shell.cli_globals import Asked, wrong
from shell.texts import Texts

if TYPE_CHECKING:
    Kind = click.ParamType[Any]
else:
    Kind = click.ParamType  # not generic at run time in older releases
Parse = Callable[[str], Any]


class _Unfit(ValueError):
    """A word that cannot be read: the id of the sentence and its facts."""

    def __init__(self, text_id: str, **facts: Any) -> None:
        super().__init__(text_id)
        self.text_id, self.facts = text_id, facts


class _Kind(Kind):
    """A kind of value, from a function that reads a word."""

    def __init__(self, metavar: str, parse: Parse) -> None:
        self.name, self._parse = metavar, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except _Unfit as unfit:
            assert param is not None and ctx is not None
            raise wrong(ctx.obj.texts, unfit.text_id, name=_shown(param), word=value, **unfit.facts) from unfit


def _shown(param: click.Parameter) -> str:
    return param.opts[-1] if isinstance(param, click.Option) else (param.name or "").upper()


def whole(least: int, most: int = 10**9) -> Kind:
    """A whole number within bounds."""

    def parse(word: str) -> int:
        if not word.lstrip("+-").isdecimal() or not least <= int(word) <= most:
            raise _Unfit("usage.whole", least=least, most=most)
        return int(word)

    return _Kind("N", parse)


def one_of(names: Sequence[str]) -> Kind:
    """One word out of a list."""

    def parse(word: str) -> str:
        if word not in names:
            raise _Unfit("usage.one-of", names=", ".join(names))
        return word

    return _Kind("|".join(names), parse)


def ending(endings: Sequence[str]) -> Kind:
    """A file name with one of several endings."""

    def parse(word: str) -> str:
        if not word.lower().endswith(tuple(endings)):
            raise _Unfit("usage.ending", names=", ".join(endings))
        return word

    return _Kind("FILE", parse)


def numbers(metavar: str, *counts: int, check: Callable[[tuple[float, ...]], bool] = lambda _: True) -> Kind:
    """Finite numbers with commas between them, as many as one of counts says, that pass a check."""

    def parse(word: str) -> tuple[float, ...]:
        try:
            found = tuple(float(part) for part in word.split(","))
        except ValueError:
            found = ()
        if len(found) not in counts or not all(map(math.isfinite, found)) or not check(found):
            raise _Unfit("usage.form", form=metavar)
        return found

    return _Kind(metavar, parse)


def size(most: int) -> Kind:
    """A picture's size as WIDTHxHEIGHT in pixels."""

    def parse(word: str) -> tuple[int, int]:
        parts = word.lower().split("x")
        if len(parts) != 2 or not all(part.isdecimal() and 1 <= int(part) <= most for part in parts):
            raise _Unfit("usage.size", most=most)
        return int(parts[0]), int(parts[1])

    return _Kind("WxH", parse)


def option(*names: str, kind: Kind | None = None, **how: Any) -> click.Option:
    """An option; its help stands in the catalogue as help.COMMAND.NAME."""
    return click.Option(names, type=kind or click.STRING, **how)


def flag(*names: str) -> click.Option:
    return click.Option(names, is_flag=True)


def word(name: str, kind: Kind | None = None, required: bool = True) -> click.Argument:
    """One argument."""
    return click.Argument([name], type=kind or click.STRING, required=required)


def words(name: str, least: int = 0) -> click.Argument:
    """All further arguments."""
    return click.Argument([name], nargs=-1, required=least > 0)


@dataclass(frozen=True)
class Doer:
    """A command's function with its parameters. `loose`: words like -low are arguments, not options."""

    function: Callable[..., Answer]
    params: tuple[click.Parameter, ...]
    loose: bool


def command(*params: click.Parameter, loose: bool = False) -> Callable[[Callable[..., Answer]], Doer]:
    """Name the parameters of a command's function; it is called with Asked and the values by name."""
    return lambda function: Doer(function, params, loose)


class _Command(click.Command):
    """A command whose help comes from the catalogues."""

    def __init__(self, name: str, doer: Doer, texts: Texts) -> None:
        settings = {"ignore_unknown_options": doer.loose, "help_option_names": ["-h", "--help"]}
        super().__init__(name, params=list(doer.params), context_settings=settings, help=texts.say(f"help.{name}"))
        self._texts = texts

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=self._texts.say("help.usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.params if isinstance(param, click.Option)]
        rows = [(_spelling(param), self._texts.say(f"help.{self.name}.{param.name}")) for param in options]
        if rows:
            with formatter.section(self._texts.say("help.options")):
                formatter.write_dl(rows)


def _spelling(param: click.Option) -> str:
    metavar = "" if param.is_flag else f" {param.type.name}"
    return ", ".join(param.opts) + metavar


def called(name: str, doer: Doer, rest: Sequence[str], asked: Asked) -> Answer:
    """Read the words of one command and call its function; a wrong call raises UsageError."""
    texts = asked.texts
    try:
        context = _Command(name, doer, texts).make_context(f"tomotheque {name}", list(rest), obj=asked)
    except click.exceptions.Exit:  # --help has printed itself
        return Answer("", {})
    except click.UsageError as error:
        raise _usage_error(error, texts) from error
    stray = [word for value in context.params.values() for word in _words_of(value) if word.startswith("--")]
    if stray and "--" not in rest:
        raise wrong(texts, "usage.no-such-option", name=stray[0])
    return doer.function(asked, **context.params)


def _words_of(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) and all(isinstance(one, str) for one in value) else ()


def _usage_error(error: click.UsageError, texts: Texts) -> UsageError:
    """click's exceptions as ours."""
    if isinstance(error, click.NoSuchOption):
        return wrong(texts, "usage.no-such-option", name=error.option_name)
    if isinstance(error, click.MissingParameter):
        return wrong(texts, "usage.missing", name=_shown(error.param) if error.param else "")
    if isinstance(error, click.BadOptionUsage):
        return wrong(texts, "usage.no-value", name=error.option_name)
    return wrong(texts, "usage.too-many", words=" ".join(_surplus(error)))


def _surplus(error: click.UsageError) -> list[str]:
    """The words that no argument takes: click names them only in its sentence."""
    return [part for part in [error.format_message().rpartition("(")[2].rstrip(")")] if part]
