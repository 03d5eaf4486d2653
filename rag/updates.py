"""Whether another article gives a later or an earlier figure for what a quotation states. Pure.

Knows sentences, their facts and vectors, and the days on which their articles came out. Two sentences report one figure
if they say nearly the same of the same names and times, and differ in one number of one kind. When in doubt they don't:
a figure for another town, another year or another thing, a plan beside a result, a part beside the whole is no update.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.evidence import Evidence
from rag.facts import Date, Facts, Number, dates_in, facts_in, months_in, normal, plain_words, stated_in

NEAR = 0.9  # least cosine of two sentences that may report one figure, of e5's passage vectors; see eval/README.md
_STEM = 5  # letters by which two forms of a word are one
_SHORTEST_WORD = 3  # letters of a word that says something
_FRESH = timedelta(days=3)  # a day that long before its story is only when the figure was taken
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]?\d)")
_TURNS = (  # words that make another statement of it: not yet, not at all, more of it, a bound, a part
    r"will|would|plan(?:s|ned)?|expected|to be|by the end|буд[еу]т|планир\w+|ожида\w+"
    r"|намерен\w*|жоспар\w+|күтіл\w+|болады",
    r"not|no longer|never|не|нет|емес|жоқ|ешқашан",
    r"another|additional(?:ly)?|further|extra|ещ[её]|дополнительн\w+|тағы|қосымша",
    r"of (?:them|these|whom|which)|including|из них|в том числе|оның ішінде|соның ішінде",
    r"up to|at least|at most|no more than|не более|не менее|дейін",
    r"daily|per day|a day|monthly|per month|per year|annually|в день|в месяц|в год|күніне|айына|жылына",
)
_TURNING = tuple(re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE) for words in _TURNS)


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """Two reports of one figure: `later` came out on a later day than `earlier` and gives another number."""

    earlier: Evidence
    later: Evidence


def find_conflict(cited: Evidence, evidence: Iterable[Evidence], *, near: float = NEAR) -> Conflict | None:
    """The sentence of another article that gives another figure for what `cited` states, with `cited`; or None.

    Of several the one that came out last. `near`: least cosine of their vectors. Articles without a
    date, or of one day, are in no order and are left out.
    """
    others = [one for one in evidence if float(cited.vector @ one.vector) >= near and _reports_the_same(cited, one)]
    if not others:
        return None
    other = max(others, key=lambda one: (_day(one), float(one.vector @ cited.vector)))
    return Conflict(cited, other) if _day(cited) < _day(other) else Conflict(other, cited)


def _reports_the_same(cited: Evidence, other: Evidence) -> bool:
    days = _day(cited), _day(other)
    return (
        "" not in days
        and days[0] != days[1]
        and cited.article_id != other.article_id
        and _one_figure_differs(cited, other)
        and _same_names(cited, other)
        and _times(cited) == _times(other)
        and _turns(cited.text) == _turns(other.text)
    )


def _same_names(cited: Evidence, other: Evidence) -> bool:
    """Whether each states the names of the other; where they name nobody, whether their headlines are of the same."""
    named = _names_meet(cited.text, other.text)
    return _names_meet(cited.item.article.title, other.item.article.title) is True if named is None else named


def _names_meet(one: str, other: str) -> bool | None:
    """Whether each text states the names of the other; None where neither names anybody."""
    common = (*_WEEKDAYS, *(word for text in (one, other) for word in plain_words(text, lower_case_only=True)))
    ours, theirs = (facts_in(text, common, first_word=True).names for text in (one, other))
    if not ours and not theirs:
        return None
    lacking = stated_in(other).missing(Facts(ours, (), ())).names, stated_in(one).missing(Facts(theirs, (), ())).names
    return bool(ours and theirs) and lacking == ((), ())


def _one_figure_differs(cited: Evidence, other: Evidence) -> bool:
    """Whether just one figure differs, of one unit, and one sentence has all the words of the other.

    Where each has a word that the other lacks they may tell of two things: exports and imports, heating and water.
    """
    ours, theirs = _figures(cited), _figures(other)
    only_ours = [one for one in ours if not any(map(one.same_as, other.stated.numbers))]
    only_theirs = [one for one in theirs if not any(map(one.same_as, cited.stated.numbers))]
    if len(only_ours) != 1 or len(only_theirs) != 1 or len(ours) != len(theirs):
        return False
    one, another = only_ours[0], only_theirs[0]
    if (one.percent, one.currency) != (another.percent, another.currency):
        return False
    words, other_words = _stems(cited.text), _stems(other.text)
    return (words <= other_words or other_words <= words) and (
        one.percent or bool(one.currency) or _unit(cited.text, one) == _unit(other.text, another) != ""
    )


def _figures(one: Evidence) -> Sequence[Number]:
    """The numbers of a sentence that are no years."""
    return [
        number
        for number in facts_in(one.text).numbers
        if not any(_YEAR.fullmatch(f"{value:g}") for value in number.values)
    ]


def _unit(text: str, number: Number) -> str:
    """The stem of the word behind a figure in digits, which says what it counts; empty where there is none."""
    text = normal(text)
    for match in re.finditer(r"\d[\d ,.]*", text):
        if any(re.sub(r"\D", "", match.group()) == f"{value:.0f}" for value in number.values):
            return next((word[:_STEM] for word in plain_words(text[match.end() :])), "")
    return ""


def _times(one: Evidence) -> tuple[frozenset[Date], frozenset[str], frozenset[str]]:
    """Days, months and years that a sentence names, but for a day just before its story came out."""
    dates, rest = dates_in(normal(one.text))
    published = date.fromisoformat(_day(one))
    taken = [published - timedelta(days=n) for n in range(_FRESH.days + 1)]
    older = (named for named in dates if not any(Date(d.day, d.month, d.year).same_as(named) for d in taken))
    return frozenset(older), months_in(rest), frozenset(_YEAR.findall(rest))


def _turns(text: str) -> tuple[bool, ...]:
    text = normal(text)
    return tuple(bool(words.search(text)) for words in _TURNING)


def _stems(text: str) -> set[str]:
    """The words of a sentence without its days, figures and weekdays, cut to what their forms share."""
    _, rest = dates_in(normal(text))
    words = (word for word in plain_words(rest) if len(word) >= _SHORTEST_WORD and not word[0].isdigit())
    return {word[:_STEM] for word in words if word not in _WEEKDAYS}


def _day(one: Evidence) -> str:
    """When its article came out, an ISO day; empty where nobody knows."""
    return (one.item.article.published_at or "")[:10]
