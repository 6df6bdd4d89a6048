"""Tables: what they say agrees with the standard's dictionary, with each other and with the texts."""

import json
from pathlib import Path

import pydicom.uid

from archive.intake.found import SKIPPED
from archive.syntaxes import SYNTAXES, syntax_of
from archive.tags import TAGS, of_level
from archive.words import dictionary

UNREADABLE = (
    "truncated-header", "bad-header", "permission", "io-error", "vanished", "bomb", "encrypted", "too-large", "bad-archive",
)  # fmt: skip
TEXTS = Path(__file__).parents[2] / "ui" / "texts"


def test_every_kept_attribute_is_the_one_the_standard_calls_so() -> None:
    assert {row.keyword: row.tag for row in TAGS} == {
        row.keyword: dictionary.of_keyword(row.keyword).tag for row in TAGS
    }


def test_no_two_attributes_of_a_level_share_a_column() -> None:
    for level in ("patient", "study", "series", "instance"):
        columns = [row.column for row in of_level(level)]  # type: ignore[arg-type]
        assert len(set(columns)) == len(columns)


def test_whatever_is_searched_and_names_people_is_identifying() -> None:
    assert all(
        row.identifying for row in TAGS if row.kind in ("person", "date", "time", "uid") and row.column != "sop_class"
    )


def test_the_dictionary_knows_private_repeating_and_unknown_tags() -> None:
    assert dictionary.vr_of(0x00100010) == "PN"
    assert dictionary.vr_of(0x60023000) == "OB/OW"
    assert dictionary.vr_of(0x00290010) == "LO"
    assert dictionary.vr_of(0x00291010) == "UN"
    assert dictionary.vr_of(0x00280000) == "UL"


def test_the_syntaxes_agree_with_those_of_pydicom() -> None:
    for syntax in SYNTAXES:
        known = pydicom.uid.UID(syntax.uid)
        if known.is_private or not known.is_transfer_syntax:
            continue
        assert syntax.implicit == known.is_implicit_VR, syntax
        assert syntax.big_endian == (not known.is_little_endian), syntax
        assert syntax.deflated == known.is_deflated, syntax
        assert syntax.native == (not known.is_encapsulated), syntax


def test_an_unknown_syntax_has_a_codec_that_nobody_has() -> None:
    assert not syntax_of("1.2.3").native
    assert syntax_of("1.2.3").codec == "unknown"


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    for lang in ("en", "fr"):
        texts = json.loads((TEXTS / f"intake.{lang}.json").read_text("utf-8"))
        assert set(texts) == {f"outcome.{code}" for code in (*SKIPPED, *UNREADABLE)}
