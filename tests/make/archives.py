"""Small studies on disk and archives that hold them, for tests of the index."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from make import dicom

from archive.importing.order import import_paths
from archive.importing.receipt import Receipt
from archive.index.catalogue import Catalogue


def series(folder: Path, slices: int = 3, **attributes: Any) -> str:
    """A series of small slices, one file each; its SeriesInstanceUID. Values differ by folder."""
    values = np.full((slices, 4, 4), len(folder.name), np.int16) + np.arange(slices, dtype=np.int16)[:, None, None]
    return dicom.write_series(folder, values, np.diag([1.0, 1.0, 2.0, 1.0]), **attributes)


def receipt_of(catalogue: Catalogue, *paths: Path | str) -> Receipt:
    """Import and hand back the receipt, having demanded that its numbers add up."""
    *_, last = import_paths([os.fsencode(path) for path in paths], catalogue, None)
    assert last.receipt is not None
    counts = dict(last.receipt.files)
    assert counts.pop("found") == sum(counts.values())
    return last.receipt


def contents(catalogue: Catalogue) -> Any:
    """All a catalogue holds, in a form that does not depend on the order in which it came."""
    studies = []
    for study in catalogue.search(limit=10**6).studies:
        own = []
        for row in study.series:
            record = catalogue.series_by(row.key)
            files = sorted((f.path, f.member or "", f.size, f.sop_instance_uid, f.number or 0) for f in record.files)
            own.append((row.series_uid, row.instances, row.frames, row.bytes, row.state, row.verdict, row.kind, files))
        studies.append((study.study_uid, study.patient.patient_id, study.patient.names, study.instances, study.tags,
                        study.note, study.state, sorted(own, key=repr)))  # fmt: skip
    return catalogue.totals(), sorted(studies, key=repr)
