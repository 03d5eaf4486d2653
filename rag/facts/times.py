"""A sentence without the time that it says in passing. Knows days, months and years, nothing of what happened then.

An answer tends to repeat "on 4 March 2026" from its question; the story itself, which came out that day, does not.
"""

import re

from rag.facts.dates import MONTH_WORD, Date, dates_in, month_name, months_in

_IN_PASSING = re.compile(
    r",?\s*\b(?:on|in|during|в)\s+(?:early\s+|late\s+)?"
    rf"(?P<when>\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH_WORD}(?:,?\s+\d{{4}})?|{MONTH_WORD}\s+\d{{1,2}},\s+\d{{4}}"
    rf"|(?:{MONTH_WORD}\s+)?\d{{4}})\b(?:\s+(?:года?|году)\b)?,?",
    re.IGNORECASE,
)


def without_time(sentence: str, published_at: str) -> str:
    """`sentence` without each time said in passing that is when its story came out, or the year before; no other time.

    `published_at`: an ISO date.
    """
    year, month, day = map(int, published_at[:10].split("-"))

    def shortened(match: re.Match[str]) -> str:
        dates, _ = dates_in(match["when"])
        same_day = any(date.same_as(Date(day, month, year)) for date in dates)
        months = months_in(match["when"])
        same_span = not dates and match["when"].endswith(str(year)) and months <= {month_name(month)}
        same_span |= match["when"] == str(year - 1)  # a story tells of the year behind it without naming it
        return (" " if match.end() < len(sentence) else "") if same_day or same_span else match.group()

    left = _IN_PASSING.sub(shortened, sentence).replace(" .", ".").strip()
    return left[:1].upper() + left[1:]
