"""Names, numbers and dates of a sentence, comparable across spellings, scripts and notations.

Purely words and figures: knows no models, no passages and nothing of what a sentence means. A fact is *stated* by a
text if the text holds it in some spelling: 1,300 and 1.3 thousand, Madiev and Мадиев, 03.03.2026 and March 3.
Beyond single facts, closed rules tell whether a sentence says the opposite of a quotation (`contradicts`), ties figures
together that stand apart there (`fused`), or dropped what qualified a number (`with_qualifiers`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.facts.dates import Date, date_spans, dates_in, month_name, month_number, months_in
from rag.facts.figures import Number, numbers_in
from rag.facts.fusion import fused
from rag.facts.names import initials_in, names_in, same_name, sound
from rag.facts.opposites import contradicts
from rag.facts.restoring import with_qualifiers
from rag.facts.times import without_time
from rag.facts.words import WORD, kin, normal, plain

__all__ = [
    "Date",
    "Facts",
    "Number",
    "Stated",
    "contradicts",
    "date_spans",
    "dates_in",
    "facts_in",
    "fused",
    "merge",
    "month_number",
    "months_in",
    "normal",
    "numbers_in",
    "plain",
    "plain_words",
    "same_name",
    "sound",
    "stated_in",
    "with_qualifiers",
    "without_time",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a sentence can be checked without understanding it. `names` are transliterated words, lower-case."""

    names: tuple[str, ...]
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    def __len__(self) -> int:
        return len(self.names) + len(self.numbers) + len(self.dates)


@dataclass(frozen=True, slots=True)
class Stated:
    """Everything a quotation states, ready to be compared: all of its words transliterated, numbers and dates."""

    words: frozenset[str]
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    def missing(self, facts: Facts) -> Facts:
        """The part of `facts` that is not stated here."""
        return Facts(
            tuple(name for name in facts.names if not self.has_name(name)),
            tuple(number for number in facts.numbers if not self.has_number(number)),
            tuple(date for date in facts.dates if not any(map(date.same_as, self.dates))),
        )

    def has_name(self, name: str) -> bool:
        """Whether some word here is a spelling of `name`."""
        return name in self.words or any(same_name(name, word) for word in self.words)

    def has_number(self, number: Number) -> bool:
        """Whether `number` stands here, of what it counts unless nothing of that kind is spoken of at all."""
        same = [one for one in self.numbers if number.same_as(one)]
        if not same or any(map(number.counts_like, same)):
            return bool(same)
        return any(kin(noun, word) for noun in number.nouns for word in self.words)


def facts_in(sentence: str, common: Iterable[str] = (), *, first_word: bool = False) -> Facts:
    """The names, numbers and dates of `sentence`.

    A name is a capitalised word, but not the sentence's first word unless a capitalised word follows it or
    `first_word` says that it may be one. `common`: words (as `plain_words` gives them) known to be written in lower
    case, which are therefore no names.
    """
    dates, rest = dates_in(normal(sentence))
    return Facts(names_in(rest, set(common), first_word), numbers_in(rest), dates)


def stated_in(text: str) -> Stated:
    """What `text` states; always all of its own facts."""
    whole = normal(text)
    dates, rest = dates_in(whole)
    found = [*WORD.findall(whole), *(WORD.findall(rest) if dates else ())]
    words = {part for word in found for part in (word, *word.split("-"))}
    months = months_in(whole) | {month_name(date.month) for date in dates}
    # A day or a year said alone ("the 3rd", "in 2026") is stated by a full date too, so its figures count as numbers.
    figures = {float(figure) for date in dates for figure in (date.day, date.year) if figure is not None}
    numbers = (
        *numbers_in(whole),
        *(numbers_in(rest) if dates else ()),
        *(Number(frozenset({figure}), False) for figure in figures),
    )
    names = frozenset(map(plain, words)) | initials_in(whole) | months
    return Stated(names - {""}, tuple(dict.fromkeys(numbers)), dates)


def plain_words(text: str, *, lower_case_only: bool = False) -> list[str]:
    """The words of `text`, transliterated and lower-case; on request only those written without a capital."""
    words = WORD.findall(normal(text))
    return [plain(word) for word in words if not (lower_case_only and word[0].isupper())]


def merge(stated: Sequence[Stated]) -> Stated:
    """What several quotations state together."""
    return Stated(
        frozenset().union(*(one.words for one in stated)),
        tuple(number for one in stated for number in one.numbers),
        tuple(date for one in stated for date in one.dates),
    )
