"""Dates and times: from DICOM's spelling to ISO, and from what people type to a span of days."""

import calendar
import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days from first to last, both included, as ISO text: such text compares as the days do. "" is an open end."""

    first: str
    last: str

    def holds(self, iso: str) -> bool:
        """Whether that ISO day lies inside; an unknown day ("") never does."""
        return bool(iso) and (not self.first or self.first <= iso) and (not self.last or iso <= self.last)


_DICOM_DATE = re.compile(r"(\d{4})[.\-/]?(\d\d)[.\-/]?(\d\d)")  # PS3.5 6.2 DA; dots are of ACR-NEMA
_DICOM_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(\.\d{1,6})?")
_STYLES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
    re.compile(r"(?P<year>(?:18|19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
)
_MONTHS = (re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)"), re.compile(r"(?P<month>\d{1,2})\.(?P<year>\d{4})"))
_YEAR = re.compile(r"(?P<year>(?:18|19|20)\d\d)")


def iso_date(text: str) -> str:
    """ISO form of a DA (or of the day of a DT); "" where there is no such day."""
    match = _DICOM_DATE.match(text.strip())
    return _iso(*map(int, match.groups())) if match else ""


def iso_time(text: str) -> str:
    """hh:mm:ss of a TM, as far as it is given; "" where it is no time."""
    match = _DICOM_TIME.match(text.strip())
    if not match:
        return ""
    parts = [part for part in match.groups()[:3] if part is not None]
    within = all(int(part) < limit for part, limit in zip(parts, (24, 60, 61), strict=False))  # 60: leap second
    return ":".join(parts) if within else ""


def day_of(text: str) -> str:
    """ISO form of a whole date typed as 2021-06-30, 20210630 or 30.06.2021; "" for anything else."""
    for style in _STYLES:
        match = style.fullmatch(text.strip())
        if match:
            return _iso(int(match["year"]), int(match["month"]), int(match["day"]))
    return ""


def span_of(text: str) -> DateSpan | None:
    """The days meant by a date, a month (2021-06, 06.2021), a year, or two of them with ".." between; None otherwise."""
    if ".." in text:
        first_text, last_text = text.split("..", 1)
        first, last = _single(first_text), _single(last_text)
        if (first_text and first is None) or (last_text and last is None) or not (first or last):
            return None
        return DateSpan(first.first if first else "", last.last if last else "")
    return _single(text)


def _single(text: str) -> DateSpan | None:
    day = day_of(text)
    if day:
        return DateSpan(day, day)
    for style in _MONTHS:
        match = style.fullmatch(text.strip())
        if match and 1 <= int(match["month"]) <= 12:
            return _month(int(match["year"]), int(match["month"]))
    match = _YEAR.fullmatch(text.strip())
    return DateSpan(f"{match['year']}-01-01", f"{match['year']}-12-31") if match else None


def _month(year: int, month: int) -> DateSpan | None:
    if year < 1:
        return None
    last = calendar.monthrange(year, month)[1]
    return DateSpan(f"{year:04d}-{month:02d}-01", f"{year:04d}-{month:02d}-{last:02d}")


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
