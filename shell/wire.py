"""Wire: our data classes as the JSON objects of the command line and the page; the one place that names their fields."""

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from shell.texts import Texts

if TYPE_CHECKING:
    from archive.index.records import OpenedRow, Page, SeriesRow, StudyRow, Totals, Verified
    from archive.stack import Dimension, FileRef, FrameRecord, Stack
    from archive.volumes.loading import Survey

Object = dict[str, Any]


def plain(value: Any) -> Any:
    """Any of our values as JSON knows it: no tuples, bytes, NumPy numbers, NaN or half characters."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
        return {str(name): plain(one) for name, one in value.items()}
    if kind is list or kind is tuple:
        return [plain(one) for one in value]
    if kind is float:
        return value if math.isfinite(value) else None
    return _seldom(value)


_AS_THEY_ARE: Final = frozenset((int, bool, NoneType))


def _seldom(value: Any) -> Any:
    """What search, which is asked while a person types, has none of."""
    if isinstance(value, Mapping):
        return plain(dict(value))
    if isinstance(value, list | tuple | set | frozenset):
        return plain(list(value))
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, bytes):
        return plain(os.fsdecode(value))
    if isinstance(value, str):
        return plain(str(value))
    if hasattr(value, "tolist"):  # NumPy's
        return plain(value.tolist())
    return value


def path_text(ref: "FileRef") -> str:
    """A file as it is shown: its path, and the member of a ZIP or TAR behind it."""
    path = os.fsdecode(ref.path)
    return f"{path}/{ref.member}" if ref.member else path


def page(found: "Page", texts: Texts, seconds: float) -> Object:
    """The `search` object."""
    studies = [study(row, texts) for row in found.studies]
    return {"query": list(found.query), "total": found.total, "studies": studies, "seconds": seconds}


def study(row: "StudyRow", texts: Texts) -> Object:
    """A study with its patient and series."""
    own = {name: getattr(row, name) for name in row.__slots__ if name not in ("patient", "series")}
    rows = [series(one, texts) for one in row.series]
    return plain(own | {"patient": asdict(row.patient), "series": rows})  # type: ignore[no-any-return]


def series(row: "SeriesRow", texts: Texts) -> Object:
    """A series; its verdict and the sentence about it in the person's language."""
    own = {name: getattr(row, name) for name in row.__slots__ if name not in ("verdict", "about")}
    verdict = texts.verdict(row.verdict) if row.verdict is not None else None
    return plain(own | {"verdict": verdict, "about": about(row.about, texts)})  # type: ignore[no-any-return]


def about(kept: Mapping[str, Any] | None, texts: Texts) -> str:
    """The sentence "what am I looking at" from its kept parts (archive.volumes.about.About.as_json)."""
    if not kept:
        return ""
    words = {name: texts.say(identifier) for name, identifier in kept["words"].items()}
    return texts.say(f"about.{kept['code']}", **kept["facts"], **words)


def totals(found: "Totals") -> Object:
    return asdict(found)


def opened(row: "OpenedRow", texts: Texts) -> Object:
    """A series that was opened lately."""
    return {
        "series_key": row.series_key,
        "at": row.at,
        "view": row.view,
        "study": study(row.study, texts),
        "series": series(row.series, texts),
    }


def verified(found: "Verified") -> Object:
    """The `verify` object."""
    items = [
        {
            "path": plain(one.path) + (f"/{one.member}" if one.member else ""),
            "state": one.state,
            "series_key": one.series_key,
        }
        for one in found.items
    ]
    counts = {name: getattr(found, name) for name in ("present", "offline", "missing", "changed")}
    return counts | {"items": items}


def stack(number: int, it: "Stack", files: "tuple[FileRef, ...]", survey: "Survey | None", texts: Texts) -> Object:
    """A stack of the `info` object. Without a survey (nothing could be read) the pixels' facts are null."""
    first = next((frame for frame in it.frames[0] if frame is not None), None) if it.frames else None
    return plain(  # type: ignore[no-any-return]
        {
            "stack": number,
            "title": title(it, texts),
            "kind": it.kind,
            "shape": [it.slices, it.rows, it.columns],
            "times": it.times,
            "series_uid": first.series_uid if first else None,
            "verdict": texts.verdict(it.verdict),
            "dimension": dimension(it.dimension, texts),
            **_geometry(it),
            **_pixels(survey),
            **_frame(first, files),
            "damaged": damaged(survey, files, texts),
        }
    )


def title(it: "Stack", texts: Texts) -> str:
    """The stack's title in words."""
    return ", ".join(texts.say(f"title.{word}") for word in it.title)


def dimension(it: "Dimension | None", texts: Texts) -> Object | None:
    if it is None:
        return None
    return {"name": it.name, "title": texts.say(f"dimension.{it.name}"), "values": list(it.values)}


def _geometry(it: "Stack") -> Object:
    matrix = it.patient_from_voxel
    if matrix is None:
        return {"patient_from_voxel": None, "spacing_mm": None, "positions_mm": list(it.positions_mm) or None}
    spacing = [math.hypot(*(matrix[row][axis] for row in range(3))) for axis in range(3)]
    shown = it.verdict.code in ("uneven", "missing", "wandering", "duplicate")
    return {
        "patient_from_voxel": [list(row) for row in matrix],
        "spacing_mm": spacing,
        "positions_mm": list(it.positions_mm) if shown else None,
    }


def _pixels(survey: "Survey | None") -> Object:
    if survey is None:
        return {"dtype": None, "unit": None, "slope": None, "intercept": None, "range": None}
    return {name: getattr(survey, name) for name in ("dtype", "unit", "slope", "intercept", "range")}


def _frame(first: "FrameRecord | None", files: "tuple[FileRef, ...]") -> Object:
    """What all frames of a stack share, from the first."""
    from archive.syntaxes import syntax_of

    if first is None:
        return {"windows": [], "photometric": None, "transfer_syntax": None, "lossy": False, "repaired": False}
    syntax = files[first.file].transfer_syntax
    return {
        "windows": [{"center": centre, "width": width, "name": name} for centre, width, name in first.windows],
        "photometric": first.photometric,
        "transfer_syntax": syntax or None,
        "lossy": first.is_lossy or (bool(syntax) and syntax_of(syntax).lossy),
        "repaired": first.is_repaired,
        "suv_factor": first.suv_factor,
        "bits": first.bits_stored,
    }


def damaged(survey: "Survey | None", files: "tuple[FileRef, ...]", texts: Texts) -> list[Object]:
    """The files whose pixels could not be read whole, each with its sentence."""
    found = survey.damaged if survey else ()
    return [
        {"path": path_text(files[one.file]), "code": one.code, "sentence": texts.say(f"damaged.{one.code}")}
        for one in found
    ]
