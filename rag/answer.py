"""The read path: a question -> an `Answer`, every sentence proved, or a refusal. Read `answer` from top to bottom.

Knows the order of the steps; finding, weighing, drafting, proving and judging are each their own module's.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.asked import lacks_answer, takes_for_granted
from rag.confidence import Signals, confidence, refusal_reason, support
from rag.drafting import (
    MOST_TOKENS,
    answer_prompt,
    clean_draft,
    is_drafted,
    is_spoken,
    premise_prompt,
    stated_prompt,
    supported_prompt,
)
from rag.evidence import Evidence, SentenceMemory, gather
from rag.excerpts import choose_excerpts
from rag.generation import Generation
from rag.grounding import Proof, prove, quotations, verbatim, within_length
from rag.hygiene import visible
from rag.parts import parts_of
from rag.phrases import dated, introduction, refusal, rest_unstated
from rag.retriever import in_turn, narrowed, retrieve
from rag.selection import without_repetitions
from rag.types import (
    AbstainReason,
    Answer,
    AnswerSentence,
    Citation,
    Draft,
    Embedder,
    Generator,
    Mode,
    Prompt,
    Question,
    Retrieved,
    Span,
    StopCheck,
    Timings,
    Usage,
)
from rag.updates import Conflict, find_conflict
from rag.weighing import Weighed, nearest, weigh

READ = 8  # passages whose sentences may be quoted
_CONFIRMED = 0.5  # the model's probability from which another report answers too
_PREMISE = 3  # sentences that may bear out what a question takes for granted
RELATED = 2  # quotations that a refusal shows
EXTRACTIVE = "extractive"  # stands where a model's name would, when none wrote
_Place = tuple[str, Span]  # in which source, where


@dataclass(frozen=True, slots=True)
class Library:
    """What a question is asked of: an index, the embedder it was made with, and a writer if there is one.

    `memory` may be shared with other libraries, over other indexes too.
    """

    generation: Generation
    embedder: Embedder
    generator: Generator | None
    memory: SentenceMemory = field(default_factory=SentenceMemory)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What came of one part of a question; `reason`: why it is not answered."""

    weighed: list[Weighed]
    prompt: Prompt | None
    draft: Draft | None
    proofs: list[Proof]
    signals: Signals | None
    reason: AbstainReason | None
    conflict: Conflict | None  # of the figure that is quoted first with another article's


def answer(
    question: Question,
    library: Library,
    *,
    mode: Mode = "generate",
    top_k: int = 5,
    stop: StopCheck = lambda: False,
) -> Answer:
    """Answer `question` from `library`; without a generator, or in mode "extract", with quotations alone.

    Raises EngineFailed where the model broke, Cancelled once `stop()` is true.
    """
    clock = _Clock()
    asked = replace(library, generator=library.generator if mode == "generate" else None)
    question = narrowed(question, library.generation)
    parts = [replace(question, text=part) for part in parts_of(visible(question.text), question.language)]
    found = [retrieve(part, library.generation, library.embedder, max(top_k, READ)) for part in parts]
    readings = [_read(part, own[:READ], asked, clock, stop) for part, own in zip(parts, found, strict=True)]
    return _compose(question, asked, in_turn(found)[:top_k], readings, clock)


def _read(
    question: Question, found: Sequence[Retrieved], library: Library, clock: "_Clock", stop: StopCheck
) -> _Reading:
    """Weigh the sentences found, draft from the best, keep what they prove, and judge whether that answers."""
    evidence = gather(question, without_repetitions(found), library.embedder, library.memory)
    clock.lap("retrieve")
    weighed = weigh(question.text, evidence, library.generator, stop)
    clock.lap("ground")
    prompt = _prompt(question, weighed, library)
    draft = (
        library.generator.complete(prompt, max_tokens=MOST_TOKENS, stop=stop) if library.generator and prompt else None
    )
    clock.lap("generate")
    proofs = _prove(question, draft, weighed, library.embedder)
    failed = draft is not None and all(proof.verbatim for proof in proofs)
    signals = _judge(question, proofs, weighed, failed=failed, generator=library.generator, stop=stop)
    clock.lap("ground")
    reason = refusal_reason(signals, found=bool(found))
    if reason == "not_supported" and _is_false_premise(question, weighed, library.generator, stop):
        reason = "false_premise"
    conflict = None if reason else _conflict(question, proofs[0].quotes[0], evidence, library.generator, stop)
    clock.lap("ground")
    return _Reading(weighed, prompt, draft, proofs, signals, reason, conflict)


def _prompt(question: Question, weighed: Sequence[Weighed], library: Library) -> Prompt | None:
    """What the model drafts from; None where it is not asked to: it does not write every language, nor translate."""
    if library.generator is None or not weighed or not is_drafted(question.language, weighed[0].evidence.language):
        return None
    chosen = choose_excerpts(question.text, weighed, library.embedder)
    return answer_prompt(question.text, question.language, [one.alone for one in chosen])


def _prove(question: Question, draft: Draft | None, weighed: Sequence[Weighed], embedder: Embedder) -> list[Proof]:
    """The draft's sentences that hold; a quotation where none does, or where they don't say what was asked for."""
    sentences = clean_draft(draft.text) if draft else []
    if draft and draft.completion_tokens >= MOST_TOKENS:
        sentences = sentences[:-1]  # cut off in the middle
    evidence = [one.evidence for one in weighed]
    vectors = list(embedder.embed_passages(sentences)) if sentences else []
    proofs = [
        proof
        for sentence, vector in zip(sentences, vectors, strict=True)
        if (proof := prove(sentence, vector, evidence, question.text))
    ]
    said = " ".join(proof.text for proof in proofs)
    if weighed and (not proofs or lacks_answer(question.text, said)):
        proofs = quotations(nearest(weighed, vectors).evidence, evidence)
    elif not is_spoken(said, question.language):
        proofs = verbatim(proofs)
    return within_length(proofs, question.text)


def _judge(
    question: Question,
    proofs: Sequence[Proof],
    weighed: Sequence[Weighed],
    *,
    failed: bool,
    generator: Generator | None,
    stop: StopCheck,
) -> Signals | None:
    """What speaks for the answer, the model's yes or no to it on its quotations among it."""
    if not proofs:
        return None
    supported = None
    if generator is not None:
        quoted = list({id(one): one.alone for proof in proofs for one in proof.quotes}.values())
        said = " ".join(proof.text for proof in proofs)
        supported = generator.yes_probability(supported_prompt(question.text, said, quoted), stop=stop)
    return Signals.of(question.text, proofs, weighed, supported, failed=failed)


def _is_false_premise(
    question: Question, weighed: Sequence[Weighed], generator: Generator | None, stop: StopCheck
) -> bool:
    """Whether what a refused question takes for granted is, as the model says, not borne out by what is nearest."""
    if generator is None or not weighed or not takes_for_granted(question.text):
        return False
    worthiest = [one.evidence.alone for one in weighed[:_PREMISE]]
    sure = generator.yes_probability(premise_prompt(question.text, worthiest), stop=stop)
    return sure is not None and sure < _CONFIRMED


def _conflict(
    question: Question, cited: Evidence, evidence: Sequence[Evidence], generator: Generator | None, stop: StopCheck
) -> Conflict | None:
    """A report of the cited figure from another day; where there is a model, only if it says that this answers too."""
    conflict = find_conflict(cited, evidence)
    if conflict is None or generator is None:
        return conflict
    other = conflict.earlier if cited is conflict.later else conflict.later
    sure = generator.yes_probability(stated_prompt(question.text, [other.alone]), stop=stop)
    return conflict if sure is None or sure >= _CONFIRMED else None


def _told(reading: _Reading, language: str) -> Iterator[tuple[str, Proof]]:
    """The reading's proofs in order, each with what stands before it: the later of two figures first, with its day."""
    if reading.conflict is None:
        yield from (("", proof) for proof in reading.proofs)
        return
    earlier, later = reading.conflict.earlier, reading.conflict.later
    before, now = (
        dated(language, one.item.article.published_at or "", earlier=one is earlier) for one in (earlier, later)
    )
    if reading.proofs[0].quotes[0] is earlier:
        yield now, Proof(later.text, (later,), 1.0)
        yield from ((before if place == 0 else "", proof) for place, proof in enumerate(reading.proofs))
    else:
        yield from ((now if place == 0 else "", proof) for place, proof in enumerate(reading.proofs))
        yield before, Proof(earlier.text, (earlier,), 1.0)


def _compose(
    question: Question, library: Library, shown: Sequence[Retrieved], readings: Sequence[_Reading], clock: "_Clock"
) -> Answer:
    """Put the parts' proofs together; refuse where none is answered, say so where one is not."""
    answered = [one for one in readings if one.reason is None]
    reason = None if answered else readings[0].reason
    citations: dict[_Place, Citation] = {}
    sentences: list[AnswerSentence] = []
    text = refusal(reason, question.language) if reason else ""
    for reading, before, proof in ((one, *told) for one in answered for told in _told(one, question.language)):
        if any(proof.text == sentence.text for sentence in sentences):
            continue  # two parts of a question may be answered by one sentence
        numbers = tuple(_cite(quote, support(proof, reading.signals), citations) for quote in proof.quotes)
        foreign = proof.verbatim and proof.quotes[0].language != question.language
        text += (" " if text else "") + (introduction(question.language) if foreign and not sentences else "") + before
        sentences.append(AnswerSentence(proof.text, Span(len(text), len(text) + len(proof.text)), numbers))
        text += proof.text
    if answered and len(answered) < len(readings):
        text += " " + rest_unstated(question.language)
    nearby: dict[_Place, Citation] = {}
    if reason:
        for one in readings[0].weighed[:RELATED]:
            _cite(one.evidence, 0.0, nearby)
    drafts = [one.draft for one in readings if one.draft]
    return Answer(
        id=f"ans_{uuid.uuid4().hex[:16]}",
        question=question,
        answer=text,
        abstain_reason=reason,
        confidence=min(confidence(one.signals) for one in readings),
        sentences=tuple(sentences),
        citations=tuple(citations.values()),
        retrieved=tuple(shown),
        related=tuple(nearby.values()),
        generation=library.generation.id,
        model=library.generator.model if library.generator else EXTRACTIVE,
        usage=Usage(sum(one.prompt_tokens for one in drafts), sum(one.completion_tokens for one in drafts)),
        timings=clock.timings(drafts[0].first_token_s if drafts else None),
        draft=" ".join(one.text for one in drafts) if drafts else None,
        prompt="\n\n".join(one.prompt.user for one in readings if one.prompt) or None,
    )


def _cite(evidence: Evidence, support: float, citations: dict[_Place, Citation]) -> int:
    """The number of a quotation among `citations`, where it is put if it is new."""
    place = (evidence.item.article.source_sha256, evidence.span)
    known = citations.get(place)
    if known is None:
        number = len(citations) + 1
        item = evidence.item
        known = Citation(number, item.passage, item.article, evidence.text, evidence.span, round(support, 4))
        citations[place] = known
    return known.n


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = self._laps.get(name, 0.0) + 1000 * (now - self._last)
        self._last = now

    def timings(self, first_token_s: float | None) -> Timings:
        first = None if first_token_s is None else 1000 * first_token_s
        return Timings(**self._laps, total=1000 * (time.perf_counter() - self._began), first_token=first)
