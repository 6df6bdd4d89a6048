"""SUVbw: the factor from Bq/ml to standardised uptake by body weight, where the conditions of the standard hold."""

from datetime import datetime, timedelta

from archive.intake.header import Header

DAY_S = 86_400.0
GE_SCAN_TIME = (0x0009, "GEMS_PETD_01", 0x0D)  # the scan's start where a GE series was reconstructed or derived later


def factor_of(header: Header) -> float | None:
    """SUVbw = value in Bq/ml * factor; None unless units, corrections, dose, weight and times are all there.

    Units BQML, corrected for attenuation and decay, decay counted from the scan's start or from the injection
    (PS3.3 C.8.9.1.1.4 and C.8.9.1.1.5). Counts and proportions never become SUV.
    """
    if header.text("Units").upper() != "BQML" or not {"ATTN", "DECY"} <= set(header.texts("CorrectedImage")):
        return None
    drugs = header.items("RadiopharmaceuticalInformationSequence")
    weight_kg = next(iter(header.numbers("PatientWeight")), 0.0)
    if len(drugs) != 1 or weight_kg <= 0:
        return None
    dose_bq = next(iter(drugs[0].numbers("RadionuclideTotalDose")), 0.0)
    half_life_s = next(iter(drugs[0].numbers("RadionuclideHalfLife")), 0.0)
    elapsed_s = _elapsed_s(header, drugs[0])
    if dose_bq <= 0 or half_life_s <= 0 or elapsed_s is None:
        return None
    factor = weight_kg * 1000 / (dose_bq * 2.0 ** (-elapsed_s / half_life_s))
    return factor if 0 < factor < float("inf") else None


def _elapsed_s(header: Header, drug: Header) -> float | None:
    """From the injection to the time that decay was corrected to."""
    correction = header.text("DecayCorrection").upper()
    if correction == "ADMIN":
        return 0.0
    begun = _scan_begin(header) if correction == "START" else None
    if begun is None:
        return None
    injected = _moment(drug.text("RadiopharmaceuticalStartDateTime"), "")
    if injected is None:
        injected = _moment(begun.strftime("%Y%m%d"), drug.text("RadiopharmaceuticalStartTime"))
        if injected is not None and injected > begun:
            injected -= timedelta(days=1)  # only the hour was noted, and midnight has passed
    elapsed_s = (begun - injected).total_seconds() if injected is not None else -1.0
    return elapsed_s if 0 <= elapsed_s < DAY_S else None


def _scan_begin(header: Header) -> datetime | None:
    """The series' time, unless it is later than the first image's: then it tells when it was derived."""
    series = _moment(header.text("SeriesDate"), header.text("SeriesTime"))
    acquired = _moment(header.text("AcquisitionDate"), header.text("AcquisitionTime"))
    if series is not None and acquired is not None and series <= acquired:
        return series
    private = header.private(*GE_SCAN_TIME)
    return _moment(private.decode("ascii", "replace").strip(" \0"), "") if private else None


def _moment(date: str, time: str) -> datetime | None:
    """A DA and a TM, or a DT, as a moment; zones are left out, as both moments come from one clock."""
    digits = (date + time).partition("+")[0].partition("-")[0]
    whole, _, _ = digits.partition(".")
    try:
        return datetime.strptime(whole.ljust(14, "0")[:14], "%Y%m%d%H%M%S") if len(whole) >= 10 else None
    except ValueError:
        return None
