"""The archive's texts: every word the code can say has a sentence in both languages, with the same facts."""

import json
import re
from pathlib import Path

import pytest

from archive.volumes import about, components, dimensions, labels, sop_classes, splitting, verdicts

FOLDER = Path(__file__).parents[2] / "ui" / "texts"
WORDS = [
    *(f"verdict.{code}" for code in verdicts.WORST_FIRST),
    *(f"title.{word}" for word in {*components.COMPONENTS.values(), *sop_classes.NO_VOLUMES.values(), *about.PLANES}),
    *(f"dimension.{name}" for name in {row[0] for row in (*labels.CLASSIC, *labels.PRIVATE, *labels.ENHANCED)}),
    f"dimension.{dimensions.RECORDED_ORDER}",
    *(f"modality.{word}" for word in (*about.MODALITIES, *about.SCAN_WORDS, "other")),
    *(f"note.{word}" for word, _ in splitting.NOTES),
    *(f"part.{word}" for word in about.PARTS.values()),
]


def texts(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"archive.{language}.json").read_text("utf-8"))
    return found


def test_both_languages_have_the_same_ids_and_facts():
    english, french = texts("en"), texts("fr")
    assert english.keys() == french.keys()
    for name, sentence in english.items():
        assert set(re.findall(r"{(\w+)}", sentence)) == set(re.findall(r"{(\w+)}", french[name])), name


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_every_word_has_a_text(word: str):
    there = texts("en")
    assert word in there or f"{word}.other" in there


def test_every_code_of_damage_in_the_source_has_a_sentence():
    source = Path(verdicts.__file__).parents[1]
    code = "\n".join(
        path.read_text("utf-8") for part in ("sandbox", "volumes") for path in (source / part).rglob("*.py")
    )
    codes = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', code)) - {"no-voxels", "reader-died"}  # reasons of Unreadable
    there = texts("en")
    assert {f"damaged.{one}" for one in codes} <= there.keys()
