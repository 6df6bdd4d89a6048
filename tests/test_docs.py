"""The documents say what the program does: commands, error codes and links are checked against it."""

import re
from pathlib import Path

import pytest

from archive import errors
from shell.cli import COMMANDS

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text("utf-8")
DOCUMENTS = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])


def family(kind: type[errors.ScanError]) -> list[type[errors.ScanError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


@pytest.mark.parametrize("name", sorted(row.name for row in COMMANDS))
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"`{re.escape(name)}[ `]", README)


def test_the_readme_lists_every_error_code_with_its_exit_status() -> None:
    listed = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \|", README, re.M))
    raised = {kind.code: str(kind.status) for kind in family(errors.ScanError) if kind is not errors.ScanError}
    assert listed == raised


def test_the_readme_names_every_word_of_dev() -> None:
    words = re.findall(r"^  ([a-z]+)\)", (TOP / "dev").read_text("utf-8"), re.M)
    assert words
    assert [word for word in words if f"./dev {word}" not in README] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_decisions_are_short_and_numbered_once() -> None:
    decisions = sorted((TOP / "docs" / "decisions").glob("*.md"))
    assert [path.name for path in decisions if path.read_text("utf-8").count("\n") > 40] == []
    numbers = [path.name[:4] for path in decisions]
    assert len(numbers) == len(set(numbers))
