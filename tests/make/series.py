"""Headers, files and stacks of a folder of DICOM files, by the archive's own functions, without an archive."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.intake.found import FoundFile
from archive.intake.header import Header
from archive.intake.reading import header_of
from archive.stack import FileRef, FrameRecord, Split
from archive.volumes.frames import frames_of
from archive.volumes.splitting import split

SQUARE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Series:
    """What a folder holds."""

    files: tuple[FileRef, ...]
    headers: tuple[Header, ...]
    split: Split


def read(folder: Path, parser: Any = None) -> Series:
    """Every DICOM file below a folder (or one file), split into stacks."""
    paths = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    files, headers = [], []
    for path in paths:
        status = path.stat()
        found = FoundFile(os.fsencode(path), None, status.st_size, status.st_mtime_ns, None)
        header = header_of(found, parser)
        if isinstance(header, Header):
            headers.append(header)
            files.append(FileRef(found.path, found.size, found.mtime_ns, header.transfer_syntax, header.pixels))
    frames = [frame for index, header in enumerate(headers) for frame in frames_of(header, index, index)]
    return Series(tuple(files), tuple(headers), split(frames))


def frame(depth_mm: float = 0.0, **changes: Any) -> FrameRecord:
    """A 16 x 16 CT frame that lies at a depth along the head; anything else by keyword."""
    first = FrameRecord(
        file=0,
        frame=0,
        rows=16,
        columns=16,
        series_uid="1.2",
        modality="CT",
        position_patient_mm=(0.0, 0.0, depth_mm),
        orientation=SQUARE,
        pixel_spacing_mm=(1.0, 1.0),
    )
    return replace(first, **changes)


def frames(depths_mm: Any, **changes: Any) -> list[FrameRecord]:
    """One frame for each depth, numbered in this order, each in a file of its own."""
    return [frame(float(d), file=n, number=n + 1, name_order=n, **changes) for n, d in enumerate(depths_mm)]
