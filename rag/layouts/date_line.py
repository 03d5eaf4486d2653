"""Layout: a date alone on a line (DD.MM.YYYY or ISO), the title on the next, then the body in paragraphs."""

from collections.abc import Sequence

from rag.layouts.headlines import Headline, headlines_below_dates
from rag.layouts.lines import Line


class DateLine:
    """Stories below a bare date, as in an archive by days."""

    name = "date line"
    expects = 'a line with only a date ("DD.MM.YYYY") above each title'

    def headlines(self, lines: Sequence[Line]) -> list[Headline]:
        """The headlines below lines that are a date without a time."""
        return headlines_below_dates(lines, lambda stamp: not stamp.timed)
