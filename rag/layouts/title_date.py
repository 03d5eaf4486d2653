"""Layout: a site header, then stories whose title and date stand on one line ("Title DD.MM.YYYY") above the body.

The body is usually one long line with its markup lost.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.layouts.dates import trailing_stamp
from rag.layouts.furniture import opens_tail
from rag.layouts.headlines import Headline, has_paragraph, with_bodies, without_link_run
from rag.layouts.lines import Line, begins_in_lower_case, is_title_like, normalised

# A date after one of these belongs to the sentence, not to a headline.
_GOVERNING = re.compile(
    r"(?:\b(?:on|by|until|till|of|from|since|before|after|dated|to|for|at|is|was|and|the|between|"
    r"от|до|с|со|по|на|к|после|и|года|около|дата|date)|[:,;(\-–—/])\s*$",
    re.IGNORECASE,
)


class TitleDate:
    """Stories below "Title DD.MM.YYYY", as in a site's section."""

    name = "title with date"
    expects = 'each title followed by its date on the same line ("Title DD.MM.YYYY")'

    def headlines(self, lines: Sequence[Line]) -> list[Headline]:
        """The headlines that end in a date which no word of theirs governs."""
        titles = [_title(line) for line in lines]
        found: list[Headline] = []
        in_tail = False
        for index, title in enumerate(titles):
            if title is None:
                in_tail = in_tail or (bool(found) and opens_tail(lines[index].text))
            elif not in_tail or has_paragraph(lines, index + 1, lambda line: _title(line) is not None):
                in_tail = False
                found.append(Headline(index, index + 1, *title))
        return without_link_run(_without_repeats(found, lines), lines)


def _title(line: Line) -> tuple[Line, str] | None:
    """The title of a line that ends in its date, and the date."""
    stamped = trailing_stamp(line.text)
    if stamped is None or opens_tail(line.text):
        return None
    stamp, at = stamped
    text = line.text[:at].rstrip()
    if _GOVERNING.search(text[-12:]):
        return None
    text = text.rstrip(" |")
    if not is_title_like(text) or begins_in_lower_case(text):
        return None
    return replace(line, end=line.start + len(text), text=text), stamp.published_at


def _without_repeats(found: list[Headline], lines: Sequence[Line]) -> list[Headline]:
    """Drop headlines without a body that stand elsewhere with one: a list of links, or a title set twice."""
    known = {
        normalised(headline.title.text) for headline, own in zip(found, with_bodies(found, lines), strict=True) if own
    }
    return [
        headline
        for headline, own in zip(found, with_bodies(found, lines), strict=True)
        if own or normalised(headline.title.text) not in known
    ]
