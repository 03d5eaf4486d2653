"""Is one answer right, and what do its quotations prove? Compares what came back with the gold of its question.

Right: not refused, every `must_include` group is in the answer, and no number or name in it is wrong. Wrong is a
number or capitalised name that occurs neither in the question nor in its gold (answers, spellings, evidence) nor in
what the answer quotes from gold articles, or was given of them (text, title, date). Whatever is asked, an answer or a
refusal that says something of `must_not_include` is not right. Knows no models, files or means.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from eval.insights import Sentence, insights_met
from eval.judges import Judge
from eval.matching import contains, fold, is_known_name, names, number_words, numbers
from eval.metrics.answers import exact_match, token_f1
from eval.metrics.citations import Alce, CitedSentence, alce
from eval.metrics.estimates import share
from eval.metrics.retrieval import precision
from eval.sets import Item


@dataclass(frozen=True, slots=True)
class Quoted:
    """One quotation of an answer: the article, what is shown of it, and whether it is the source's text.

    `verbatim` None: the system gives no offsets to check it at.
    """

    article_id: str
    text: str
    title: str
    published_at: str | None
    verbatim: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system said: its text, whether that is a refusal, what it quoted, and which sentence cites what.

    `sentences`: each with the places, from 0, of its quotations in `quoted`. `given`: passages that stood before the
    model of a system that is handed gold; what stands in them is no invention, though nothing quotes it.
    """

    text: str
    abstained: bool
    quoted: tuple[Quoted, ...]
    sentences: tuple[tuple[str, tuple[int, ...]], ...] = ()
    given: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer judged. None: undefined, as no answer was expected or given, nothing cited, no gold."""

    right: bool
    abstained: bool
    missing: tuple[tuple[str, ...], ...] = ()  # must_include groups not found
    wrong_numbers: tuple[str, ...] = ()
    wrong_names: tuple[str, ...] = ()
    citation_precision: float | None = None  # share of the citations that lie in gold articles
    citation_recall: float | None = None  # share of the must_include groups found in quotations of gold articles
    article_recall: float | None = None  # share of the gold articles that are cited
    evidence_precision: float | None = None  # share of the citations that overlap a gold quotation
    evidence_recall: float | None = None  # share of the gold quotations that a citation overlaps
    verbatim: float | None = None  # share of the quotations that equal the source at their offsets
    exact_match: float | None = None  # with a gold answer, SQuAD's normalisation
    token_f1: float | None = None  # the same, words shared
    supported: float | None = None  # ALCE's citation recall, by the run's judge
    needed: float | None = None  # ALCE's citation precision, by the run's judge
    undecided: int | None = None  # sentences and citations that these two leave out, as the judge can't tell
    coverage: float | None = None  # share of the insights that the answer states
    citation_f1: float | None = None  # of the articles cited for an insight, mean over those stated
    forbidden: tuple[str, ...] = ()  # of must_not_include, what was said

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
        if self.forbidden:
            parts.append("says " + ", ".join(self.forbidden))
        return "; ".join(parts) or "answered the unanswerable"


def outcome_of(answer: Mapping[str, Any], source_text: Callable[[str], str]) -> Outcome:
    """What a judge sees of an answer's JSON; every quotation with offsets is compared with its source text."""
    quoted = tuple(_quoted(citation, source_text) for citation in answer["citations"])
    places = {citation.get("n"): place for place, citation in enumerate(answer["citations"])}
    sentences = tuple(
        (sentence["text"], tuple(places[n] for n in sentence["citations"])) for sentence in answer["sentences"]
    )
    given = tuple(_quoted(passage, source_text) for passage in answer.get("given", ()))
    return Outcome(answer["answer"], answer["abstained"], quoted, sentences, given)


def judge(item: Item, gold: Collection[str], outcome: Outcome, support: Judge | None = None) -> Verdict:
    """Judge an answer. For an unanswerable question the one right answer is a refusal.

    `support` says whether quotations support a sentence; without it `supported`, `needed` and `undecided` stay None.
    """
    verdict = _against_gold(item, gold, outcome)
    if item.insights and item.answerable:
        covered, f1 = (0.0, None) if outcome.abstained else insights_met(item.insights, _sentences(outcome))
        verdict = replace(verdict, coverage=covered, citation_f1=f1)
    if support is None or outcome.abstained or not outcome.sentences:
        return verdict
    proof = _proof(outcome, support)
    return replace(verdict, supported=proof.supported, needed=proof.needed, undecided=proof.undecided)


def _against_gold(item: Item, gold: Collection[str], outcome: Outcome) -> Verdict:
    checked = [quoted.verbatim for quoted in outcome.quoted if quoted.verbatim is not None]
    verbatim = share(checked) if checked else None
    forbidden = tuple(phrase for phrase in item.must_not_include if contains(outcome.text, phrase))
    if outcome.abstained:
        missing = item.must_include if item.answerable else ()
        right = not (item.answerable or forbidden)
        return Verdict(right, abstained=True, missing=missing, verbatim=verbatim, forbidden=forbidden)
    if not item.answerable:
        return Verdict(right=False, abstained=False, verbatim=verbatim, forbidden=forbidden)
    groups = item.must_include or ((item.answers,) if item.answers else ())
    from_gold = [quoted for quoted in outcome.quoted if quoted.article_id in gold]
    known = _known_texts(item, [*from_gold, *(passage for passage in outcome.given if passage.article_id in gold)])
    missing = tuple(group for group in groups if not any(contains(outcome.text, phrase) for phrase in group))
    wrong_numbers = _wrong_numbers(outcome.text, known)
    wrong_names = tuple(dict.fromkeys(name for name in names(outcome.text) if not is_known_name(name, known)))
    proven = [any(contains(quoted.text, phrase) for quoted in from_gold for phrase in group) for group in groups]
    cited = [quoted.article_id for quoted in outcome.quoted]
    met, found = _evidence_met(item, outcome.quoted)
    return Verdict(
        right=not (missing or wrong_numbers or wrong_names or forbidden),
        abstained=False,
        missing=missing,
        wrong_numbers=wrong_numbers,
        wrong_names=wrong_names,
        citation_precision=precision(cited, gold) if cited else None,
        citation_recall=share(proven),
        article_recall=share([article in cited for article in gold]) if gold else None,
        evidence_precision=share(met) if met and found else None,
        evidence_recall=share(found) if found else None,
        verbatim=verbatim,
        exact_match=exact_match(outcome.text, item.answers) if item.answers else None,
        token_f1=token_f1(outcome.text, item.answers) if item.answers else None,
        forbidden=forbidden,
    )


def _quoted(citation: Mapping[str, Any], source_text: Callable[[str], str]) -> Quoted:
    text = citation["cited_text"]
    verbatim = None
    if "source_sha256" in citation:
        source = source_text(citation["source_sha256"])
        verbatim = source[citation["start_char_index"] : citation["end_char_index"]] == text
    return Quoted(citation["article_id"], text, citation["title"], citation["published_at"], verbatim)


def _proof(outcome: Outcome, judge: Judge) -> Alce:
    """ALCE's citation recall and precision of the answer's sentences, by the judge."""

    def sentence(text: str, places: Sequence[int]) -> CitedSentence:
        quotes = {place: outcome.quoted[place].text for place in places}
        return CitedSentence(
            frozenset(quotes), lambda some: judge.supports(text, [quotes[place] for place in sorted(some)])
        )

    return alce([sentence(text, places) for text, places in outcome.sentences])


def _sentences(outcome: Outcome) -> list[Sentence]:
    """Each with what it quotes; where a system does not tell them apart, the whole answer with all its quotations."""
    cut = outcome.sentences or ((outcome.text, tuple(range(len(outcome.quoted)))),)
    quoted = [(text, [outcome.quoted[place] for place in places]) for text, places in cut]
    return [
        Sentence(text, tuple(one.text for one in some), frozenset(one.article_id for one in some))
        for text, some in quoted
    ]


def _evidence_met(item: Item, quoted: Sequence[Quoted]) -> tuple[list[bool], list[bool]]:
    """Of each quotation whether it overlaps a gold one, of each gold one whether a quotation overlaps it."""
    gold = [fold(evidence.quote).strip() for evidence in item.evidence]
    said = [fold(one.text).strip() for one in quoted]
    overlaps = [[a in b or b in a for b in gold] for a in said]
    return [any(row) for row in overlaps], [any(row[place] for row in overlaps) for place in range(len(gold))]


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
