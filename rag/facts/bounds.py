"""Words that make a number a bound: more than, up to, about, and their kin in Russian and Kazakh.

Looks at the few words beside a number; knows no values.
"""

import re
from typing import Literal

Bound = Literal["over", "under", "about", ""]

_BEFORE = re.compile(
    r"(?:(?P<under>no more than|not more than|at most|up to|less than|fewer than|nearly|almost|below|under"
    r"|a maximum of|не более(?: чем)?|не больше|не выше|менее(?: чем)?|меньше|почти|максимум|ниже|көп дегенде)"
    r"|(?P<over>no less than|no fewer than|not less than|at least|more than|over|above|exceed(?:s|ed|ing)?|a minimum of"
    r"|не менее(?: чем)?|не меньше|не ниже|более(?: чем)?|больше|свыше|как минимум|минимум|выше|кемінде)"
    r"|(?P<about>about|around|approximately|roughly|some|close to|an estimated|около|примерно|порядка|приблизительно"
    r"|шамамен))\s+\Z"
)
_UNTIL = re.compile(r"(?<!\w)до\s+\Z")  # "up to 500", but also "to 500", "until 500"
_NO_LIMIT = re.compile(
    r"\b(?:от|с|со)\s+\d|\b(?:вырос|вырас|увелич|повыс|повыш|сниз|сниж|сокра|уменьш|дове|достиг)\w*", re.IGNORECASE
)
_AFTER = re.compile(
    r"(?:-?[а-яёәғқңөұүһі]{2,4})?(?:\s[^\W\d_]+)?\s"
    r"(?:(?P<over>астам|аса|артық|көп(?! емес)|кем емес|аз емес)|(?P<under>кем(?! емес)|аз(?! емес)|көп емес)"
    r"|(?P<about>жуық|таяу))(?!\w)"
    r"|[^.,;:()]{0,20}?\s(?:(?P<or_more>or more|and above|и более|и выше)|(?P<or_less>or less|or fewer|и менее))\b"
)


def bound_before(text: str, start: int) -> tuple[Bound, int]:
    """The bound that stands before the number at `start` of lower-case `text`, and where its words begin."""
    head = text[max(0, start - 24) : start]
    match = _BEFORE.search(head)
    if match is not None and (match.start() == 0 or not head[match.start() - 1].isalnum()):
        kind: Bound = "under" if match["under"] else "over" if match["over"] else "about"
        return kind, start - len(head) + match.start()
    until = _UNTIL.search(head)
    if until is not None and not _NO_LIMIT.search(text, max(0, start - 60), start):
        return "under", start - len(head) + until.start()
    return "", start


def bound_after(text: str, end: int) -> tuple[Bound, int]:
    """The bound that stands behind the number that ends at `end`, and where its words end."""
    match = _AFTER.match(text, end, end + 40)
    if match is None:
        return "", end
    kind: Bound = "over" if match["over"] or match["or_more"] else "about" if match["about"] else "under"
    return kind, match.end()
