"""Dates as news sites stamp them on their stories: DD.MM.YYYY or ISO, with or without a time and a count of views.

Knows single lines as strings, nothing of files or articles. A date that the calendar does not have is no date.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

_DATE = (
    r"(?:(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)(?:\s{0,3}[гж]\.)?|"
    r"(?P<iso>\d{4}-\d{2}-\d{2})(?!\d))"
)
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?!\d)"
_VIEWS = r"(?P<views>\d{1,9}|\d{1,3}(?:[ ,\xa0\u202f]\d{3}){1,3})"
_STAMP_LINE = re.compile(rf"{_DATE}(?:[,T]?\s{{0,3}}{_TIME})?(?:\s{{1,5}}{_VIEWS})?")
_TRAILING_STAMP = re.compile(rf"(?<![\d.-]){_DATE}(?:,?\s{{1,3}}{_TIME})?$")
_STAMP_TAIL = 32  # characters at the end of a line in which a trailing stamp fits
_CRAWL_MARKER = re.compile(
    r"(?:(?:date|crawled|crawl|fetched|retrieved|downloaded)\s{0,3}[:=]?\s{0,3})"
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?(?=\s|$)\s*",
    re.IGNORECASE,
)
_TIMED = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{4}\s?,?\s?\d{1,2}:\d{2}")
_GLUED = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{4}(?:,?\s?\d{1,2}:\d{2})?(?:\d{0,9})(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a story was published, ISO 8601 without offset; whether the stamp gave a time and a count of views."""

    published_at: str
    timed: bool
    viewed: bool


def stamp_of_line(line: str) -> Stamp | None:
    """The stamp that fills the whole (stripped) line, else None."""
    if len(line) > 2 * _STAMP_TAIL or not line[:1].isdecimal():
        return None
    found = _STAMP_LINE.fullmatch(line)
    return _stamp(found) if found else None


def trailing_stamp(line: str) -> tuple[Stamp, int] | None:
    """The stamp at the end of a (stripped) line that has something before it, and where it starts, else None."""
    tail = max(0, len(line) - _STAMP_TAIL)
    found = _TRAILING_STAMP.search(line[tail:])
    if found is None or tail + found.start() == 0:
        return None
    stamp = _stamp(found)
    return None if stamp is None else (stamp, tail + found.start())


def crawl_marker_length(line: str) -> int:
    """Length of a crawler's own mark ("date 2026-01-31") at the start of a stripped line, blanks after it included."""
    found = _CRAWL_MARKER.match(line)
    return found.end() if found else 0


def is_link_list(line: str) -> bool:
    """Whether a line is headlines of other stories run together, each behind its stamp, without markup."""
    glued = [found.start() for found in islice(_GLUED.finditer(line), 4)]
    if glued[:1] == [0] and (len(glued) > 1 or _TIMED.match(line)):
        return True
    if len(glued) > 3:
        return True
    return line[-1:] not in ".!?" and sum(1 for _ in islice(_TIMED.finditer(line), 4)) > 3


def _stamp(found: re.Match[str]) -> Stamp | None:
    clock = (int(found["hour"]), int(found["minute"])) if found["hour"] else (0, 0)
    date = found["iso"].split("-") if found["iso"] else (found["year"], found["month"], found["day"])
    try:
        moment = datetime(int(date[0]), int(date[1]), int(date[2]), *clock)
    except ValueError:
        return None
    if not 1900 <= moment.year <= 2100:
        return None
    timed = found["hour"] is not None
    iso = moment.isoformat(timespec="minutes") if timed else moment.date().isoformat()
    return Stamp(iso, timed, bool(found.groupdict().get("views")))
