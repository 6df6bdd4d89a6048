"""Words of a search and the texts of studies: who is found, and who is not."""

import pytest

from archive.index.query import parse, searched_text
from archive.index.searching import SearchIndex
from archive.words.dates import DateSpan


def index(*studies: dict[str, object]) -> SearchIndex:
    """Studies given as keywords of searched_text; keys are k0, k1, ... newest first."""
    filled = [
        {"texts": (), "modalities": (), "study_date": "", "birth_date": "", "tags": (), **study} for study in studies
    ]
    texts = [searched_text(**study) for study in filled]  # type: ignore[arg-type]
    return SearchIndex(range(len(texts)), [f"k{n}" for n in range(len(texts))], texts)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("muller", [0]), ("MÜLLER", [0]), ("mueller", [0]), ("zoe mul", [0]), ("Müller^Zoë", [0]),
        ("oconnor", [1]), ("o'connor", [1]), ("connor", [1]), ("luc", [2]), ("jean-luc", [2]), ("jeanluc", [2]),
        ("77/2023", [2]), ("1961", [0]), ("07.04.1961", [0]), ("19610407", [0]), ("1961-04-07", [0]),
        ("mod:mr", [1, 2]), ("mr", [1, 2]), ("irm", [1, 2]), ("scanner", [0]), ("genou", [2]), ("knee", [2]),
        ("date:2023", [2]), ("date:2019..2021", [0, 1]), ("date:..2020", [0]), ("date:2021-06", [1]), ("date:2023..", [2]),
        ("-mod:mr", [0]), ("mod:mr -knee", [1]), ("", [0, 1, 2]), ("nobody", []), ("date:nonsense", []),
        ("urgent", [1]), ("tag:urgent", [1]), ("onno", [1]), ("mod", []), ("date", []), ("born:1961", [0]),
    ],
)  # fmt: skip
def test_words_find_exactly_whom_they_should(words: str, found: list[int]) -> None:
    people = index(
        {"texts": ("Müller Zoë",), "modalities": ("CT",), "study_date": "2019-03-12", "birth_date": "1961-04-07"},
        {"texts": ("O'Connor",), "modalities": ("MR",), "study_date": "2021-06-30", "tags": ("urgent",)},
        {"texts": ("Dupont Jean-Luc", "77/2023", "KNEE"), "modalities": ("MR",), "study_date": "2023-01-15"},
    )
    assert list(people.matches(parse(words))) == found


def test_a_word_inside_another_is_found_only_where_no_word_begins_with_it() -> None:
    people = index({"texts": ("Anna",)}, {"texts": ("Hannah",)})
    assert list(people.matches(parse("anna"))) == [0]
    assert list(people.matches(parse("nnah"))) == [1]


def test_a_query_is_shown_as_it_was_understood() -> None:
    query = parse("Müller 07.04.1961 mod:ct date:2019..2021 -low")
    assert query.tokens == ("muller", "1961-04-07", "mod:ct", "date:2019..2021", "-low")
    assert query.spans == (DateSpan("2019-01-01", "2021-12-31"),)


def test_a_page_goes_on_after_the_key_of_the_last() -> None:
    people = index(*({"texts": ("Smith",)} for _ in range(7)))
    found = people.matches(parse("smith"))
    assert list(people.after(found, "k2")) == [3, 4, 5, 6]
    assert list(people.after(found, "k6")) == []
    assert people.after(found, "unknown") == found


def test_words_held_by_thousands_and_by_one_are_found_alike() -> None:
    people = index(*({"texts": ("common", "rare") if n == 6500 else ("common",)} for n in range(7000)))
    assert len(people.matches(parse("common"))) == 7000
    assert list(people.matches(parse("common rare"))) == list(people.matches(parse("rare"))) == [6500]
