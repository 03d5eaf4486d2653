"""Layout: date, time and perhaps a count of views on a line ("DD.MM.YYYY, HH:MM 1234"), the title, then the body.

Between and around them such pages have credits, buttons, copyright notices and lists of other stories.
"""

from collections.abc import Sequence

from rag.layouts.headlines import Headline, headlines_below_dates
from rag.layouts.lines import Line


class TimedLine:
    """Stories below a date with a time, as on a news feed."""

    name = "date and time line"
    expects = 'a line with date and time ("DD.MM.YYYY, HH:MM", perhaps a count of views) above each title'

    def headlines(self, lines: Sequence[Line]) -> list[Headline]:
        """The headlines below lines that are a date with a time."""
        return headlines_below_dates(lines, lambda stamp: stamp.timed)
