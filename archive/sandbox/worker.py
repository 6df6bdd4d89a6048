"""The far end of the sandbox: a child that parses or decodes foreign bytes, one request at a time, behind the lock.

It is started as `python -I -c ...` with one inherited socket; it gets descriptors, never paths, and ends when the socket
does. Kinds: "parser" (DICOM headers), "decoder" (frames), "other" (files that are not DICOM).
"""

import logging
import os
import select
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from archive.sandbox import channel, limits
from archive.sandbox.channel import Message

MOST_READ_BYTES = 4 << 30
Answer = tuple[Message, list[int]]
Task = Callable[[Message, list[int]], Answer]


def main(kind: str, descriptor: int) -> None:
    """Import, lock, answer until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    near = socket.socket(fileno=descriptor)  # before the lock: afterwards the socket's kind cannot be asked for
    task = TASKS[kind]()
    threading.Thread(target=_end_with_parent, args=(near,), daemon=True).start()
    base = limits.base_bytes()
    missing = limits.lock()
    channel.send(near, {"ready": True, "missing": list(missing)})
    try:
        while True:
            _serve(near, task, base)
    except channel.Closed:
        os._exit(0)


def _end_with_parent(near: socket.socket) -> None:
    """End even in the middle of a decode when the other end is closed, as it is when the parent was killed."""
    watch = select.poll()
    watch.register(near, 0)  # hanging up is reported unasked
    watch.poll()
    os._exit(0)


def _serve(near: socket.socket, task: Task, base: int) -> None:
    message, descriptors = channel.receive(near)
    made: list[int] = []
    try:
        limits.allow(base, int(message.get("expected_bytes", 64 << 20)))
        answer, made = task(message, descriptors)
    except Exception as error:  # noqa: BLE001 - whatever a library raises on foreign bytes is one answer
        answer = {"error": _code_of(error)}
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    channel.send(near, answer, tuple(made))
    for descriptor in made:
        os.close(descriptor)


def _code_of(error: Exception) -> str:
    """A word for the reason: messages of libraries may hold values of the file and never leave the child."""
    if isinstance(error, MemoryError):
        return "too-large"
    code = getattr(error, "code", "")
    return code if isinstance(code, str) and code else "undecodable"


def read_whole(descriptor: int, offset: int, length: int) -> bytes:
    """Bytes of a descriptor, as many as there are."""
    parts, done = [], 0
    while done < min(length, MOST_READ_BYTES):
        part = os.pread(descriptor, min(length - done, 16 << 20), offset + done)
        if not part:
            break
        parts.append(part)
        done += len(part)
    return b"".join(parts)


# --- tasks ----------------------------------------------------------------------------------------------------------


def _decoder() -> Task:
    """Frames: {syntax, pieces, options} and [file, result] -> the array in the result, its dtype and shape in the answer."""
    import numpy as np

    from archive.sandbox import codecs

    codecs.install()
    _warm_up(codecs)

    def decode(message: Message, descriptors: list[int]) -> Answer:
        source, result = descriptors
        data = b"".join(read_whole(source, offset, length) for offset, length in message["pieces"])
        frame = codecs.decode(data, message["syntax"], message["options"])
        frame = np.ascontiguousarray(frame).astype(frame.dtype.newbyteorder("<"), copy=False)
        if frame.nbytes > int(message["expected_bytes"]):
            return {"error": "size-mismatch"}, []
        channel.write_all(result, channel.bytes_of(frame))
        return {"dtype": frame.dtype.str, "shape": list(frame.shape)}, []

    return decode


def _warm_up(codecs: Any) -> None:
    """Decode a tiny frame of every kind, so that nothing is left to import behind the lock."""
    import imagecodecs
    import numpy as np

    square = np.arange(64, dtype=np.uint8).reshape(8, 8)
    options = {
        "rows": 8,
        "columns": 8,
        "samples_per_pixel": 1,
        "number_of_frames": 1,
        "bits_allocated": 8,
        "bits_stored": 8,
        "pixel_representation": 0,
        "photometric_interpretation": "MONOCHROME2",
        "pixel_keyword": "PixelData",
    }
    samples = {
        "1.2.840.10008.1.2.4.50": imagecodecs.jpeg8_encode(square),
        "1.2.840.10008.1.2.4.70": imagecodecs.ljpeg_encode(square),
        "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_encode(square),
        "1.2.840.10008.1.2.4.90": imagecodecs.jpeg2k_encode(square, level=0),
        "1.2.840.10008.1.2.4.110": imagecodecs.jpegxl_encode(square, lossless=True),
    }
    for syntax, data in samples.items():
        codecs.decode(bytes(data), syntax, options)
    imagecodecs.jpegsof3_decode  # noqa: B018 - loading the codec is the point
    imagecodecs.dicomrle_decode  # noqa: B018


def _parser() -> Task:
    """Headers: {size} and [file] -> a packed header in a sealed memfd."""
    from archive.sandbox import parsing

    parsing.warm_up()

    def parse(message: Message, descriptors: list[int]) -> Answer:
        facts, packed = parsing.header_of(descriptors[0], int(message["size"]))
        result = channel.shared_memory(len(packed))
        channel.write_all(result, memoryview(packed))
        return {**facts, "packed_bytes": len(packed)}, [result]

    return parse


def _other() -> Task:
    """Other files: {op: describe | voxels, size, ...} and [file, ...] -> a description, or voxels in a sealed memfd."""
    from archive.sandbox import others as reading

    return reading.warm_up()


TASKS: dict[str, Callable[[], Task]] = {"decoder": _decoder, "parser": _parser, "other": _other}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
