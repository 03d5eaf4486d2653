"""What every layout gives: headlines, each with its title, its date and the lines of its block.

Holds the rules that the two layouts with a date line share: when a line that is a date opens an article.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.layouts.dates import Stamp, stamp_of_line
from rag.layouts.furniture import has_text, is_furniture, is_notice, opens_tail, quotable_parts
from rag.layouts.lines import Line, begins_in_lower_case, is_list_item, is_paragraph, is_title_like, normalised


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
    titles = [_title_index(lines, stamps, index) if stamp else -1 for index, stamp in enumerate(stamps)]
    stops_usual = _mostly(lines[title].text.endswith(".") for title in titles if title >= 0)
    found: list[Headline] = []
    own_form = 0
    in_tail = False
    schedule = -1  # index of the last date line that belonged to a schedule
    for index, (stamp, at) in enumerate(zip(stamps, titles, strict=True)):
        if stamp is None or at < 0:
            in_tail = in_tail or (bool(found) and opens_tail(lines[index].text))
            continue
        before = lines[index - 1].text if index else ""
        if not is_form(stamp) and not (index == 0 or is_notice(before) or opens_tail(before)):
            continue
        certain = stamp.timed or stamp.viewed
        if not _is_title(lines, at, stops_allowed=certain or index == 0 or stops_usual, any_case=certain):
            continue
        if not certain and _in_schedule(lines, index, schedule):
            schedule = index
            continue
        if in_tail and not has_paragraph(lines, at + 1, lambda line: stamp_of_line(line.text) is not None):
            continue
        in_tail = False
        own_form += is_form(stamp)
        found.append(Headline(index, at + 1, lines[at], stamp.published_at))
    if 2 * own_form < len(found):
        return []
    return without_link_run(found, lines)


def with_bodies(headlines: Sequence[Headline], lines: Sequence[Line]) -> list[bool]:
    """For each headline whether anything quotable stands between it and the next."""
    ends = [*(headline.first for headline in headlines), len(lines)][1:]
    return [_has_own_body(own, end, lines) for own, end in zip(headlines, ends, strict=True)]


def has_paragraph(lines: Sequence[Line], at: int, ends: Callable[[Line], bool]) -> bool:
    """Whether running text stands from index `at` on, before a line that `ends` the story or a list of links."""
    for line in lines[at:]:
        if ends(line) or opens_tail(line.text):
            return False
        parts = [] if is_furniture(line.text) else quotable_parts(line)
        if any(is_paragraph(line.text[part.start - line.start : part.end - line.start]) for part in parts):
            return True
    return False


def _has_own_body(headline: Headline, end: int, lines: Sequence[Line]) -> bool:
    for line in lines[headline.body : end]:
        if opens_tail(line.text):
            return False
        if stamp_of_line(line.text) is None and has_text(line):
            return True
    return False


def without_link_run(found: list[Headline], lines: Sequence[Line]) -> list[Headline]:
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


def _title_index(lines: Sequence[Line], stamps: Sequence[Stamp | None], stamp: int) -> int:
    """Index of the first line after a date line that is no credit or button; -1 where another date line or none is.

    A word and a colon ("Video: ...") may open a title as well as a credit: taken for a title here.
    """
    for index in range(stamp + 1, min(stamp + 4, len(lines))):
        if stamps[index] is not None:
            return -1
        if ":" in lines[index].text or not is_furniture(lines[index].text):
            return index
    return -1


def _is_title(lines: Sequence[Line], at: int, *, stops_allowed: bool, any_case: bool) -> bool:
    text = lines[at].text
    if not is_title_like(text, stops_allowed=stops_allowed) or opens_tail(text) or is_notice(text):
        return False
    return any_case or not begins_in_lower_case(text) or (at + 1 < len(lines) and is_paragraph(lines[at + 1].text))


def _mostly(flags: Iterable[bool]) -> bool:
    counted = list(flags)
    return 2 * sum(counted) > len(counted) > 1
