"""Layout: a site header, then stories whose title and date stand on one line ("Title DD.MM.YYYY") above the body.

The body is usually one long line with its markup lost.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.layouts.dates import trailing_stamp
from rag.layouts.furniture import opens_tail
from rag.layouts.headlines import Headline, with_bodies
from rag.layouts.lines import Line, is_title_like, normalised

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
        found: list[Headline] = []
        for index, line in enumerate(lines):
            stamped = trailing_stamp(line.text)
            if stamped is None:
                continue
            stamp, at = stamped
            title = line.text[:at].rstrip()
            if _GOVERNING.search(title[-12:]):
                continue
            title = title.rstrip(" |")
            if is_title_like(title) and not opens_tail(line.text):
                title_line = replace(line, end=line.start + len(title), text=title)
                found.append(Headline(index, index + 1, title_line, stamp.published_at))
        return _without_repeats(found, lines)


def _without_repeats(found: list[Headline], lines: Sequence[Line]) -> list[Headline]:
    """Drop headlines without a body that stand elsewhere with one: a list of links, or a title set twice."""
    with_body = with_bodies(found, lines)
    known = {normalised(headline.title.text) for headline, own in zip(found, with_body, strict=True) if own}
    return [
        headline
        for headline, own in zip(found, with_body, strict=True)
        if own or normalised(headline.title.text) not in known
    ]
