"""What stored integers mean: slope, intercept and unit, by modality."""

import math

from archive.intake.header import Header

UNITS = {  # values of RescaleType and Units that a person reads
    "HU": "HU",
    "HU_MOD": "HU",
    "BQML": "Bq/ml",
    "GML": "g/ml",
    "CM2ML": "cm²/ml",
    "PCNT": "%",
    "GY": "Gy",
    "MGML": "mg/ml",
    "CNTS": "counts",
    "OD": "OD",
}
UNKNOWN = ("", "US", "NONE", "PROPCNTS", "PROPCPS", "UNSPECIFIED", "NORMALIZED")


def rescale_of(header: Header) -> tuple[float, float]:
    """Slope and intercept of the modality transformation; a slope of 0 would make all values one and is read as 1."""
    slopes, intercepts = header.numbers("RescaleSlope"), header.numbers("RescaleIntercept")
    doses = header.numbers("DoseGridScaling")
    slope = (slopes or doses or (1.0,))[0]
    intercept = (intercepts or (0.0,))[0]
    usable = math.isfinite(slope) and slope != 0
    return (slope if usable else 1.0), (intercept if math.isfinite(intercept) else 0.0)


def unit_of(header: Header, top: Header | None = None) -> str | None:
    """The unit of rescaled values, or None where the file names none (`top`: the data set a functional group is of)."""
    said = header.text("Units") or (top.text("Units") if top else "") or header.text("DoseUnits")
    table = next(iter(header.items("ModalityLUTSequence")), None)
    said = (said or (table.text("ModalityLUTType") if table else "") or header.text("RescaleType")).upper()
    modality = header.text("Modality") or (top.text("Modality") if top else "")
    if said in UNKNOWN:  # PS3.3 C.8.2.1.1.6: CT without RescaleType is in Hounsfield units
        return "HU" if modality == "CT" and header.numbers("RescaleIntercept") else None
    return UNITS.get(said, said.lower())
