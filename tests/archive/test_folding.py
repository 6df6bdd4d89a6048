"""Folding: what people type finds what files hold, in any script and spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.words.dates import DateSpan, day_of, iso_date, iso_time, span_of
from archive.words.folding import fold, search_tokens

FINDS = (
    ("muller", "Müller^Zoë"), ("mueller", "Müller^Zoë"), ("MÜLLER", "Müller^Zoë"), ("zoe mul", "Müller^Zoë"),
    ("oconnor", "O'Connor^Siobhán"), ("o'connor", "O’Connor"), ("connor", "O'Connor"), ("jeanluc", "Dupont^Jean-Luc"),
    ("jean-luc dupont", "Dupont^Jean-Luc"), ("luc", "Dupont^Jean-Luc"), ("łuk", "Łukasiewicz"), ("luk", "Łukasiewicz"),
    ("王", "王^小東"), ("小東", "王小東"), ("東", "王小東"), ("wang", "王^小東"), ("ヤマダ", "やまだ^たろう"), ("yamada", "ﾔﾏﾀﾞ"),
    ("ПЕТР", "Иванов^Пётр"), ("ivanov", "Иванов^Пётр"), ("παπαδοπουλος", "Παπαδόπουλος^Νίκος"), ("papadopoulos", "Παπαδόπουλος"),
    ("kim", "김희중"), ("김", "김희중"), ("lee", "이^순신"), ("park", "박^지성"), ("strasse", "Straße"), ("77/2023", "77/2023"),
    ("สมชาย", "สมชาย ใจดี"), ("ใจดี", "สมชาย ใจดี"), ("nunez", "Nu\u0301n\u0303ez"),
)  # fmt: skip


def finds(query: str, *texts: str) -> bool:
    tokens = search_tokens(*texts)
    return all(any(token.startswith(word) for token in tokens) for word in fold(query))


@pytest.mark.parametrize(("query", "text"), FINDS)
def test_what_people_type_finds_the_name(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"), [("muller", "Miller"), ("ただ", "やまだ"), ("smithson", "Smith^Ann"), ("an", "O'Connor")]
)
def test_other_names_are_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_every_text_finds_itself_in_any_case_and_normal_form(text: str) -> None:
    assert finds(text, text)
    assert all(fold(text))
    assert "" not in search_tokens(text)


def test_dicom_dates_and_times_become_iso() -> None:
    assert iso_date("19610407") == iso_date("1961.04.07") == "1961-04-07"
    assert iso_date("19610231") == iso_date("") == iso_date("garbage") == ""
    assert iso_time("101500.25") == "10:15:00"
    assert (iso_time("1015"), iso_time("99")) == ("10:15", "")


def test_days_are_understood_in_three_styles() -> None:
    assert day_of("1961-04-07") == day_of("19610407") == day_of("07.04.1961") == day_of("7.4.1961") == "1961-04-07"
    assert day_of("1961-13-01") == day_of("2021") == ""


def test_spans_of_days() -> None:
    assert span_of("2021") == DateSpan("2021-01-01", "2021-12-31")
    assert span_of("2020-02") == DateSpan("2020-02-01", "2020-02-29")
    assert span_of("2019..2021-06") == DateSpan("2019-01-01", "2021-06-30")
    assert span_of("..07.04.1961") == DateSpan("", "1961-04-07")
    assert span_of("..") is span_of("chest") is span_of("2019..chest") is None
    assert DateSpan("2019-01-01", "").holds("2020-05-05")
    assert not DateSpan("", "2019-01-01").holds("")
