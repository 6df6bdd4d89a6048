"""What am I looking at: the facts and words of one sentence about a series."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from archive.intake.header import Header
from archive.stack import FrameRecord, Split, Stack

MODALITIES = (
    *("CT", "MR", "PT", "NM", "US", "XA", "RF", "CR", "DX", "MG", "OP", "OT", "SC", "SM"),
    *("SEG", "RTSTRUCT", "RTDOSE", "RTPLAN", "SR", "DOC", "KO", "PR", "ECG", "ANN", "REG"),
)
PARTS = {  # BodyPartExamined, PS3.16 annex L and what scanners write instead -> word of the catalogue (`part.<word>`)
    "HEAD": "head",
    "SKULL": "head",
    "BRAIN": "brain",
    "NECK": "neck",
    "HEADNECK": "head-neck",
    "CHEST": "chest",
    "THORAX": "chest",
    "LUNG": "chest",
    "HEART": "heart",
    "ABDOMEN": "abdomen",
    "PELVIS": "pelvis",
    "CHESTABDPELVIS": "trunk",
    "ABDOMENPELVIS": "abdomen",
    "BREAST": "breast",
    "SPINE": "spine",
    "CSPINE": "cervical-spine",
    "TSPINE": "thoracic-spine",
    "LSPINE": "lumbar-spine",
    "SHOULDER": "shoulder",
    "ELBOW": "elbow",
    "WRIST": "wrist",
    "HAND": "hand",
    "HIP": "hip",
    "KNEE": "knee",
    "ANKLE": "ankle",
    "FOOT": "foot",
    "LEG": "leg",
    "ARM": "arm",
    "WHOLEBODY": "whole-body",
}


@dataclass(frozen=True)
class About:
    """A sentence of the catalogue (`about.<code>`), its facts, and the facts that are themselves ids of the catalogue."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "facts": self.facts, "words": self.words}


def about(header: Header | None, split: Split) -> About:
    """The sentence's parts for a series whose first header and split are these."""
    if not split.stacks:
        return About("empty")
    main = max(split.stacks, key=_size)
    frame = next((frame for frame in main.frames[0] if frame is not None), None)
    words = {"modality": f"modality.{_scan_word(header, frame, main)}"}
    part = PARTS.get(header.text("BodyPartExamined").upper().replace(" ", "")) if header else None
    if part:
        words["part"] = f"part.{part}"
    if main.title and main.title[-1] in PLANES:
        words["plane"] = f"title.{main.title[-1]}"
    more = "-part" if part and main.kind != "document" else ""
    return About(_code(main) + more, _facts(main, split), words)


PLANES = ("axial", "coronal", "sagittal", "oblique")


def _size(stack: Stack) -> tuple[bool, int]:
    return stack.kind == "volume", stack.times * stack.slices * stack.rows * stack.columns


def _modality(header: Header | None, frame: FrameRecord | None) -> str:
    said = (header.text("Modality") if header else "") or (frame.modality if frame else "")
    return said if said in MODALITIES else "other"


def _scan_word(header: Header | None, frame: FrameRecord | None, main: Stack) -> str:
    """The modality, and what is certain of it: the kind of MR sequence, a contrast agent, a tracer, a localizer."""
    modality = _modality(header, frame)
    if header is None or modality not in FURTHER:
        return modality
    if "localizer" in main.title:
        return f"{modality}-localizer" if modality != "PT" else modality
    kind = FURTHER[modality](header, frame)
    agent = header.text("ContrastBolusAgent").strip().upper()
    has_contrast = modality != "PT" and agent not in NO_AGENT and any(letter.isalpha() for letter in agent)
    return "-".join([modality, *([kind] if kind else []), *(["contrast"] if has_contrast else [])])


NO_AGENT = ("", "NO", "NONE", "N", "NIL", "SANS", "OHNE", "NON", "NEIN", "WITHOUT", "NO CONTRAST", "UNKNOWN", "NATIVE")


def _mr_kind(header: Header, frame: FrameRecord | None) -> str:
    """The weighting, by physics where physics leaves no doubt; "" for all gradient echoes but the prepared ones."""
    labels = dict(frame.labels) if frame is not None else {}
    if "DiffusionBValue" in labels or "DIFFUSION" in header.texts("ImageType"):
        return "diffusion"
    sequence = set(header.texts("ScanningSequence"))
    times = [next(iter(header.numbers(word)), 0.0) for word in ("RepetitionTime", "EchoTime", "InversionTime")]
    tr_ms, te_ms, ti_ms = times
    if "EP" in sequence or te_ms <= 0 or tr_ms <= 0:
        return ""
    for kind, needs, holds in WEIGHTINGS:
        if needs <= sequence and holds(tr_ms, te_ms, ti_ms):
            return kind
    return ""


WEIGHTINGS: tuple[tuple[str, set[str], Callable[[float, float, float], bool]], ...] = (
    ("flair", {"IR"}, lambda tr, te, ti: ti >= 1600 and te >= 70 and tr >= 4000),
    ("stir", {"IR"}, lambda tr, te, ti: 100 <= ti <= 260 and tr >= 2000),
    ("t1", {"GR", "IR"}, lambda tr, te, ti: 600 <= ti <= 1300 and te <= 8),
    ("t1", {"SE"}, lambda tr, te, ti: tr <= 900 and te <= 25 and ti <= 0),
    ("t2", {"SE"}, lambda tr, te, ti: tr >= 2000 and te >= 75 and ti <= 0),
    ("pd", {"SE"}, lambda tr, te, ti: tr >= 2000 and te <= 35 and ti <= 0),
)


def _pt_kind(header: Header, _: FrameRecord | None) -> str:
    """The tracer, where it is the common one."""
    drugs = header.items("RadiopharmaceuticalInformationSequence")
    said = " ".join(text for drug in drugs for text in _drug_texts(drug)).upper()
    return "fdg" if "FDG" in said or "FLUORODEOXYGLUCOSE" in said else ""


def _drug_texts(drug: Header) -> list[str]:
    codes = drug.items("RadiopharmaceuticalCodeSequence")
    return [drug.text("Radiopharmaceutical"), *(code.text("CodeMeaning") for code in codes)]


FURTHER: dict[str, Callable[[Header, FrameRecord | None], str]] = {
    "CT": lambda header, frame: "",
    "MR": _mr_kind,
    "PT": _pt_kind,
}
MR_KINDS = ("diffusion", "flair", "stir", "t1", "t2", "pd")
SCAN_WORDS = (  # every word that stands for a modality of which more is known
    *("CT-localizer", "MR-localizer", "CT-contrast", "MR-contrast", "PT-fdg"),
    *(f"MR-{kind}" for kind in MR_KINDS),
    *(f"MR-{kind}-contrast" for kind in MR_KINDS),
)


def _code(stack: Stack) -> str:
    return "volumes" if stack.kind == "volume" and stack.times > 1 else stack.kind


def _facts(stack: Stack, split: Split) -> dict[str, Any]:
    facts = {
        "count": stack.slices,
        "times": stack.times,
        "rows": stack.rows,
        "columns": stack.columns,
        "stacks": len(split.stacks),
    }
    found = stack.verdict.facts
    if "least_mm" in found:
        return facts | {"step_mm": f"{found['least_mm']}–{found['most_mm']}"}
    return facts | ({"step_mm": round(found["step_mm"], 2)} if "step_mm" in found else {})


def sentence(said: About, say: Callable[..., str]) -> str:
    """The sentence in the language of `say(id, **facts)`."""
    words = {name: say(identifier) for name, identifier in said.words.items()}
    return say(f"about.{said.code}", **said.facts, **words)
