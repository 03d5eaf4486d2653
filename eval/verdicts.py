"""Is one answer right? Compares what came back with the gold of its question. Knows no models, files or means.

Right: not refused, every `must_include` group is in the answer, and no number or name in it is wrong. Wrong is a
number or capitalised name that occurs neither in the question nor in its gold (answers, spellings, evidence) nor in
what the answer quotes from gold articles (quotation, title, date).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from eval.matching import contains, is_known_name, names, number_words, numbers
from eval.metrics.estimates import share
from eval.metrics.retrieval import precision
from eval.sets import Item


@dataclass(frozen=True, slots=True)
class Quoted:
    """One quotation of an answer: the article, what is shown of it, and whether it is the source's text."""

    article_id: str
    text: str
    title: str
    published_at: str | None
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system said: its text, whether that is a refusal, and what it quoted."""

    text: str
    abstained: bool
    quoted: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer judged. `citation_*` None where undefined: no answer expected, or none given, or nothing cited."""

    right: bool
    abstained: bool
    missing: tuple[tuple[str, ...], ...]  # must_include groups not found
    wrong_numbers: tuple[str, ...]
    wrong_names: tuple[str, ...]
    citation_precision: float | None  # share of the citations that lie in gold articles
    citation_recall: float | None  # share of the must_include groups found in quotations of gold articles
    verbatim: float | None  # share of the quotations that equal the source at their offsets

    @property
    def reason(self) -> str:
        """Why the answer is not right, in words; empty where it is."""
        if self.right:
            return ""
        parts = ["refused"] if self.abstained else []
        if self.missing and not self.abstained:
            parts.append("missing " + ", ".join("/".join(group) for group in self.missing))
        if self.wrong_numbers:
            parts.append("wrong number " + ", ".join(self.wrong_numbers))
        if self.wrong_names:
            parts.append("wrong name " + ", ".join(self.wrong_names))
        return "; ".join(parts) or "answered the unanswerable"


def judge(item: Item, gold: Collection[str], outcome: Outcome) -> Verdict:
    """Judge an answer. For an unanswerable question the one right answer is a refusal."""
    verbatim = share([quoted.verbatim for quoted in outcome.quoted]) if outcome.quoted else None
    if not item.answerable or outcome.abstained:
        right = outcome.abstained and not item.answerable
        missing = item.must_include if item.answerable else ()
        return Verdict(right, outcome.abstained, missing, (), (), None, None, verbatim)
    groups = item.must_include or (item.answers,)
    from_gold = [quoted for quoted in outcome.quoted if quoted.article_id in gold]
    known = _known_texts(item, from_gold)
    missing = tuple(group for group in groups if not any(contains(outcome.text, phrase) for phrase in group))
    wrong_numbers = _wrong_numbers(outcome.text, known)
    wrong_names = tuple(dict.fromkeys(name for name in names(outcome.text) if not is_known_name(name, known)))
    proven = [any(contains(quoted.text, phrase) for quoted in from_gold for phrase in group) for group in groups]
    return Verdict(
        right=not (missing or wrong_numbers or wrong_names),
        abstained=False,
        missing=missing,
        wrong_numbers=wrong_numbers,
        wrong_names=wrong_names,
        citation_precision=precision([quoted.article_id for quoted in outcome.quoted], gold)
        if outcome.quoted
        else None,
        citation_recall=share(proven),
        verbatim=verbatim,
    )


def _known_texts(item: Item, from_gold: Collection[Quoted]) -> list[str]:
    texts = [item.question, *item.answers, *(evidence.quote for evidence in item.evidence)]
    texts += [phrase for group in item.must_include for phrase in group]
    for quoted in from_gold:
        texts += [quoted.text, quoted.title, _date_in_words(quoted.published_at)]
    return texts


def _wrong_numbers(text: str, known_texts: list[str]) -> tuple[str, ...]:
    known = set().union(*(numbers(known) | number_words(known) for known in known_texts))
    return tuple(str(number) for number in sorted(numbers(text) - known))


def _date_in_words(published_at: str | None) -> str:
    """The spellings of a date that an answer may use: its numbers, the English month and weekday."""
    return date.fromisoformat(published_at[:10]).strftime("%Y %m %d %B %A") if published_at else ""
