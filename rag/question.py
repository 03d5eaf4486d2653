"""A question as it was typed -> a `Question`: trimmed, its language known, its filters checked, its times read.

Knows no index and no models but the language detector, and no clock: callers say what the time is.
"""

import unicodedata
from dataclasses import replace
from datetime import date, datetime

from rag.errors import InputError
from rag.languages import detect_language
from rag.moments import times_in
from rag.types import Filters, Question

LONGEST = 2_000  # characters after trimming
_NO_FILTERS = Filters()


def read_question(text: str, filters: Filters = _NO_FILTERS, now: str | None = None) -> Question:
    """Check and read a question. `now`: an ISO date-time; words such as "yesterday" and "3 March" are read from there.

    Without `now`, only times that need none are read.

    Raises InputError, naming the field, where it is blank, too long or holds characters that are no text, where a
    date is none or the range is reversed, and where `now` is no date-time.
    """
    trimmed = text.strip()
    if all(unicodedata.category(c) in ("Cf", "Zs") for c in trimmed):  # a zero-width space is no question either
        raise InputError("the question is empty; ask something", "question")
    if len(trimmed) > LONGEST:
        raise InputError(f"the question has {len(trimmed):,} characters; {LONGEST:,} are allowed", "question")
    stray = next((c for c in trimmed if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n\r"), None)
    if stray is not None:
        raise InputError(f"the question holds U+{ord(stray):04X}, which is no text; leave it out", "question")
    periods, latest = times_in(trimmed, _today(now))
    return Question(trimmed, detect_language(trimmed), check_filters(filters), periods, latest, now)


def check_filters(filters: Filters) -> Filters:
    """The filters with plain ISO dates. Raises InputError, naming the field, for no date or a reversed range."""
    checked = replace(
        filters,
        date_from=_day(filters.date_from, "filters.date_from"),
        date_to=_day(filters.date_to, "filters.date_to"),
    )
    if checked.date_from and checked.date_to and checked.date_from > checked.date_to:
        raise InputError(
            f"date_from {checked.date_from} is after date_to {checked.date_to}; swap them", "filters.date_from"
        )
    return checked


def _today(now: str | None) -> date | None:
    if now is None:
        return None
    try:
        return datetime.fromisoformat(now).date()
    except ValueError as exc:
        raise InputError(f"{now!r} is no date-time; write it as 2026-03-10T09:30", "now") from exc


def _day(text: str | None, field: str) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise InputError(f"{text!r} is no date; write YYYY-MM-DD", field) from exc
