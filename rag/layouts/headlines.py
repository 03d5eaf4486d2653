"""What every layout gives: headlines, each with its title, its date and the lines of its block.

Holds the rules that the two layouts with a date line share: when a line that is a date opens an article.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.layouts.dates import Stamp, stamp_of_line
from rag.layouts.furniture import is_furniture, is_notice, opens_tail
from rag.layouts.lines import Line, is_list_item, is_paragraph, is_title_like, normalised


@dataclass(frozen=True, slots=True)
class Headline:
    """An article's headline block: `first` is the index of its first line, `body` of the line after its last."""

    first: int
    body: int
    title: Line
    published_at: str | None


class Layout(Protocol):
    """A family of seed files: finds the headlines in the lines of a file that may or may not belong to it."""

    @property
    def name(self) -> str:
        """A few words, shown beside a file."""
        ...

    @property
    def expects(self) -> str:
        """What a file of this family looks like, for a message."""
        ...

    def headlines(self, lines: Sequence[Line]) -> list[Headline]:
        """The headlines in order; empty where the file is of another family."""
        ...


def headlines_below_dates(lines: Sequence[Line], is_form: Callable[[Stamp], bool]) -> list[Headline]:
    """Headlines of the form "date line, title line", where `is_form` tells this family's date lines.

    A date line opens an article if something like a title follows it; not within a list or a schedule, nor, after
    the heading of a list of other stories, without a body below. Date lines of another form are taken only where
    the story before has visibly ended, and as long as they are not the rule: then the file is another family's.
    """
    stamps = [stamp_of_line(line.text) for line in lines]
    found: list[Headline] = []
    own_form = 0
    in_tail = False
    schedule = -1  # index of the last date line that belonged to a schedule
    for index, (line, stamp) in enumerate(zip(lines, stamps, strict=True)):
        if stamp is None or index + 1 >= len(lines):
            in_tail = in_tail or opens_tail(line.text)
            continue
        before = lines[index - 1].text if index else ""
        if not is_form(stamp) and not (index == 0 or is_notice(before) or opens_tail(before)):
            continue
        title = lines[index + 1]
        certain = stamp.timed or stamp.viewed
        if stamps[index + 1] or not is_title_like(title.text, stops_allowed=certain) or opens_tail(title.text):
            continue
        if not certain and _in_schedule(lines, index, schedule):
            schedule = index
            continue
        if in_tail and not _has_body(lines, stamps, index + 2):
            continue
        in_tail = False
        own_form += is_form(stamp)
        found.append(Headline(index, index + 2, title, stamp.published_at))
    if 2 * own_form < len(found):
        return []
    return _without_link_run(found, lines)


def with_bodies(headlines: Sequence[Headline], lines: Sequence[Line]) -> list[bool]:
    """For each headline whether anything quotable stands between it and the next."""
    ends = [*(headline.first for headline in headlines), len(lines)][1:]
    return [_has_own_body(own, end, lines) for own, end in zip(headlines, ends, strict=True)]


def _has_own_body(headline: Headline, end: int, lines: Sequence[Line]) -> bool:
    for line in lines[headline.body : end]:
        if opens_tail(line.text):
            return False
        if not is_furniture(line.text) and not is_notice(line.text) and stamp_of_line(line.text) is None:
            return True
    return False


def _without_link_run(found: list[Headline], lines: Sequence[Line]) -> list[Headline]:
    """Drop headlines at the end of a file that have no body and are links: two or more, or one already seen."""
    own = with_bodies(found, lines)
    last = len(found)
    while last and not own[last - 1]:
        last -= 1
    run = found[last:]
    seen = {normalised(headline.title.text) for headline in found[:last]}
    if last and (len(run) > 1 or any(normalised(headline.title.text) in seen for headline in run)):
        return found[:last]
    return found


def _in_schedule(lines: Sequence[Line], index: int, schedule: int) -> bool:
    """Whether a bare date belongs to a list of dates in a body: introduced by a colon, or going on with such a list."""
    if index == 0:
        return False
    before = lines[index - 1].text
    goes_on = schedule >= 0 and index - schedule == 2 and not is_paragraph(before)
    within_list = is_list_item(before) and index + 2 < len(lines) and is_list_item(lines[index + 2].text)
    return before.endswith((":", ",")) or goes_on or within_list


def _has_body(lines: Sequence[Line], stamps: Sequence[Stamp | None], at: int) -> bool:
    for line, stamp in zip(lines[at:], stamps[at:], strict=True):
        if stamp is not None or opens_tail(line.text):
            return False
        if not is_furniture(line.text):
            return is_paragraph(line.text)
    return False
