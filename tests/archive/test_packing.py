"""What is packed comes back as it was."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from make import dicom

from archive.index import packing, packing_headers, packing_stacks
from archive.index.records import Instance, KnownFile, Location
from archive.intake.header import Header
from archive.intake.scanner import scan
from archive.stack import PixelPlace
from archive.volumes.frames import frames_of
from archive.volumes.splitting import split


def a_header(elements: dict[int, bytes], vrs: dict[int, str] | None = None) -> Header:
    return Header(elements, vrs or {}, "1.2.840.10008.1.2.1", pixels=PixelPlace(0x7FE00010, 800, 32, "OW"))


def test_values_are_found_again_where_common_and_varying_elements_alternate() -> None:
    # Once the values lay in the order of their tags and were read common ones first: Rows became letters of a UID.
    headers = [a_header({1: b"common", 2: b"%d" % n, 3: b"also common", 4: b"x" * n}) for n in range(5)]
    assert packing_headers.unpack_headers(packing_headers.pack_headers(headers)) == headers


@settings(deadline=None, max_examples=60)
@given(
    some.lists(
        some.dictionaries(some.integers(1, 9), some.binary(max_size=6), max_size=6).map(a_header),
        min_size=1,
        max_size=6,
    )
)
def test_any_headers_come_back(headers: list[Header]) -> None:
    assert packing_headers.unpack_headers(packing_headers.pack_headers(headers)) == headers


def test_headers_with_their_own_vrs_problems_and_no_pixels_come_back() -> None:
    headers = [
        a_header({1: b"a"}, {1: "LO"}),
        Header({1: b"a"}, {1: "SH"}, "1.2.840.10008.1.2", implicit=True, problems=("no-preamble", "pixels-short")),
    ]
    assert packing_headers.unpack_headers(packing_headers.pack_headers(headers)) == headers


def test_instances_come_back_with_every_copy_and_names_in_no_encoding() -> None:
    places = (Location(1, b"caf\xe9.dcm", None, 500, 1_700_000_000_123_456_789), Location(2, b"", "a/b\udce9", 500, 7))
    images = [
        Instance(
            "1.2.3.1",
            b"12345678",
            1,
            1,
            "1.2",
            PixelPlace(0x7FE00010, 9, 32, "OW"),
            (0.1, -2.5, 3e-7),
            (1.0,) * 6,
            places,
        ),
        Instance("1.2.3.22", b"abcdefgh", None, 0, "1.2", None, (), (), places[:1]),
    ]
    assert packing.unpack_instances(packing.pack_instances(images)) == images


def test_files_of_a_folder_come_back() -> None:
    files = {
        b"a\xff": KnownFile(1, 2, "imported", series=4),
        b"b\nc": KnownFile(0, 5, "unreadable", "truncated-header", {"why": "x"}),
    }
    assert packing.unpack_files(packing.pack_files(files)) == files
    assert packing.unpack_files(packing.pack_files({})) == {}


def test_stacks_come_back_frame_by_frame(tmp_path) -> None:
    dicom.write_series(tmp_path, np.zeros((4, 8, 8), np.int16), np.diag([0.5, 0.5, 2.0, 1.0]))
    frames = []
    for index, path in enumerate(sorted(tmp_path.iterdir())):
        header = scan(path.read_bytes(), path.stat().st_size)
        assert isinstance(header, Header)
        frames += frames_of(header, index, index)
    found = split(frames)
    again = packing_stacks.unpack_split(packing_stacks.pack_split(found))
    assert again.stacks[0].frames == found.stacks[0].frames
    assert again.stacks[0].patient_from_voxel == found.stacks[0].patient_from_voxel
    assert again == found


def test_a_long_series_takes_few_bytes_an_image() -> None:
    images = [
        Instance(f"1.2.840.113619.2.5.1762583153.{n}", n.to_bytes(8, "big"), n, 1, "1.2.840.10008.1.2.1",
                 PixelPlace(0x7FE00010, 2000, 524288, "OW"), (-120.0, -130.0, n * 1.25), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
                 (Location(1, b"IM%05d" % n, None, 526288, 1_700_000_000_000_000_000 + n * 1_000_003),))
        for n in range(256)
    ]  # fmt: skip
    assert len(packing.pack_instances(images)) / len(images) < 30
