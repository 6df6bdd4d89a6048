"""A whole header as rows for people: tag, keyword, VR and value; bulk and sequences in short."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.intake.header import Header

_TEXT_VRS = frozenset(["AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"])
_NUMBER_VRS = frozenset(["DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"])


def tags(header: "Header") -> list[dict[str, Any]]:
    """One row for every top-level element, in the order of the tags."""
    from archive.words.dictionary import of_tag, vr_of

    rows = []
    for tag in sorted(header.elements):
        entry = of_tag(tag)
        vr = header.vrs.get(tag) or vr_of(tag)
        keyword = entry.keyword if entry else ""
        name = f"{tag >> 16:04X},{tag & 0xFFFF:04X}"
        rows.append({"tag": name, "keyword": keyword, "vr": vr, "value": _value(header, keyword, vr, tag)})
    return rows


def _value(header: "Header", keyword: str, vr: str, tag: int) -> Any:
    """Numbers and text as they are; of all else how much there is."""
    if keyword and vr in _NUMBER_VRS:
        found = header.numbers(keyword)
        return found[0] if len(found) == 1 else list(found)
    if keyword and vr in _TEXT_VRS:
        return "\\".join(header.texts(keyword))
    if keyword and vr == "SQ":
        return {"items": len(header.items(keyword))}
    return {"bytes": len(header.elements[tag])}
