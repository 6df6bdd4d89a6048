"""Searching an archive: requests are {"build": studies}, {"open": true} (opened and its first page read) and {"text": words}.

`our_search DATA_DIR`
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.peers.serving import clocked, serve

SURNAMES = ("Dupont", "Müller", "García", "Nguyễn", "O'Brien", "Yamada", "Smith", "Kowalski", "Rossi", "Silva", "Novák")
GIVEN = ("Jean", "Anna", "José", "Linh", "Siobhan", "Tarō", "Ada", "Jan", "Lucia", "João", "Eva", "Marie", "Paul")
STUDIES = ("Chest with contrast", "Brain MR", "Genou gauche", "Abdomen", "Whole body PET", "Lumbar spine", "Thorax")


def start() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[2]))  # for `make`
    from archive.index.catalogue import Catalogue

    data_dir = sys.argv[1]
    held: list[Any] = []

    def open_first_page() -> None:
        held[:] = [Catalogue.open(data_dir)]
        held[0].search("")

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if "build" in request:
            return clocked(lambda: build(data_dir, request["build"]))
        if "open" in request:
            return clocked(open_first_page)
        return clocked(lambda: held[0].search(request["text"]))

    return answer


def build(data_dir: str, studies: int) -> None:
    """An archive of so many studies of one image each."""
    from archive.index.adding import Adder, Arrival
    from archive.index.catalogue import Catalogue

    random = np.random.default_rng(5)
    with Catalogue.open(data_dir, create=True) as catalogue:
        adder = Adder(catalogue.engine, lambda one, other: False)
        for first in range(0, studies, 1000):
            folder = adder.folder(b"/bench/%d" % first)
            batch = [
                Arrival(folder, b"%d" % n, None, 1000, 0, header(random, n))
                for n in range(first, min(first + 1000, studies))
            ]
            adder.add(batch)


def header(random: Any, number: int) -> Any:
    from make import dicom

    from archive.intake.scanner import scan

    name = f"{random.choice(SURNAMES)}{number % 97}^{random.choice(GIVEN)}"
    uid = f"2.25.{number + 1}"
    attributes = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": dicom.SOP_CLASSES["CT"],
        "SOPInstanceUID": f"{uid}.3",
        "Modality": str(random.choice(("CT", "MR", "PT"))),
        "PatientName": name,
        "PatientID": f"ID{number % (1 << 16):06d}",
        "PatientBirthDate": f"{random.integers(1930, 2010)}0{random.integers(1, 9)}15",
        "StudyDate": f"{random.integers(2005, 2025)}0{random.integers(1, 9)}{random.integers(10, 28)}",
        "StudyDescription": str(random.choice(STUDIES)),
        "InstitutionName": f"Hospital {number % 40}",
        "AccessionNumber": f"A{number:08d}",
        "StudyInstanceUID": f"{uid}.1",
        "SeriesInstanceUID": f"{uid}.2",
        "Rows": 1,
        "Columns": 1,
        "PixelData": b"\0\0",
    }
    data = dicom.file_bytes(
        dicom.dataset_bytes(attributes), sop_class=attributes["SOPClassUID"], sop_instance=f"{uid}.3"
    )
    return scan(data, len(data))


if __name__ == "__main__":
    serve(start)
