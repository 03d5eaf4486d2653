"""What is wrong with a question set, for whoever wrote it: gold that is not there, answers that it does not state.

Knows no run and no system. The form of a set is checked by its reader already; this is about what it says.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.gold import GoldFinder, Shelf
from eval.matching import contains
from eval.sets import Item, QuestionSet
from rag.languages import detect_language

_SHORT_ANSWER = 6  # words up to which an answer is expected to stand in its source as it is
_NEVER_QUOTED = frozenset({"yes", "no"})

FindGold = Callable[[Item], tuple[list[str], list[str]]]  # the gold texts of a question, and what of it is missing


@dataclass(frozen=True, slots=True)
class Checked:
    """A set that was checked, and its faults as `file:line: what`, in the order of its lines."""

    questions: QuestionSet
    faults: tuple[str, ...]

    def report(self) -> str:
        """The faults, a line each, and below them what the set holds."""
        items = self.questions.items
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(item.type for item in items).items()))
        halves = Counter(item.split for item in items)
        summary = (
            f"{self.questions.name}: {len(items)} questions ({halves['dev']} dev, {halves['test']} test), "
            f"{len(self.questions.documents) or 'no'} documents of its own; {kinds}"
        )
        number = len(self.faults)
        verdict = "no fault found" if not number else "1 fault" if number == 1 else f"{number} faults"
        return "\n".join((*self.faults, summary, verdict))


def check(questions: QuestionSet, shelf: Shelf | None) -> Checked:
    """`check_set` with the set beside it, ready to be shown."""
    return Checked(questions, tuple(check_set(questions, shelf)))


def check_set(questions: QuestionSet, shelf: Shelf | None) -> list[str]:
    """Faults as `file:line: what`. `shelf`: where a set without documents has its gold; others need none.

    Raises ValueError where a set without documents is checked without a shelf.
    """
    find_gold = _in_documents(questions) if questions.documents else _on_shelf(shelf)
    first: dict[tuple[str | None, str], Item] = {}
    faults = []
    for item in questions.items:
        faults += [f"{questions.place(item)}: {what}" for what in _faults(item, find_gold)]
        same = (item.haystack, " ".join(item.question.casefold().split()))
        if (other := first.setdefault(same, item)) is not item:
            faults.append(f"{questions.place(item)}: the same question as {other.id!r} in line {other.line}")
    return faults


def _in_documents(questions: QuestionSet) -> FindGold:
    """Gold among the set's own documents: that it is there was seen to when the set was read."""
    texts = {document.id: f"{document.title}\n{document.text}" for document in questions.documents}
    return lambda item: ([texts[document_id] for document_id in item.gold_docs], [])


def _on_shelf(shelf: Shelf | None) -> FindGold:
    if shelf is None:
        raise ValueError("a set without documents is checked against the index it is asked of")
    finder = GoldFinder(shelf)

    def find(item: Item) -> tuple[list[str], list[str]]:
        gold, missing = finder.gold_of(item)
        return [finder.text_of(article_id) for article_id in sorted(gold)], missing

    return find


def _faults(item: Item, find_gold: FindGold) -> Iterator[str]:
    """What is wrong with one question on its own."""
    gold_texts, missing = find_gold(item)
    yield from missing
    if len(set(item.evidence)) < len(item.evidence):
        yield "the same quotation twice in evidence"
    gold = {
        "answers": item.answers,
        "must_include": tuple(phrase for group in item.must_include for phrase in group),
        "evidence": tuple(evidence.quote for evidence in item.evidence),  # it may be the answer, word for word
    }
    for phrase in item.must_not_include:
        if holders := [name for name, texts in gold.items() if any(contains(text, phrase) for text in texts)]:
            yield f"must_not_include: {phrase}: stands in {', '.join(holders)}"
    if not item.answerable:
        filled = [name for name in ("answers", "must_include", "gold_docs", "evidence") if getattr(item, name)]
        if filled:
            yield f"not answerable, yet it has {', '.join(filled)}"
        return
    if item.must_include and not item.answers:
        yield "must_include without answers: a reader can't see what a right answer looks like"
    if item.must_include and item.answers and not any(_meets(answer, item) for answer in item.answers):
        yield "none of the answers holds what must_include demands"
    if not missing:
        yield from _unsupported(item, gold_texts)


def _unsupported(item: Item, gold_texts: Sequence[str]) -> Iterator[str]:
    """Facts that the gold does not state: its quotations, or without any the gold texts. English on English alone,
    for in other languages words change their endings, and a translation states them in other words.
    """
    if item.lang != "en":
        return
    stated = " ".join(evidence.quote for evidence in item.evidence)
    where = "evidence" if stated else "gold texts"
    stated = stated or " ".join(gold_texts)
    if detect_language(stated) != "en":
        return
    for group in item.must_include:
        if not any(contains(stated, phrase) for phrase in group):
            yield f"must_include: {' / '.join(group)}: not in the {where}"
    short = [answer for answer in item.answers if len(answer.split()) <= _SHORT_ANSWER]
    is_quotable = len(short) == len(item.answers) > 0 and not _NEVER_QUOTED & {a.casefold() for a in short}
    if not item.must_include and is_quotable and not any(contains(stated, answer) for answer in short):
        yield f"answers: {' / '.join(short)}: not in the {where}"


def _meets(answer: str, item: Item) -> bool:
    return all(any(contains(answer, phrase) for phrase in group) for group in item.must_include)
