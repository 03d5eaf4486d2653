"""Whether another article gives a later or an earlier figure for what a quotation states. Pure.

Knows sentences, their facts and vectors, and the days on which their articles came out. Two sentences report one figure
if they say nearly the same of the same names and times, and differ in one number of one kind. When in doubt they don't:
a figure for another town, another year or another thing is no update.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.evidence import Evidence
from rag.facts import Date, Facts, Number, dates_in, facts_in, months_in, normal, plain_words

NEAR = 0.93  # least cosine of two sentences, as passages, that may report one figure; see eval/README.md
_SHARED = 0.6  # least share of the shorter sentence's plain words that both hold
_SHORTEST_WORD = 3  # letters of a word that says what a figure counts
_YEARS = range(1900, 2100)  # whole numbers that are more likely a year than a figure


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """Two reports of one figure: `later` came out on a later day than `earlier` and gives another number."""

    earlier: Evidence
    later: Evidence


def find_conflict(cited: Evidence, evidence: Iterable[Evidence]) -> Conflict | None:
    """The nearest sentence of another article that gives another figure for what `cited` states, with `cited`; or None.

    Of equally near ones the latest. Articles without a date, or of one day, are in no order and are left out.
    """
    others = [one for one in evidence if _reports_the_same(cited, one)]
    if not others:
        return None
    other = max(others, key=lambda one: (float(one.vector @ cited.vector), _day(one) or ""))
    return Conflict(cited, other) if (_day(cited) or "") < (_day(other) or "") else Conflict(other, cited)


def _reports_the_same(cited: Evidence, other: Evidence) -> bool:
    days = _day(cited), _day(other)
    if None in days or days[0] == days[1] or cited.article_id == other.article_id:
        return False
    if float(cited.vector @ other.vector) < NEAR:
        return False
    ours, theirs = _facts(cited), _facts(other)
    names = (
        other.stated.missing(Facts(ours.names, (), ())).names or cited.stated.missing(Facts(theirs.names, (), ())).names
    )
    return not names and _one_time(cited.text, other.text) and _one_changed(cited, other, ours.numbers, theirs.numbers)


def _one_changed(cited: Evidence, other: Evidence, ours: Sequence[Number], theirs: Sequence[Number]) -> bool:
    """Whether the sentences differ in one figure of one unit, the words around the figures being much the same."""
    only_ours = [one for one in ours if not any(map(one.same_as, other.stated.numbers))]
    only_theirs = [one for one in theirs if not any(map(one.same_as, cited.stated.numbers))]
    if len(only_ours) != 1 or len(only_theirs) != 1:
        return False
    one, another = only_ours[0], only_theirs[0]
    if (one.percent, one.currency) != (another.percent, another.currency):
        return False
    units = _unit(cited.text, one), _unit(other.text, another)
    words, other_words = set(_words(cited.text)), set(_words(other.text))
    fewer = min(len(words), len(other_words))
    return units[0] == units[1] and fewer > 0 and len(words & other_words) >= _SHARED * fewer


def _unit(text: str, number: Number) -> str:
    """The stem of the word behind the figure, which says what it counts; empty where none follows."""
    text = normal(text)
    for match in re.finditer(r"\d[\d ,.]*", text):
        digits = match.group().strip(" ,.")
        if any(_spelled(digits) == _spelled(f"{value:g}") for value in number.values):
            behind = plain_words(text[match.end() :])[:1]
            return behind[0][:5] if behind else ""
    return ""


def _spelled(digits: str) -> str:
    return re.sub(r"[ ,.]", "", digits)


def _one_time(text: str, other: str) -> bool:
    """Whether both name the same days, months and years: figures of two times don't clash."""
    return _times(text) == _times(other)


def _times(text: str) -> tuple[frozenset[Date], frozenset[str], frozenset[str]]:
    text = normal(text)
    years = (year for year in re.findall(r"(?<![\d.,])\d{4}(?![\d.,]?\d)", text) if int(year) in _YEARS)
    return frozenset(dates_in(text)[0]), months_in(text), frozenset(years)


def _facts(one: Evidence) -> Facts:
    return facts_in(one.text)


def _words(text: str) -> list[str]:
    """Plain words that are no figures, cut to a stem: enough to compare two sentences of one language."""
    return [word[:5] for word in plain_words(text) if len(word) >= _SHORTEST_WORD and not word.isdigit()]


def _day(one: Evidence) -> str | None:
    published = one.item.article.published_at
    return published[:10] if published else None
