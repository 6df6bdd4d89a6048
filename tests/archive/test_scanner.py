"""The scanner against pydicom on real files, and on made ones that are broken in ways seen in the wild."""

import os
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import dicom
from pydicom.dataelem import RawDataElement

from archive.intake import elements, scanner
from archive.intake.found import FoundFile, Refusal
from archive.intake.header import PROBLEMS, Header
from archive.intake.reading import header_of
from archive.intake.scanner import Broken, NeedMore, NotDicom, Unsure, scan
from archive.syntaxes import DEFLATED_LITTLE, syntax_of

ATTRIBUTES = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "SOPInstanceUID": "1.2.3",
    "Modality": "CT",
    "PatientName": "Müller^Zoë",
    "SpecificCharacterSet": "ISO_IR 192",
    "PatientID": "P 1",
    "StudyInstanceUID": "1.2.3.4",
    "SeriesInstanceUID": "1.2.3.4.5",
    "ImagePositionPatient": [-1.5, 2, 3.25],
    "ReferencedImageSequence": [{"ReferencedSOPInstanceUID": "1.9"}, {"ReferencedSOPInstanceUID": "1.10"}],
    "Rows": 2,
    "Columns": 3,
    "BitsAllocated": 16,
    "SamplesPerPixel": 1,
    "PixelRepresentation": 1,
    "SmallestImagePixelValue": -7,
    "PixelData": bytes(range(12)),
}
SYNTAXES = (dicom.EXPLICIT_LE, dicom.IMPLICIT_LE, dicom.EXPLICIT_BE)


def whole(content: bytes) -> scanner.Outcome:
    return scan(content, len(content))


def header(content: bytes) -> Header:
    outcome = whole(content)
    assert isinstance(outcome, Header), outcome
    return outcome


def made(syntax: str = dicom.EXPLICIT_LE, **changed: object) -> bytes:
    implicit, big = syntax == dicom.IMPLICIT_LE, syntax == dicom.EXPLICIT_BE
    return dicom.file_bytes(dicom.dataset_bytes({**ATTRIBUTES, **changed}, implicit=implicit, big=big), syntax=syntax)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_same_attributes_read_the_same_in_every_native_syntax(syntax: str) -> None:
    content = made(syntax)
    read = header(content)
    assert read.person("PatientName").alphabetic == "Müller^Zoë"
    assert read.numbers("ImagePositionPatient") == (-1.5, 2, 3.25)
    assert read.strings("ImagePositionPatient") == ("-1.5", "2", "3.25")
    assert read.integer("Rows") == 2
    assert read.integer("SmallestImagePixelValue") == -7
    assert [item.text("ReferencedSOPInstanceUID") for item in read.items("ReferencedImageSequence")] == ["1.9", "1.10"]
    assert read.pixels is not None
    assert content[read.pixels.offset :] == bytes(range(12))
    assert read.problems == ()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_cut_of_a_header_is_said_and_never_read_as_whole(syntax: str) -> None:
    content = made(syntax)
    end = header(content).pixels.offset  # type: ignore[union-attr]
    for cut in range(133, end):
        outcome = whole(content[:cut])
        if isinstance(outcome, Header):  # a cut between two elements: before Rows, nothing says that more was there
            assert outcome.integer("Rows") is None or "pixels-short" in outcome.problems
            assert outcome.pixels is None
        else:
            assert isinstance(outcome, (Broken, Unsure))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_scanner_asks_for_more_and_goes_on_to_the_same_header(syntax: str) -> None:
    """Big endian: an element of 10 bytes at the very end of what was read stayed unturned and was taken for another."""
    content = made(syntax, StudyComments="x" * 200, SourceImageSequence=[{"Modality": "CT", "Rows": 3}] * 3)
    whole_header = header(content)
    for first in range(140, len(content) - 12, 3):
        have = first
        outcome = scan(content[:have], len(content))
        while isinstance(outcome, NeedMore):
            assert have < outcome.wanted <= len(content)
            have = outcome.wanted
            outcome = scan(content[:have], len(content), outcome)
        assert outcome == whole_header


def test_a_file_without_preamble_is_read_and_said() -> None:
    assert header(made()[132:]).problems == ("no-preamble",)


def test_a_wrong_length_of_the_meta_information_is_passed_by() -> None:
    content = made()
    wrong = content[:140] + struct.pack("<I", 9999) + content[144:]
    assert header(wrong).problems == ("meta-length",)
    assert header(wrong).text("PatientID") == "P 1"


@pytest.mark.parametrize("implicit", [True, False])
def test_a_wrong_label_is_told_from_the_first_element(implicit: bool) -> None:
    content = dicom.file_bytes(
        dicom.dataset_bytes(ATTRIBUTES, implicit=implicit),
        syntax=dicom.EXPLICIT_LE if implicit else dicom.IMPLICIT_LE,
    )
    assert header(content).problems == ("other-vr",)
    assert header(content).integer("Columns") == 3


def test_a_file_that_names_no_syntax_tells_it_by_its_first_element() -> None:
    data_set = dicom.dataset_bytes(ATTRIBUTES, implicit=True)
    read = header(bytes(128) + b"DICM" + data_set)
    assert read.problems == ("no-transfer-syntax",)
    assert read.transfer_syntax == dicom.IMPLICIT_LE


def test_an_explicit_item_inside_an_implicit_sequence_does_not_lose_the_pixels() -> None:
    """Philips: a private sequence of undefined length in an implicit file held explicit items; lengths ran astray."""
    item = dicom.sequence_bytes([{"Modality": "MR", "SeriesDescription": "inner"}], undefined=True)
    private = struct.pack("<HHI", 0x2005, 0x140F, 0xFFFFFFFF) + item + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    first = {name: ATTRIBUTES[name] for name in ("SOPInstanceUID", "Modality")}
    last = dicom.dataset_bytes([(0x7FE00010, "OW", bytes(12))], implicit=True)
    content = dicom.file_bytes(dicom.dataset_bytes(first, implicit=True) + private + last, syntax=dicom.IMPLICIT_LE)
    read = header(content)
    assert read.pixels is not None
    assert read.items_of(0x2005140F)[0].text("SeriesDescription") == "inner"


def test_un_of_undefined_length_is_an_implicit_sequence() -> None:
    items = dicom.sequence_bytes([{"Modality": "MR"}], implicit=True, undefined=True)
    element = (
        struct.pack("<HH2sHI", 0x0009, 0x1001, b"UN", 0, 0xFFFFFFFF) + items + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    )
    content = dicom.file_bytes(
        dicom.dataset_bytes({"SOPInstanceUID": "1.2"}) + element + dicom.dataset_bytes({"Rows": 2})
    )
    outcome = whole(content)
    assert isinstance(outcome, Header)
    assert outcome.items_of(0x00091001)[0].text("Modality") == "MR"


def test_an_attribute_inside_a_sequence_is_never_taken_for_one_of_the_image() -> None:
    decoy = {"SeriesInstanceUID": "9.9.9", "PatientID": "DECOY", "PixelData": b"xx"}
    read = header(made(ReferencedImageSequence=[decoy]))
    assert (read.text("SeriesInstanceUID"), read.text("PatientID")) == ("1.2.3.4.5", "P 1")


def test_a_deflated_file_is_inflated_as_far_as_its_pixels() -> None:
    data_set = dicom.dataset_bytes(ATTRIBUTES)
    deflater = zlib.compressobj(wbits=-15)
    packed = deflater.compress(data_set) + deflater.flush()
    read = header(dicom.file_bytes(packed, syntax=DEFLATED_LITTLE))
    assert read.pixels is not None
    assert data_set[read.pixels.offset :][: read.pixels.length] == bytes(range(12))


def test_a_deflate_bomb_in_the_header_is_refused() -> None:
    deflater = zlib.compressobj(9, wbits=-15)
    head = dicom.dataset_bytes({"SOPInstanceUID": "1.2"}) + struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 0x7FFFFFFE)
    packed = deflater.compress(head) + deflater.compress(bytes(64 << 20)) + deflater.flush()
    assert whole(dicom.file_bytes(packed, syntax=DEFLATED_LITTLE)) == Broken("bomb")


def test_sequences_nested_a_thousand_deep_are_walked_without_recursion() -> None:
    open_ = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    close = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    read = header(dicom.file_bytes(dicom.dataset_bytes({"SOPInstanceUID": "1.2"}) + open_ * 1000 + close * 1000))
    depth = 0
    while inner := read.items_of(0x0040A730):
        read, depth = inner[0], depth + 1
    assert depth == 64


def test_more_elements_than_any_scan_has_are_a_bomb() -> None:
    many = b"".join(
        struct.pack("<HH2sH", 0x0009 + 2 * (n >> 12), 0x1000 + (n & 0xFFF), b"LO", 0) for n in range(30_000)
    )
    assert whole(dicom.file_bytes(dicom.dataset_bytes({"SOPInstanceUID": "1.2"}) + many)) == Broken("bomb")


@pytest.mark.parametrize("value", [bytes(10), bytes(4)])
def test_fewer_pixels_than_the_header_promises_are_said(value: bytes) -> None:
    assert header(made(PixelData=value)).problems == ("pixels-short",)


def test_pixels_cut_by_the_end_of_the_file_are_said() -> None:
    assert header(made()[:-4]).problems == ("pixels-short",)


def test_zeros_behind_a_data_set_are_passed_by_but_rubbish_in_place_of_pixels_is_doubted() -> None:
    without = {name: value for name, value in ATTRIBUTES.items() if name != "PixelData"}
    content = dicom.file_bytes(dicom.dataset_bytes(without))
    assert header(content + bytes(500)).problems == ("pixels-short", "trailing-bytes")
    assert isinstance(whole(content + b"\x08\0\x05\0XX rubbish" * 9), Unsure)


def test_long_values_are_left_out_but_sequences_and_palettes_are_kept() -> None:
    long = bytes(70_000)
    items = [{"ReferencedSOPInstanceUID": "1.2.3"}] * 3000
    read = header(
        made(
            OverlayData=long, RedPaletteColorLookupTableData=long, SourceImageSequence=items, EncapsulatedDocument=long
        )
    )
    assert read.raw(0x60003000) == read.raw(0x00420011) == b""
    assert len(read.raw(0x00281201)) == 70_000
    assert len(read.items("SourceImageSequence")) == 3000


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(200), bytes(4096), b"\x08\0\x05\0" * 50]
)
def test_what_is_not_dicom_is_said_to_be_none(content: bytes) -> None:
    assert whole(content) == NotDicom()


def test_the_digest_tells_headers_apart_but_not_their_file_meta_information() -> None:
    content = made()
    other_sender = content[:132] + content[132:].replace(
        b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\1", b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\2"
    )
    assert other_sender != content
    assert header(content).digest() == header(other_sender).digest()
    assert header(content).digest() != header(made(PatientID="P 2")).digest()
    assert len(header(content).digest()) == 16


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), syntax=st.sampled_from(SYNTAXES))
def test_no_mutation_makes_the_scanner_raise(seed: int, syntax: str) -> None:
    chance = random.Random(seed)
    content = bytearray(made(syntax))
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(132, len(content))] = chance.choice((0, 1, 0xFF, 0xFE, chance.randrange(256)))
    outcome = whole(bytes(content[: chance.choice((len(content), chance.randrange(len(content))))]))
    if isinstance(outcome, Header):
        assert set(outcome.problems) <= set(PROBLEMS)
        outcome.digest()
        for tag in outcome.elements:
            outcome.texts_of(tag), outcome.numbers_of(tag), outcome.items_of(tag)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300))
def test_no_bytes_behind_the_magic_make_the_scanner_raise(content: bytes) -> None:
    assert whole(bytes(128) + b"DICM" + content) is not None
    assert whole(content) is not None


def assert_reads_as_pydicom(path: Path) -> bool:
    """Every element that both read has the same bytes (in big endian files: numbers); False where there was none."""
    status = path.stat()
    read = header_of(FoundFile(os.fsencode(path), None, status.st_size, status.st_mtime_ns))
    if isinstance(read, Refusal):
        return False
    try:
        oracle = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except Exception:  # noqa: BLE001 - whatever it raises: no oracle here
        return False
    for tag in oracle.keys():  # noqa: SIM118 - iterating the data set would parse its values
        assert_same_element(read, oracle, tag, str(path))
    ours = {tag for tag in read.elements if tag >> 16 > 2}
    assert ours <= {int(tag) for tag in oracle.keys()} | {elements.FIRST_PIXEL_TAG - 7}, path  # noqa: SIM118
    return True


def assert_same_element(read: Header, oracle: pydicom.Dataset, tag: int, where: str) -> None:
    element = oracle.get_item(tag)
    if isinstance(element, RawDataElement) and element.value is not None:
        if len(element.value) > elements.LONGEST_VALUE and tag not in read.elements:
            return
        if not syntax_of(read.transfer_syntax).big_endian:
            assert read.raw(tag) == element.value, (where, element.tag)
    elif element is not None and element.VR == "SQ":
        assert len(read.items_of(tag)) == len(element.value), (where, element.tag)
    else:
        assert tag in read.elements, (where, tag)


def files_below(folder: Path) -> Iterator[Path]:
    return (
        path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".zip", ".json", ".py")
    )


def test_every_file_that_comes_with_pydicom_reads_as_pydicom_reads_it() -> None:
    folder = Path(pydicom.__file__).parent / "data"
    assert sum(map(assert_reads_as_pydicom, files_below(folder))) >= 130


def test_every_real_file_reads_as_pydicom_reads_it(real_data: Path) -> None:
    assert sum(map(assert_reads_as_pydicom, files_below(real_data))) >= 1000
