"""What am I looking at: the facts and words of one sentence about a series."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from archive.intake.header import Header
from archive.volumes.stack import FrameRecord, Split, Stack

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
    words = {"modality": f"modality.{_modality(header, frame)}"}
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
