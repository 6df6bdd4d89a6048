"""The rules of the house that a program can check: one subject a module, short functions, complete catalogues, no HTML from strings."""

import ast
import json
import re
import string
import subprocess
from pathlib import Path

import pytest

from archive import errors

TOP = Path(__file__).parent.parent
ROOMS = ("archive", "render", "shell")
MODULES = sorted(path for room in ROOMS for path in (TOP / room).rglob("*.py"))
TEXTS = TOP / "ui" / "texts"
AREAS = sorted({path.name.split(".")[0] for path in TEXTS.glob("*.json")})
LONGEST_MODULE = 420
LONGEST_FUNCTION = 70


def name_of(path: Path) -> str:
    return str(path.relative_to(TOP))


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text("utf-8"))) for path in MODULES]


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_every_module_says_in_its_first_line_what_it_holds() -> None:
    silent = [name_of(path) for path, tree in trees() if not (ast.get_docstring(tree) or "").strip()]
    assert silent == []


def test_an_init_file_holds_a_docstring_and_nothing_else() -> None:
    busy = [name_of(path) for path, tree in trees() if path.name == "__init__.py" and len(tree.body) > 1]
    assert busy == []


def test_no_module_grows_beyond_one_subject() -> None:
    long = {name_of(p): n for p in MODULES if (n := p.read_text("utf-8").count("\n")) > LONGEST_MODULE}
    assert long == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees()
        for node in functions(tree)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    short = sum(n <= 22 for n in lengths.values())
    assert short >= 0.85 * len(lengths), f"only {short} of {len(lengths)} functions are short"


def swallows(handler: ast.ExceptHandler) -> bool:
    everything = handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
    return everything and len(handler.body) == 1 and isinstance(handler.body[0], ast.Pass)


def test_no_exception_is_swallowed_whole() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    assert found == []


def test_no_module_keeps_state_that_changes() -> None:
    """A `global` statement is how module-level state is changed."""
    found = [name_of(path) for path, tree in trees() if any(isinstance(node, ast.Global) for node in ast.walk(tree))]
    assert found == []


def test_nothing_is_left_to_do() -> None:
    sources = [
        *MODULES,
        *(TOP / "ui").rglob("*.js"),
        *(TOP / "render").rglob("*.glsl"),
        *(TOP / "render").rglob("*.frag"),
    ]
    found = [name_of(path) for path in sources if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text("utf-8"))]
    assert found == []


FORBIDDEN_IN_PAGE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*['\"]"
)


def test_the_page_never_makes_html_from_text() -> None:
    found = [name_of(p) for p in (TOP / "ui").rglob("*.js") if FORBIDDEN_IN_PAGE.search(p.read_text("utf-8"))]
    assert found == []


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    page = (TOP / "ui" / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|<style|https?://", page)


def tracked_text_files() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True).stdout.split(b"\0")
    paths = [TOP / name.decode() for name in names if name]
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".ttf", ".woff2", ".lock"}]


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    above = re.escape(f"{TOP.parent}/") if len(TOP.parent.parts) > 1 else r"/nowhere-at-all/"
    found = [name_of(p) for p in tracked_text_files() if re.search(above, p.read_text("utf-8", "replace"))]
    assert found == []


# ---- texts -----------------------------------------------------------------------------------------------------------


def catalogue(area: str, lang: str) -> dict[str, str]:
    path = TEXTS / f"{area}.{lang}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def braces(text: str) -> set[str]:
    return {re.split(r"[.\[!:]", field)[0] for _, field, _, _ in string.Formatter().parse(text) if field}


def all_errors(kind: type[errors.ScanError] = errors.ScanError) -> list[type[errors.ScanError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in all_errors(child))]


@pytest.mark.parametrize("area", AREAS)
def test_english_and_french_say_the_same_things(area: str) -> None:
    english, french = catalogue(area, "en"), catalogue(area, "fr")
    english_ids = {id_ for id_ in english if not id_.startswith("error.")}
    french_ids = {id_ for id_ in french if not id_.startswith("error.")}
    assert english_ids == french_ids
    differing = {id_ for id_ in english_ids if braces(english[id_]) != braces(french[id_])}
    assert differing == set()


def test_every_error_has_a_french_sentence_with_the_same_facts() -> None:
    french = catalogue("shell", "fr")
    for kind in all_errors():
        sentence = french.get(f"error.{kind.code}.sentence")
        assert sentence, kind.code
        assert braces(sentence) == braces(kind.sentence), kind.code
        assert bool(french.get(f"error.{kind.code}.hint")) == bool(kind.hint), kind.code


def test_every_error_code_is_its_own_and_stands_in_the_tree() -> None:
    codes = [kind.code for kind in all_errors()]
    assert len(codes) == len(set(codes))
    tree = errors.__doc__ or ""
    assert [
        kind.__name__ for kind in all_errors() if f"{kind.__name__} " not in tree and kind.__name__ not in tree
    ] == []


def test_errors_survive_a_process_border_and_a_missing_fact() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(errors.FilesGone(missing=3, total=120)))
    assert str(error) == "3 of the 120 images are no longer in their folder."
    assert "–" in str(errors.FilesGone())
