"""The sandbox: what a locked child cannot do, what it costs a series when one dies, and that none outlives its parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from make import dicom
from make.series import frame

from archive.sandbox import guard, limits
from archive.sandbox.child import Child, Died
from archive.sandbox.client import Decoder, Parser
from archive.sandbox.guard import Piece, Refusal
from archive.stack import UNDEFINED_LENGTH, PixelPlace

ROOT = Path(__file__).parents[2]
JPEG_2000, JPEG_LS, RLE = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.5"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the lock is Linux's")


def locked(code: str) -> str:
    """What a locked child prints."""
    script = (
        "import os, socket, subprocess, sys, threading\nfrom archive.sandbox import limits\nmissing = limits.lock()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script + textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


@linux
@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname').read()",
        "open('/tmp/written-by-a-child', 'w')",
        "os.listdir('/')",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.unlink('/tmp/none')",
    ],
)
def test_a_locked_child_cannot(attempt: str):
    said = locked(
        f"try:\n    {attempt}\n    print('it could', missing)\nexcept OSError as error:\n    print('refused')\n"
    )
    assert said == "refused" or "seccomp" in said


@linux
def test_a_locked_child_can_still_compute_in_threads():
    code = "t = threading.Thread(target=lambda: print(sum(range(10)))); t.start(); t.join()"
    assert locked(code) == "45"


@pytest.mark.parametrize("machine", limits.MACHINES)
def test_the_filter_has_no_call_that_opens_or_connects(machine: str):
    forbidden = {"x86_64": {2, 41, 42, 57, 58, 59, 62, 257}, "aarch64": {56, 129, 198, 203, 221}}[machine]
    found = limits.numbers(machine)
    assert len(found) == len(set(found)) > 40
    assert not forbidden & {line[3] for line in limits.program(machine) if line[0] == limits.EQUAL}


def put(folder: Path, *parts: bytes) -> tuple[int, tuple[Piece, ...]]:
    """A file of these parts, open, and where they lie."""
    path = folder / "parts"
    path.write_bytes(b"".join(parts))
    offsets = np.cumsum([0, *map(len, parts)])
    pieces = tuple(Piece(int(offset), len(part)) for offset, part in zip(offsets, parts, strict=False))
    return os.open(path, os.O_RDONLY), pieces


@pytest.fixture(scope="module")
def decoder():
    with Decoder(1) as one:
        yield one


IMAGE = np.arange(256, dtype=np.uint16).reshape(16, 16) * 13


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEG_2000, lambda image: imagecodecs.jpeg2k_encode(image, level=0, codecformat="j2k")),
        (JPEG_LS, imagecodecs.jpegls_encode),
        ("1.2.840.10008.1.2.4.70", imagecodecs.ljpeg_encode),
    ],
)
def test_a_compressed_frame_is_decoded_exactly(tmp_path: Path, decoder: Decoder, syntax: str, encode):
    descriptor, pieces = put(tmp_path, bytes(encode(IMAGE)))
    into = np.zeros_like(IMAGE)
    decoder.frame(syntax, frame(bits_stored=12, high_bit=11), descriptor, pieces, into)
    os.close(descriptor)
    assert np.array_equal(into, IMAGE)


def test_a_frame_in_two_pieces_is_put_together(tmp_path: Path, decoder: Decoder):
    data = bytes(imagecodecs.jpegls_encode(IMAGE))
    descriptor, pieces = put(tmp_path, data[:90], data[90:])
    into = np.zeros_like(IMAGE)
    decoder.frame(JPEG_LS, frame(), descriptor, pieces, into)
    os.close(descriptor)
    assert np.array_equal(into, IMAGE)


def test_a_damaged_frame_is_an_answer_and_the_child_lives_on(tmp_path: Path, decoder: Decoder):
    data = bytearray(imagecodecs.jpegls_encode(IMAGE))
    data[60:] = os.urandom(len(data) - 60)
    descriptor, pieces = put(tmp_path, bytes(data[:70]))
    with pytest.raises(Refusal):
        decoder.frame(JPEG_LS, frame(), descriptor, pieces, np.zeros_like(IMAGE))
    os.close(descriptor)
    test_a_frame_in_two_pieces_is_put_together(tmp_path, decoder)


def test_a_child_that_is_killed_costs_one_question_and_is_replaced(tmp_path: Path):
    with Decoder(1) as own:
        child = own._children[0]
        child.start()
        assert child._process is not None
        child._process.kill()
        child._process.wait()
        data = bytes(imagecodecs.jpegls_encode(IMAGE))
        descriptor, pieces = put(tmp_path, data)
        with pytest.raises(Refusal) as refusal:
            own.frame(JPEG_LS, frame(), descriptor, pieces, np.zeros_like(IMAGE))
        assert refusal.value.code == "decoder-died"
        into = np.zeros_like(IMAGE)
        own.frame(JPEG_LS, frame(), descriptor, pieces, into)
        os.close(descriptor)
        assert np.array_equal(into, IMAGE)


def test_children_end_when_their_parent_is_killed():
    script = """
    from archive.sandbox.child import Child
    child = Child("decoder")
    child.start()
    print(child._process.pid, flush=True)
    import time
    time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and not is_ended(pid):
        assert time.monotonic() < end, "the child lives on"
        time.sleep(0.02)


def is_ended(pid: int) -> bool:
    """Nobody may have collected it yet."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def test_a_child_of_no_known_kind_dies_and_says_so():
    child = Child("nothing")
    with pytest.raises(Died):
        child.ask({})


def test_the_parser_reads_what_pydicom_reads(tmp_path: Path):
    dicom.write_series(tmp_path, np.zeros((1, 4, 6), np.int16), np.eye(4), PatientName="Müller^Anna")
    path = tmp_path / "0001.dcm"
    with Parser() as parser:
        descriptor = os.open(path, os.O_RDONLY)
        header = parser.header(descriptor, path.stat().st_size)
        os.close(descriptor)
    assert header is not None
    assert (header.text("PatientName"), header.integer("Rows"), header.integer("Columns")) == ("Müller^Anna", 4, 6)
    assert header.pixels is not None
    assert path.read_bytes()[header.pixels.offset :] == bytes(48)


def test_the_parser_says_no_to_what_is_no_dicom(tmp_path: Path):
    path = tmp_path / "noise"
    path.write_bytes(b"\x03" * 900)
    with Parser() as parser:
        descriptor = os.open(path, os.O_RDONLY)
        assert parser.header(descriptor, 900) is None
        os.close(descriptor)


# --- the guard ------------------------------------------------------------------------------------------------------


def encapsulated(*items: bytes) -> bytes:
    """Items of encapsulated pixels, the offset table first."""
    parts = [b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item for item in items]
    return b"".join(parts) + b"\xfe\xff\xdd\xe0" + bytes(4)


def pieces(data: bytes, frames: int) -> list[list[bytes]]:
    place = PixelPlace(0x7FE00010, 0, UNDEFINED_LENGTH)
    found = guard.pieces_of(lambda offset, length: data[offset : offset + length], place, frames)
    return [[data[one.offset : one.offset + one.length] for one in piece] for piece in found]


def test_all_fragments_of_a_single_frame_are_one():
    assert pieces(encapsulated(b"", b"aa", b"bb"), 1) == [[b"aa", b"bb"]]


def test_as_many_fragments_as_frames_are_one_each():
    assert pieces(encapsulated(b"", b"aa", b"bb"), 2) == [[b"aa"], [b"bb"]]


def test_the_offset_table_says_where_frames_begin():
    table = (0).to_bytes(4, "little") + (20).to_bytes(4, "little")
    assert pieces(encapsulated(table, b"aa", b"bb", b"cc"), 2) == [[b"aa", b"bb"], [b"cc"]]


def test_without_a_table_frames_begin_where_a_code_stream_does():
    data = encapsulated(b"", b"\xff\xd8\xff\xe0", b"rest", b"\xff\xd8\xff\xe0")
    assert pieces(data, 2) == [[b"\xff\xd8\xff\xe0", b"rest"], [b"\xff\xd8\xff\xe0"]]


def test_frames_that_cannot_be_told_apart_are_refused():
    with pytest.raises(Refusal):
        pieces(encapsulated(b"", b"aa", b"bb", b"cc"), 2)


@pytest.mark.parametrize("codec", ["j2k", "jpeg-ls", "jpeg"])
def test_a_code_stream_of_another_size_is_refused_before_any_decoder(codec: str):
    encode = {
        "j2k": lambda image: imagecodecs.jpeg2k_encode(image, level=0),
        "jpeg-ls": imagecodecs.jpegls_encode,
        "jpeg": imagecodecs.jpeg8_encode,
    }[codec]
    data = bytes(encode(np.zeros((32, 16), np.uint8)))
    guard.check_frame(data, len(data), codec, frame(rows=32, columns=16))
    with pytest.raises(Refusal) as refusal:
        guard.check_frame(data, len(data), codec, frame(rows=16, columns=16))
    assert refusal.value.code == "size-mismatch"


def test_a_tiny_stream_for_a_huge_picture_is_a_bomb():
    with pytest.raises(Refusal) as refusal:
        guard.check_frame(b"", 500, "jxl", frame(rows=65000, columns=65000))
    assert refusal.value.code == "bomb"
