"""What the bench measures on: made scans, so that it runs anywhere, and the real chest CT where it is unpacked."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
from make import dicom
from numpy.typing import NDArray

# As many attributes as a scanner's file has (88 to 136 in the real ones), so that no header is flattering.
SCANNER: dict[Any, Any] = {
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "InstanceCreationDate": "20200102",
    "InstanceCreationTime": "101502.123",
    "SeriesDate": "20200102",
    "AcquisitionDate": "20200102",
    "ContentDate": "20200102",
    "SeriesTime": "101501",
    "AcquisitionTime": "101502.123",
    "ContentTime": "101503.456",
    "AccessionNumber": "A1234567",
    "Manufacturer": "Phantom Works",
    "ManufacturerModelName": "Ell 64",
    "InstitutionName": "Hospital of the Bench",
    "InstitutionAddress": "1 Measure Street",
    "ReferringPhysicianName": "Ref^Erring",
    "PerformingPhysicianName": "Per^Forming",
    "OperatorsName": "Oper^Ator",
    "StationName": "CT01",
    "StudyDescription": "Chest with contrast",
    "SeriesDescription": "Chest 1.0 B40f",
    "InstitutionalDepartmentName": "Radiology",
    "PatientSex": "O",
    "PatientAge": "050Y",
    "PatientSize": "1.75",
    "PatientWeight": "75",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL",
    "SliceThickness": "1.0",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "DeviceSerialNumber": "12345",
    "SoftwareVersions": "1.2.3",
    "ProtocolName": "Chest",
    "ReconstructionDiameter": "360",
    "DistanceSourceToDetector": "1040",
    "DistanceSourceToPatient": "570",
    "GantryDetectorTilt": "0",
    "TableHeight": "150",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "200",
    "Exposure": "100",
    "FilterType": "BODY",
    "GeneratorPower": "24",
    "FocalSpots": "1.2",
    "ConvolutionKernel": "B40f",
    "PatientPosition": "HFS",
    "StudyID": "4711",
    "AcquisitionNumber": "1",
    "PositionReferenceIndicator": "XY",
    "WindowCenter": ["40", "-600"],
    "WindowWidth": ["400", "1600"],
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
    "PerformedProcedureStepStartDate": "20200102",
    "PerformedProcedureStepStartTime": "101400",
    "PerformedProcedureStepID": "P4711",
    "PerformedProcedureStepDescription": "Chest with contrast",
    **{(0x00290010 + 0x10 * n): ("LO", f"PRIVATE BLOCK {n}") for n in range(2)},
    **{0x00291000 + n: ("DS", f"{n * 1.25:.4f}") for n in range(16)},
    0x00291110: ("OB", bytes(range(256)) * 4),
}


def real_ct() -> Path | None:
    """The folder of the real chest CT (84 files), if it is unpacked."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("TOMOTHEQUE_TEST_DATA", os.path.join(cache, "tomotheque-test-data"))) / "ct-thorax"
    return folder if folder.is_dir() else None


def made_ct(folder: Path, slices: int = 500, size: int = 512) -> Path:
    """A series of `slices` files of size x size uint16 with CT-like noise, under shuffled names; written once."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    random = np.random.default_rng(7)
    plane = random.integers(0, 2000, (size, size), dtype=np.uint16)
    start = _template("CT", size)
    for k, place in enumerate(random.permutation(slices)):
        pixels = np.roll(plane, 7 * k, axis=k % 2).tobytes()
        (folder / f"IM{place:06d}").write_bytes(_filled(start, 0, k) + pixels)
    os.sync()  # pages that are not written cannot be dropped for the cold runs
    return folder


CODEC_FUNCTIONS = {"jpeg2k": "jpeg2k", "jpegls": "jpegls", "ljpeg": "ljpeg", "htj2k": "jpeg2k"}


def compressed_ct(folder: Path, codec: str, syntax: str, slices: int) -> list[tuple[str, int, int]]:
    """Slices of the phantom, compressed without loss; (path, offset, length) of each frame in its file."""
    import imagecodecs

    encoders = {
        "jpeg2k": lambda plane: imagecodecs.jpeg2k_encode(plane, level=0, codecformat="j2k", reversible=True),
        "jpegls": imagecodecs.jpegls_encode,
        "ljpeg": lambda plane: imagecodecs.ljpeg_encode(plane, bitspersample=12),
        "htj2k": lambda plane: imagecodecs.htj2k_encode(plane, reversible=True),
    }
    folder.mkdir(parents=True)
    values, _ = thorax_phantom((slices, 512, 512))
    start = _template("CT", 512, syntax)[:-12]  # without the head of the pixel element
    frames = []
    for k, plane in enumerate((values + 1024).astype(np.uint16)):
        data = encoders[codec](plane)
        data += b"\0" * (len(data) % 2)
        head = _filled(start, 0, k) + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, dicom.UNDEFINED)
        head += struct.pack(
            "<HHIHHI", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE000, len(data)
        )  # an empty offset table, one fragment
        path = folder / f"IM{k:06d}"
        path.write_bytes(head + data + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
        frames.append((str(path), len(head), len(data)))
    return frames


def many(folder: Path, series: int, each: int, size: int, modality: str = "CT") -> Path:
    """`series` folders of `each` files, one patient a folder; pixels are holes, so that the disk stays small."""
    if folder.exists():
        return folder
    start = _template(modality, size)
    for s in range(series):
        below = folder / f"S{s:05d}"
        below.mkdir(parents=True)
        for n in range(each):
            path = below / f"IM{n:06d}"
            path.write_bytes(_filled(start, s, n))
            os.truncate(path, len(start) + 2 * size * size)
    return folder


_SERIES, _IMAGE, _POSITION = b"7700000000", b"8800000000", b"-99999.9"  # as wide as what takes their place


def _template(modality: str, size: int, syntax: str = dicom.EXPLICIT_LE) -> bytes:
    """A file up to its pixels; large images have a scanner's header, small ones a short one."""
    tail = _SERIES.decode()
    image = f"2.25.{tail}{_IMAGE.decode()}"
    plane = np.zeros((size, size), np.uint16)
    attributes = {
        "SOPClassUID": dicom.SOP_CLASSES[modality],
        "SOPInstanceUID": image,
        "Modality": modality,
        "PatientName": f"Name{tail}^Given",
        "PatientID": f"ID{tail}",
        "PatientBirthDate": "19700101",
        "StudyDate": "20200102",
        "StudyTime": "101500",
        "StudyInstanceUID": f"2.25.1{tail}",
        "SeriesInstanceUID": f"2.25.2{tail}",
        "FrameOfReferenceUID": f"2.25.3{tail}",
        "SeriesNumber": 1,
        "InstanceNumber": _IMAGE.decode(),
        **dicom.slice_attributes(plane, 0, np.diag([0.7, 0.7, 0.8, 1.0])),
        "ImagePositionPatient": f"-175.0\\-175.0\\{_POSITION.decode()}",
        **(SCANNER if size > 64 else {}),
        "PixelData": plane.tobytes(),
    }
    data = dicom.dataset_bytes(attributes)
    whole = dicom.file_bytes(data, syntax=syntax, sop_class=attributes["SOPClassUID"], sop_instance=image)
    return whole[: -plane.nbytes]


def _filled(start: bytes, series: int, number: int) -> bytes:
    own = start.replace(_SERIES, b"7%09d" % series).replace(_IMAGE, b"%010d" % (number + 1))
    return own.replace(_POSITION, b"%8.1f" % (number * 0.8))


def thorax_phantom(shape_kji: tuple[int, int, int] = (300, 512, 512)) -> tuple[NDArray[np.int16], tuple[float, ...]]:
    """HU of a body-like phantom (fat, muscle, lungs, heart, spine, ribs, rod; noise of +-30 HU) and its spacing i, j, k."""
    spacing_mm = (0.75 * 512 / shape_kji[2], 0.75 * 512 / shape_kji[1], 300 / shape_kji[0])
    k, j, i = (
        np.arange(n, dtype=np.float32)[(slice(None),) + (None,) * (2 - axis)] for axis, n in enumerate(shape_kji)
    )
    x = (i - shape_kji[2] / 2) * spacing_mm[0]
    y = (j - shape_kji[1] / 2) * spacing_mm[1]
    z = (k - shape_kji[0] / 2) * spacing_mm[2]
    body = (x / 170) ** 2 + (y / 115) ** 2
    values = np.where(body + 0 * z < 1, np.float32(-90), np.float32(-1000))
    values[(body + 0 * z) < 0.82] = 45
    for side in (-1, 1):
        lung = ((x - side * 75) / 58) ** 2 + (y / 80) ** 2 + (z / 135) ** 2
        values[lung < 1] = -830
    values[((x + 15) / 45) ** 2 + ((y + 25) / 40) ** 2 + ((z + 20) / 55) ** 2 < 1] = 180
    spine = (x / 22) ** 2 + ((y - 78) / 18) ** 2 + 0 * z
    values[spine < 1] = 350
    ring = np.abs(np.sqrt((x / 150) ** 2 + (y / 98) ** 2) - 0.93)
    ribs = (ring < 0.035) & (np.abs((z + 0.35 * np.abs(x)) % 28 - 14) < 5)
    values[ribs] = 700
    values[((x - 60) ** 2 + (y + 60) ** 2 + 0 * z) < 9] = 3000
    values += np.random.default_rng(11).uniform(-30, 30, shape_kji).astype(np.float32)
    return np.clip(np.rint(values), -1024, 3071).astype(np.int16), spacing_mm
