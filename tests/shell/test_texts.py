"""Texts: sentences that never fail, plurals, languages. (That both languages are complete: tests/test_house.py.)"""

import json
from pathlib import Path

import pytest

from archive import errors
from archive.errors import FilesGone, ScanError, UnevenStack
from archive.stack import LeftOut, Verdict
from shell import texts
from shell.texts import Texts, language_of

FOLDER = Path(texts._FOLDER)
AREAS = sorted({path.name.split(".")[0] for path in FOLDER.glob("*.json")})


def catalogue(area: str, lang: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"{area}.{lang}.json").read_text("utf-8"))
    return found


def family(kind: type[ScanError]) -> list[type[ScanError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


ERRORS = [kind for kind in family(ScanError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_id_that_two_catalogues_have_says_the_same_in_both(lang: str) -> None:
    told: dict[str, set[str]] = {}
    for area in AREAS:
        for name, text in catalogue(area, lang).items():
            told.setdefault(name, set()).add(text)
    assert {name: texts for name, texts in told.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_sentence_never_fails_for_want_of_facts(kind: type[ScanError], lang: str) -> None:
    assert Texts(lang).error(kind())["sentence"]


def test_facts_fill_the_sentence_and_are_given_apart() -> None:
    told = Texts("fr").error(FilesGone(missing=3, total=120))
    assert told["code"] == "files-gone" and told["facts"] == {"missing": 3, "total": 120}
    assert told["sentence"] == "3 des 120 images ne sont plus dans leur dossier."


def test_a_number_is_shown_as_the_sentence_asks() -> None:
    assert "1.08 to 7.00 mm" in Texts("en").error(UnevenStack(least_mm=1.081, most_mm=7))["sentence"]


def test_one_and_several_differ_and_french_counts_nought_as_one() -> None:
    assert Texts("en").say("shown.unreadable", count=1).startswith("One file")
    assert Texts("en").say("shown.unreadable", count=0).startswith("0 files")
    assert Texts("fr").say("shown.found", count=0, shown=0) == "0 étude."


def test_an_id_without_a_text_is_shown_itself() -> None:
    assert Texts("en").say("no.such.text") == "no.such.text"


def test_verdicts_and_left_out_frames_carry_their_facts() -> None:
    assert Texts("en").verdict(Verdict("regular", {}))["code"] == "regular"
    told = Texts("en").left_out(LeftOut("no-pixels", 3))
    assert (told["what"], told["count"]) == ("no-pixels", 3)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"TOMOTHEQUE_LANG": "fr", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"LANG": "fr_CH.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "fr_FR", "LANG": "en"}, "fr"),
    ],
)
def test_the_language_follows_the_wish_then_the_locale_then_english(environment: dict[str, str], lang: str) -> None:
    assert language_of(environment) == lang
