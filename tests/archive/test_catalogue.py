"""What a person does to the archive: found by, tagged, noted, forgotten, merged, opened, and all of it undone."""

from pathlib import Path

import pytest
from make import archives

from archive.errors import Ambiguous, NothingThere
from archive.index.catalogue import Catalogue


@pytest.fixture
def catalogue(tmp_path: Path):
    """Three studies: A of 2021 with two series, B of 2022, C of 2020."""
    archives.series(
        tmp_path / "a1", 3, PatientID="A", PatientName="Adler^Ann", StudyDate="20210101", StudyInstanceUID="1.2.31"
    )
    archives.series(tmp_path / "a2", 2, PatientID="A", PatientName="Adler^Ann", StudyDate="20210101", StudyInstanceUID="1.2.31",
                    SeriesNumber=2, InstitutionName="Quokka Clinic")  # fmt: skip
    archives.series(
        tmp_path / "b", 2, PatientID="B", PatientName="Bird^Bob", StudyDate="20220101", SeriesInstanceUID="1.2.44"
    )
    archives.series(
        tmp_path / "c", 1, PatientID="C", PatientName="Crow=烏^鴉", StudyDate="20200101", SeriesInstanceUID="1.2.45"
    )
    with Catalogue.in_memory() as made:
        archives.receipt_of(made, tmp_path)
        yield made


def ids(catalogue: Catalogue, words: str = "", **how) -> list[str]:
    return [study.patient.patient_id for study in catalogue.search(words, **how).studies]


def key_of(catalogue: Catalogue, patient_id: str) -> str:
    return next(s.key for s in catalogue.search().studies if s.patient.patient_id == patient_id)


def test_studies_come_newest_first_with_all_that_is_known(catalogue: Catalogue) -> None:
    assert ids(catalogue) == ["B", "A", "C"]
    study = catalogue.search("ann").studies[0]
    assert (study.date, study.modalities, study.instances, study.state) == ("2021-01-01", ("CT",), 5, "present")
    assert [(s.number, s.instances, s.rows, s.columns) for s in study.series] == [(1, 3, 4, 4), (2, 2, 4, 4)]
    assert catalogue.search("烏").studies[0].patient.names == ("Crow", "烏 鴉")


def test_what_only_the_second_series_says_of_its_study_is_searched_too(catalogue: Catalogue) -> None:
    assert ids(catalogue, "quokka") == ["A"]


def test_pages_walk_through_all_studies_with_and_without_words(catalogue: Catalogue) -> None:
    for words in ("", "ct"):
        seen, after = [], ""
        while page := catalogue.search(words, limit=1, after=after).studies:
            assert catalogue.search(words, limit=1, after=after).total == 3
            seen += [page[0].patient.patient_id]
            after = page[0].key
        assert seen == ["B", "A", "C"]


def test_a_series_is_named_by_key_uid_or_a_unique_beginning(catalogue: Catalogue) -> None:
    row = next(s for s in catalogue.all_series() if s.series_uid == "1.2.44")
    assert catalogue.series_by(row.key).row == catalogue.series_by("1.2.44").row == row
    with pytest.raises(Ambiguous) as error:
        catalogue.series_by("1.2.4")
    assert error.value.facts["count"] == 2
    for nothing in ("9.9", "s000", "", "'; DROP TABLE series", "1.2.44.5", "%"):
        with pytest.raises(NothingThere):
            catalogue.series_by(nothing)


def test_tags_and_notes_are_kept_found_and_undone_in_turn(catalogue: Catalogue) -> None:
    key = key_of(catalogue, "A")
    assert catalogue.tag(key, ["urgent", "left  knee", "urgent"]).tags == ("left knee", "urgent")
    assert catalogue.note(key, " second opinion ").note == "second opinion"
    assert catalogue.tag(key, remove=["urgent"]).tags == ("left knee",)
    assert ids(catalogue, "opinion") == ids(catalogue, "tag:left_knee") == ["A"]
    assert ids(catalogue, "urgent") == []
    assert [catalogue.undo().kind for _ in range(3)] == ["tag", "note", "tag"]
    study = catalogue.study(key)
    assert (study.tags, study.note) == ((), "")
    with pytest.raises(NothingThere):
        catalogue.undo()


@pytest.mark.parametrize(
    ("level", "left"), [("series", ["B", "A", "C"]), ("study", ["B", "C"]), ("patient", ["B", "C"])]
)
def test_forgetting_hides_and_undo_brings_back_the_same(catalogue: Catalogue, level: str, left: list[str]) -> None:
    catalogue.tag(key_of(catalogue, "A"), ["kept"])
    held, study = archives.contents(catalogue), catalogue.study(key_of(catalogue, "A"))
    selector = {"series": study.series[0].key, "study": study.key, "patient": study.patient.key}[level]
    count = catalogue.forget(level, selector)
    assert (count, ids(catalogue)) == (3 if level == "series" else 5, left)
    assert catalogue.totals().instances == 8 - count
    assert catalogue.undo().kind == "forget"
    assert archives.contents(catalogue) == held


def test_forgotten_and_imported_again_tags_and_note_are_there(catalogue: Catalogue, tmp_path: Path) -> None:
    key = key_of(catalogue, "A")
    catalogue.tag(key, ["kept"])
    catalogue.note(key, "a note")
    catalogue.forget("study", key)
    receipt = archives.receipt_of(catalogue, tmp_path / "a1")
    assert (receipt.files["imported"], receipt.added.instances) == (3, 3)
    study = catalogue.study(key)
    assert (study.tags, study.note, study.instances) == (("kept",), "a note", 3), "only what was imported again is back"
    assert ids(catalogue, "kept") == ["A"]
    catalogue.undo()
    assert catalogue.study(key).instances == 5, "undo brings back the other series"


def test_two_records_of_one_person_are_merged_and_split(catalogue: Catalogue) -> None:
    a, b, c = (catalogue.study(key_of(catalogue, name)).patient.key for name in "ABC")
    catalogue.merge(a, b)
    catalogue.merge(b, c)
    assert {s.patient.patient_id for s in catalogue.search().studies} == {"C"}
    assert catalogue.totals().patients == 1
    assert catalogue.search("adler").total == 1 and catalogue.search("crow").total == 3
    assert catalogue.split(c) == 2
    assert sorted(ids(catalogue)) == ["A", "B", "C"] and catalogue.search("crow").total == 1
    catalogue.undo()
    assert catalogue.totals().patients == 1
    catalogue.undo()
    assert {s.patient.patient_id for s in catalogue.search().studies} == {"B", "C"}
    with pytest.raises(NothingThere):
        catalogue.merge(a, "nobody")


def test_a_merged_patient_is_forgotten_with_all_records(catalogue: Catalogue) -> None:
    a, b = (catalogue.study(key_of(catalogue, name)).patient.key for name in "AB")
    catalogue.merge(a, b)
    catalogue.forget("patient", b)
    assert ids(catalogue) == ["C"]


def test_the_series_opened_last_comes_first_as_it_was_left(catalogue: Catalogue) -> None:
    first, second = (s.key for s in catalogue.all_series()[:2])
    catalogue.remember_opened(first, {"layout": "mpr"})
    catalogue.remember_opened(second)
    catalogue.remember_opened(first)
    views = {row.series_key: row.view for row in catalogue.recent()}
    assert views == {first: {"layout": "mpr"}, second: None}
    catalogue.forget("series", first)
    assert [row.series_key for row in catalogue.recent()] == [second]


def test_a_thumbnail_is_kept_with_its_series(catalogue: Catalogue) -> None:
    key = catalogue.all_series()[0].key
    assert catalogue.thumbnail(key) is None
    catalogue.keep_thumbnail(key, b"png")
    assert catalogue.thumbnail(key) == b"png"


def test_a_reopened_series_needs_no_header(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    record = catalogue.series_by("1.2.44")
    monkeypatch.setattr("archive.index.deriving.unpack_headers", lambda _: pytest.fail("headers were unpacked"))
    assert [len(stack.frames[0]) for stack in record.split.stacks] == [2]
    assert [file.pixels.length for file in record.files if file.pixels] == [32, 32]
