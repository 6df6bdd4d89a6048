"""Reading many files of a kind at once gives what reading each on its own gives, whatever came before."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import dicom

from archive.intake.header import Header
from archive.intake.kinds import HEAD_BYTES
from archive.intake.layouts import MOST_RUNS, Layouts, Place, Run, follow, learn
from archive.intake.scanner import NeedMore, Outcome, scan

SYNTAXES = (dicom.EXPLICIT_LE, dicom.IMPLICIT_LE, dicom.EXPLICIT_BE)
WORDS = ("StudyDescription", "PatientName", "InstanceNumber", "SliceLocation", "KVP", "ProtocolName", "Manufacturer")


def made(random_: random.Random, syntax: str) -> bytes:
    """A file with some of a dozen attributes, their values of any length, and sequences of either kind of length."""
    said: dict[object, object] = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SOPInstanceUID": f"1.2.{random_.randrange(10**6)}",
        "Modality": "CT",
        "Rows": 1,
        "Columns": 1,
        "BitsAllocated": 8,
        "SamplesPerPixel": 1,
    }
    for word in random_.sample(WORDS, random_.randrange(len(WORDS))):
        said[word] = str(random_.randrange(10 ** random_.randrange(1, 9)))
    if random_.random() < 0.5:
        said["ReferencedImageSequence"] = [{"ReferencedSOPInstanceUID": "1.9"}] * random_.randrange(3)
    said["PixelData"] = b"\1\0"
    implicit, big = syntax == dicom.IMPLICIT_LE, syntax == dicom.EXPLICIT_BE
    return dicom.file_bytes(dicom.dataset_bytes(said, implicit=implicit, big=big), syntax=syntax)


def read(content: bytes, layouts: Layouts | None, have: int = HEAD_BYTES) -> Outcome:
    outcome = scan(content[:have], len(content), layouts=layouts)
    while isinstance(outcome, NeedMore):
        have = max(outcome.wanted, 2 * have)
        outcome = scan(content[:have], len(content), outcome, layouts)
    return outcome


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1 << 32))
def test_files_read_after_each_other_read_as_if_each_were_the_first(seed: int) -> None:
    random_, layouts = random.Random(seed), Layouts()
    for _ in range(30):
        content = made(random_, random_.choice(SYNTAXES))
        have = random_.choice((140, 400, HEAD_BYTES))
        assert read(content, layouts, have) == read(content, None, have)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1 << 32))
def test_broken_files_among_whole_ones_read_as_if_each_were_the_first(seed: int) -> None:
    random_, layouts = random.Random(seed), Layouts()
    start = made(random_, random_.choice(SYNTAXES))
    for _ in range(30):
        content = bytearray(start)
        for _ in range(random_.randrange(4)):
            content[random_.randrange(128, len(content))] = random_.randrange(256)
        cut = random_.choice((len(content), random_.randrange(140, len(content))))
        assert read(bytes(content[:cut]), layouts) == read(bytes(content[:cut]), None)


def test_every_real_file_reads_the_same_after_all_the_others(real_data: Path) -> None:
    layouts = Layouts()
    paths = [os.path.join(root, name) for root, _, names in os.walk(real_data) for name in names]
    random.Random(1).shuffle(paths)
    for path in paths:
        with open(path, "rb") as file:
            content = file.read(1 << 20)
        size = os.path.getsize(path)
        assert scan(content, size, layouts=layouts) == scan(content, size)


def test_only_what_differs_is_read_on_its_own_after_a_few_files() -> None:
    layouts = Layouts()
    random_ = random.Random(3)
    for _ in range(50):
        number = "1" * random_.randrange(1, 9)
        said = {
            "Modality": "CT",
            "PatientName": "A^B",
            "PatientID": "1",
            "KVP": number,
            **dict.fromkeys(WORDS[4:], number),
        }
        read(dicom.file_bytes(dicom.dataset_bytes(said | {"Rows": 1, "Columns": 1, "PixelData": b"\0\0"})), layouts)
    assert sum(len(run.tags) for run in layouts.runs(implicit=False, meta=False).values()) < 40


def test_a_run_that_differs_is_cut_there_and_what_comes_before_is_taken() -> None:
    places = [Place(tag, "LO", bytes([tag]) * 8, 2) for tag in range(1, 11)]
    runs: dict[bytes, Run] = {}
    learn(runs, places)
    buffer = b"".join(place.head + b"vv" for place in places)
    changed = buffer.replace(b"\5" * 8, b"\5" * 7 + b"!")
    elements: dict[int, bytes] = {}
    vrs: dict[int, str] = {}
    assert follow(runs, changed, 0, -1, elements, vrs) == (40, 4)
    assert elements == dict.fromkeys(range(1, 5), b"vv")
    assert vrs == dict.fromkeys(range(1, 5), "LO")
    assert {run.tags for run in runs.values()} == {(1, 2, 3, 4), (6, 7, 8, 9, 10)}


def test_runs_are_bounded() -> None:
    runs: dict[bytes, Run] = {}
    for number in range(MOST_RUNS + 50):
        learn(runs, [Place(tag, "", number.to_bytes(4, "big") + bytes(4), 0) for tag in range(4)])
    assert len(runs) <= MOST_RUNS + 1


@pytest.mark.parametrize("syntax", SYNTAXES[:2])
def test_a_file_like_the_one_before_gives_a_header_of_its_own(syntax: str) -> None:
    layouts = Layouts()
    first, second = (read(made(random.Random(5), syntax), layouts) for _ in range(2))
    assert isinstance(first, Header)
    assert first == second
    assert isinstance(second, Header)
    assert first.elements is not second.elements
