"""Walking and containers: every file once, nothing that is no file, nothing written, everything bounded."""

import gzip
import io
import lzma
import os
import socket
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from make import dicom

from archive.errors import PathGone
from archive.intake import containers
from archive.intake.containers import Containers
from archive.intake.found import FoundFile, Refusal
from archive.intake.header import Header
from archive.intake.reading import header_of, open_pixels
from archive.intake.walking import walk
from archive.stack import FileRef
from archive.syntaxes import DEFLATED_LITTLE


def series(folder: Path, slices: int = 3) -> list[Path]:
    dicom.write_series(folder, np.arange(slices * 4).reshape(slices, 2, 2), np.eye(4))
    return sorted(folder.iterdir())


def files(*paths: Path) -> list[FoundFile]:
    return [file for folder in walk([os.fsencode(path) for path in paths]) for file in folder.files]


def codes(found: list[FoundFile]) -> dict[str, str]:
    return {os.fsdecode(os.path.basename(file.path)): file.refusal.code for file in found if file.refusal}


def outcome(file: FoundFile) -> str:
    read = header_of(file)
    return read.code if isinstance(read, Refusal) else "header"


def test_every_file_is_found_once_however_often_its_folder_is_reached(tmp_path: Path) -> None:
    paths = series(tmp_path / "a" / "b")
    (tmp_path / "a" / "loop").symlink_to("..")
    (tmp_path / "again").symlink_to(tmp_path / "a")
    found = files(tmp_path, tmp_path / "a", paths[0], paths[0])
    assert sorted(file.path for file in found) == [os.fsencode(path) for path in paths]


def test_what_is_no_regular_file_is_named_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "nothing").touch()
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        server.bind("socket")
        found = codes(files(tmp_path))
    assert found.pop("nothing") == "empty"
    assert found == dict.fromkeys(("fifo", "endless", "nowhere", "self", "socket"), "not-regular")


def test_a_fifo_in_place_of_a_found_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    assert header_of(FoundFile(os.fsencode(tmp_path / "x"), None, 10, 0)) == Refusal("not-regular")


def test_names_in_no_encoding_are_kept_as_bytes(tmp_path: Path) -> None:
    (path,) = series(tmp_path, 1)
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9\n.dcm")
    os.rename(path, odd)
    (found,) = files(tmp_path)
    assert found.path == odd
    assert isinstance(header_of(found), Header)


def test_a_path_that_is_not_there_is_said_before_anything_is_walked(tmp_path: Path) -> None:
    with pytest.raises(PathGone):
        walk([os.fsencode(tmp_path), os.fsencode(tmp_path / "gone")])


def test_a_file_that_vanished_after_the_walk_is_said(tmp_path: Path) -> None:
    (path,) = series(tmp_path, 1)
    (found,) = files(tmp_path)
    path.unlink()
    assert outcome(found) == "vanished"


def packed(folder: Path, paths: list[Path]) -> dict[str, Path]:
    """The same files in every kind of container."""
    made = {kind: folder / f"study.{kind}" for kind in ("zip", "tar", "tar.gz", "tar.xz")}
    with zipfile.ZipFile(made["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, f"STUDY/{path.name}")
    for kind, mode in (("tar", "w"), ("tar.gz", "w:gz"), ("tar.xz", "w:xz")):
        with tarfile.open(made[kind], mode) as archive:
            for path in paths:
                archive.add(path, f"STUDY/{path.name}")
    return made


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_members_are_read_in_place_as_the_plain_files_are(tmp_path: Path, kind: str) -> None:
    paths = series(tmp_path / "plain")
    container = packed(tmp_path, paths)[kind]
    found = files(container)
    assert [file.member for file in found] == [f"STUDY/{path.name}" for path in paths]
    with Containers() as opened:
        for file, path in zip(found, paths, strict=True):
            header = header_of(file, None, opened)
            assert header == header_of(*files(path))
            assert isinstance(header, Header)
            assert header.pixels is not None
            ref = FileRef(file.path, file.size, 0, header.transfer_syntax, header.pixels, file.member)
            source = open_pixels(ref, opened)
            assert source.pread(header.pixels.offset, 99) == path.read_bytes()[header.pixels.offset :]
            source.close()


def test_a_container_counts_by_its_members_and_not_itself(tmp_path: Path) -> None:
    packed(tmp_path, series(tmp_path / "plain"))
    folders = {folder.path: len(folder.files) for folder in walk([os.fsencode(tmp_path)])}
    assert sorted(folders.values()) == [0, 3, 3, 3, 3, 3]


def test_a_container_named_by_a_person_is_opened_whatever_it_is_called(tmp_path: Path) -> None:
    made = packed(tmp_path, series(tmp_path / "plain"))
    made["zip"].rename(tmp_path / "no-ending")
    assert len(files(tmp_path / "no-ending")) == 3


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> list[FoundFile]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return files(path)


def test_hostile_members_are_refused_each_for_its_reason(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.dcm")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = zip_of(
        tmp_path / "a.zip", (link, b"/etc/passwd"), ("inner.zip", b"PK\3\4"), ("empty", b""), ("zeros", bytes(80 << 20))
    )
    refused = {file.member: file.refusal.code for file in found if file.refusal}
    assert refused == {"link.dcm": "not-regular", "inner.zip": "nested-archive", "empty": "empty", "zeros": "bomb"}


def test_members_that_would_lie_outside_are_read_in_place_and_written_nowhere(tmp_path: Path) -> None:
    (path,) = series(tmp_path / "plain", 1)
    found = zip_of(tmp_path / "a.zip", ("../../evil.dcm", path.read_bytes()))
    before = sorted(tmp_path.rglob("*"))
    assert [outcome(file) for file in found] == ["header"]
    assert sorted(tmp_path.rglob("*")) == before


def test_encrypted_members_are_said_to_be_so(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", ("x", b"secret"))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert codes(files(tmp_path)) == {"a.zip": "encrypted"}


def test_overlapping_members_are_a_bomb(tmp_path: Path) -> None:
    """CVE-2024-0450: Python before 3.11.8 does not look."""
    zip_of(tmp_path / "a.zip", ("a", b"x" * 50), ("b", b"y" * 50))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    second = content.index(b"PK\1\2", content.index(b"PK\1\2") + 4)
    content[second + 42 : second + 46] = bytes(4)
    (tmp_path / "a.zip").write_bytes(content)
    assert codes(files(tmp_path)) == {"a.zip": "bomb"}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_a_torn_container_is_one_unreadable_file(tmp_path: Path, kind: str) -> None:
    made = packed(tmp_path, series(tmp_path / "plain"))[kind]
    made.write_bytes(made.read_bytes()[: made.stat().st_size * 2 // 3 if kind != "tar" else 700])
    assert codes(files(made)) == {made.name: "bad-archive"}


def test_damage_inside_a_member_is_a_refusal_and_not_an_error(tmp_path: Path) -> None:
    (path,) = series(tmp_path / "plain", 1)
    (found,) = zip_of(tmp_path / "a.zip", ("x.dcm", path.read_bytes() + os.urandom(50_000)))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[60:400] = os.urandom(340)
    (tmp_path / "a.zip").write_bytes(content)
    assert outcome(found) in ("bad-archive", "truncated-header", "not-dicom", "bad-header")


@pytest.mark.parametrize("packer", [gzip.compress, lzma.compress])
def test_a_compressed_file_that_is_no_tar_is_a_plain_file(tmp_path: Path, packer: object) -> None:
    (tmp_path / "x.tar.gz").write_bytes(packer(b"not a tar" * 100))  # type: ignore[operator]
    (found,) = files(tmp_path)
    assert (found.member, outcome(found)) == (None, "not-dicom")


def test_a_tar_that_inflates_without_end_is_refused_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "LEAST_BOMB", 1 << 20)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        info = tarfile.TarInfo("zeros")
        info.size = 30 << 20
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(plain.getvalue()))
    assert codes(files(tmp_path)) == {"x.tar.gz": "bomb"}


def test_the_pixels_of_a_deflated_file_are_read_from_its_inflated_data_set(tmp_path: Path) -> None:
    data_set = dicom.dataset_bytes({"SOPInstanceUID": "1.2", "Rows": 2, "Columns": 2, "PixelData": bytes(range(8))})
    deflater = zlib.compressobj(wbits=-15)
    content = dicom.file_bytes(deflater.compress(data_set) + deflater.flush(), syntax=DEFLATED_LITTLE)
    (tmp_path / "x.dcm").write_bytes(content)
    (found,) = files(tmp_path)
    header = header_of(found)
    assert isinstance(header, Header)
    assert header.pixels is not None
    source = open_pixels(FileRef(found.path, found.size, 0, header.transfer_syntax, header.pixels))
    assert source.pread(header.pixels.offset, header.pixels.length) == bytes(range(8))


class Everything:
    """A tolerant parser that knows one answer, and reads what it is lent."""

    def header(self, fd: int, size: int) -> Header | None:
        assert len(os.pread(fd, size, 0)) == size
        return Header({0x00080018: b"1.2"}, {}, dicom.EXPLICIT_LE, problems=("mended",))


@pytest.mark.parametrize("in_zip", [False, True])
def test_where_the_scanner_is_unsure_the_tolerant_parser_is_asked(tmp_path: Path, in_zip: bool) -> None:
    content = dicom.file_bytes(dicom.dataset_bytes({"SOPInstanceUID": "1.2"}) + b"\x10\0\x10\0??\4\0abcd")
    (tmp_path / "x.dcm").write_bytes(content)
    (found,) = zip_of(tmp_path / "a.zip", ("x.dcm", content)) if in_zip else files(tmp_path)
    assert outcome(found) == "bad-header"
    read = header_of(found, Everything())
    assert isinstance(read, Header)
    assert read.problems == ("mended",)


def test_a_table_of_contents_of_a_disc_is_told_by_its_class(tmp_path: Path) -> None:
    content = dicom.file_bytes(dicom.dataset_bytes({"FileSetID": "DISC"}), sop_class="1.2.840.10008.1.3.10")
    (tmp_path / "any-name").write_bytes(content)
    assert [outcome(file) for file in files(tmp_path)] == ["dicomdir"]


def test_every_malformed_file_ends_in_exactly_one_outcome(real_data: Path) -> None:
    expected = {
        "text_named.dcm": "not-dicom", "html_named.dcm": "not-dicom", "png_named.dcm": "not-dicom",
        "random_4k.dcm": "not-dicom", "zeros_64k.dcm": "not-dicom", "zero_length.dcm": "empty",
        "only_preamble.dcm": "truncated-header", "cut_in_header.dcm": "truncated-header",
        "un_len_3gib.dcm": "truncated-header", "cut_in_pixels.dcm": "header", "no_preamble.dcm": "header",
        "trailing_garbage.dcm": "header", "nested_sequence_5000.dcm": "header", "says_implicit_is_explicit.dcm": "header",
    }  # fmt: skip
    found = {os.fsdecode(os.path.basename(file.path)): outcome(file) for file in files(real_data / "malformed" / "gen")}
    assert {name: found[name] for name in expected} == expected
