"""The viewer's manifest: stacks arrive whole, paths stay bytes, what is damaged is refused."""

import os
import socket

import pytest

from archive.stack import Dimension, FileRef, FrameRecord, PixelPlace, Stack, Verdict
from shell import parcels
from shell import viewer_manifest as manifest

ODD = b"/media/CD \xff\n\x80/IMG\t1"


def a_stack() -> tuple[Stack, list[FileRef]]:
    frames = tuple(
        FrameRecord(
            file=k, frame=0, rows=4, columns=5, position_patient_mm=(0.0, 0.0, float(k)), windows=((40.0, 400.0, "A"),)
        )
        for k in range(3)
    )
    rows = tuple(tuple(float(i == j) for j in range(4)) for i in range(4))
    stack = Stack(
        "volume",
        ((frames[0], None, frames[2]),),
        Verdict("missing", {"slices": [1], "count": 1}),
        4,
        5,
        rows,  # type: ignore[arg-type]
        (0.0, 2.0),
        Dimension("EchoTime", (4.6,)),
        ("magnitude",),
    )
    files = [
        FileRef(ODD, 10, 20, "1.2.840.10008.1.2.1", PixelPlace(0x7FE00010, 132, 40), None, "1.2.3", 1),
        FileRef(b"/a.zip", 11, 21, "1.2", None, "é/DICOM", "", None),
        FileRef(b"/b", 12, 22, "1.2"),
    ]
    return stack, files


def test_a_stack_arrives_as_it_was_sent():
    stack, files = a_stack()
    got = manifest.unpack(manifest.pack_stack(stack, files))
    assert got.stack == stack and got.stack.verdict.facts == stack.verdict.facts
    assert got.files == tuple(files)


def test_no_path_stands_in_the_json():
    stack, files = a_stack()
    packed = manifest.pack_stack(stack, files)
    length = int.from_bytes(packed[8:12], "little")
    assert b"media" not in packed[12 : 12 + length] and b"DICOM" not in packed[12 : 12 + length]


def test_a_stack_arrives_through_the_channel_and_cannot_be_changed():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    handle = parcels.sealed(manifest.pack_stack(*a_stack()))
    with here, there:
        parcels.send(here, handle)
        with pytest.raises(PermissionError):
            os.write(handle, b"x")
        os.close(handle)
        assert manifest.unpack(parcels.received(there)).stack == a_stack()[0]


def test_the_end_of_the_channel_is_told_apart():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.close()
    with there, pytest.raises(EOFError):
        parcels.received(there)


@pytest.mark.parametrize("cut", [0, 4, 8, 11, 40, 400, -1])
def test_a_cut_manifest_is_refused(cut):
    packed = manifest.pack_stack(*a_stack())
    with pytest.raises(parcels.BadParcel):
        manifest.unpack(packed[:cut])


def test_an_unsealed_descriptor_is_refused():
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    loose = os.memfd_create("loose", os.MFD_ALLOW_SEALING)
    os.write(loose, manifest.pack_stack(*a_stack()))
    with here, there:
        parcels.send(here, loose)
        os.close(loose)
        with pytest.raises(parcels.BadParcel):
            parcels.received(there)
