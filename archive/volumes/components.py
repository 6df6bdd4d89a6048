"""Components: what the pixels of an MR frame are a picture of, so that one stack never mixes two quantities."""

from archive.stack import FrameRecord

COMPONENTS = {  # values of ImageType, FrameType or ComplexImageComponent that make another quantity of the pixels
    "M": "magnitude",
    "MAGNITUDE": "magnitude",
    "P": "phase",
    "PHASE": "phase",
    "PHASE MAP": "phase",
    "R": "real",
    "REAL": "real",
    "I": "imaginary",
    "IMAGINARY": "imaginary",
    "B0": "field-map",
    "B0 MAP": "field-map",
    "FIELD_MAP": "field-map",
    "VELOCITY": "velocity",
    "VELOCITY MAP": "velocity",
    "PCA": "velocity",
    "ADC": "adc",
    "ADC_MAP": "adc",
    "FA": "anisotropy",
}
STRONGER = ("field-map", "velocity", "phase", "adc", "anisotropy", "real", "imaginary", "magnitude")


def component_of(frame: FrameRecord) -> str:
    """Magnitude, phase, field map...: what an MR frame's pixels are a picture of; "" where nothing says."""
    if frame.modality not in ("MR", ""):  # CT and PET write letters of other meaning there
        return ""
    found = {COMPONENTS[value] for value in frame.image_type[2:] if value in COMPONENTS}
    return next((word for word in STRONGER if word in found), "")
