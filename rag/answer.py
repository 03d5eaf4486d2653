"""The read path: a question -> an `Answer`, every sentence proved, or a refusal. Read `answer` from top to bottom.

Knows the order of the steps; finding, drafting, proving and judging are each their own module's.
"""

import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.asked import lacks_answer
from rag.confidence import Signals, confidence, refusal_reason
from rag.drafting import (
    MOST_TOKENS,
    WRITTEN,
    answer_prompt,
    choose_excerpts,
    clean_draft,
    contained_prompt,
    stated_prompt,
)
from rag.evidence import Evidence, SentenceMemory, gather
from rag.generation import Generation
from rag.grounding import Proof, Vector, likeliest, prove, quotation, verbatim, within_length
from rag.languages import detect_language
from rag.phrases import introduction, refusal
from rag.retriever import narrowed, retrieve
from rag.types import (
    AbstainReason,
    Answer,
    AnswerSentence,
    Citation,
    Draft,
    Embedder,
    Generator,
    Mode,
    Question,
    Retrieved,
    Span,
    StopCheck,
    Timings,
    Usage,
)

READ = 8  # passages whose sentences may be quoted
_LATIN_WORD, _CYRILLIC_WORD = re.compile(r"\b[a-z]{3,}"), re.compile(r"\b[а-яё]{3,}")
_PHRASE = 4  # words from which on a draft's language can be told
TRIED = 4  # quotations that the model is asked about where its draft can't be proved
RELATED = 2  # quotations that a refusal shows
_Place = tuple[str, Span]  # in which source, where
EXTRACTIVE = "extractive"  # stands where a model's name would, when none wrote


@dataclass(frozen=True, slots=True)
class Library:
    """What a question is asked of: an index, the embedder it was made with, and a writer if there is one.

    `memory` may be shared with other libraries, over other indexes too.
    """

    generation: Generation
    embedder: Embedder
    generator: Generator | None
    memory: SentenceMemory = field(default_factory=SentenceMemory)


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
    question = narrowed(question, library.generation)
    found = retrieve(question, library.generation, library.embedder, max(top_k, READ))
    evidence = gather(question, found[:READ], library.embedder, library.memory)
    clock.lap("retrieve")
    generator = library.generator if mode == "generate" else None
    draft = _draft(question, found[:READ], library.embedder, generator, stop)
    clock.lap("generate")
    proofs = _prove(question, draft, evidence, library.embedder, generator, stop)
    signals = _judge(question, proofs, generator, stop)
    clock.lap("ground")
    reason = refusal_reason(signals, found=bool(found))
    return _compose(question, library, generator, found[:top_k], evidence, draft, proofs, signals, reason, clock)


def _draft(
    question: Question, found: Sequence[Retrieved], embedder: Embedder, generator: Generator | None, stop: StopCheck
) -> Draft | None:
    """What the model makes of the best passages; in the language of the first where it can't write the question's."""
    if generator is None or not found:
        return None
    language = question.language if question.language in WRITTEN else found[0].article.language
    prompt = answer_prompt(question.text, language, choose_excerpts(found, embedder))
    return generator.complete(prompt, max_tokens=MOST_TOKENS, stop=stop)


def _prove(
    question: Question,
    draft: Draft | None,
    evidence: Sequence[Evidence],
    embedder: Embedder,
    generator: Generator | None,
    stop: StopCheck,
) -> list[Proof]:
    """The draft's sentences that hold; quotations instead where none does or where the draft may not be shown."""
    sentences = clean_draft(draft.text) if draft else []
    if draft and draft.completion_tokens >= MOST_TOKENS:
        sentences = sentences[:-1]  # cut off in the middle
    vectors = list(embedder.embed_passages(sentences)) if sentences else []
    proofs = [
        proof
        for sentence, vector in zip(sentences, vectors, strict=True)
        if (proof := prove(sentence, vector, evidence, question.text))
    ]
    said = " ".join(proof.text for proof in proofs)
    if not proofs or lacks_answer(question.text, said):
        fitting = [one for one in evidence if not lacks_answer(question.text, one.text)]
        proofs = _quote(question, fitting, evidence, vectors, generator, stop) or proofs
        proofs = proofs or _quote(question, evidence, evidence, vectors, generator, stop)
    return within_length(proofs if _spoken(said, question.language) else verbatim(proofs), question.text)


def _quote(
    question: Question,
    fitting: Sequence[Evidence],
    evidence: Sequence[Evidence],
    drafted: Sequence[Vector],
    generator: Generator | None,
    stop: StopCheck,
) -> list[Proof]:
    """The best quotation of `fitting`: the likeliest, or of a few such the one that the model says answers."""
    candidates = likeliest(fitting, drafted)[:TRIED]
    if not candidates:
        return []
    best = candidates[0]
    if generator is not None and len(candidates) > 1:
        sure = [
            generator.yes_probability(contained_prompt(question.text, [one.alone]), stop=stop) for one in candidates
        ]
        best = candidates[max(range(len(sure)), key=lambda index: sure[index] or 0.0)]
    return quotation(best, evidence)


def _spoken(said: str, language: str) -> bool:
    """Whether a draft may be shown for a question in `language`: its plain words, names aside, are in that alphabet.

    Between languages of one alphabet the draft's words decide, but for English: names make it look like any other.
    """
    if language not in WRITTEN:
        return False
    foreign = _LATIN_WORD if language in ("ru", "zh") else _CYRILLIC_WORD
    if foreign.search(said):
        return False
    return language in ("en", "ru", "zh") or len(said.split()) < _PHRASE or detect_language(said) == language


def _judge(question: Question, proofs: Sequence[Proof], generator: Generator | None, stop: StopCheck) -> Signals | None:
    """What speaks for the answer; the model's own yes or no is asked on the evidence alone."""
    if not proofs:
        return None
    stated = contained = None
    if generator is not None:
        said = " ".join(proof.text for proof in proofs)
        quoted = list({one.item.passage.passage_id: one.item for proof in proofs for one in proof.quotes}.values())
        stated = generator.yes_probability(stated_prompt(question.text, said, quoted), stop=stop)
        contained = generator.yes_probability(contained_prompt(question.text, quoted), stop=stop)
    return Signals.of(question.text, proofs, stated, contained)


def _compose(
    question: Question,
    library: Library,
    generator: Generator | None,
    shown: Sequence[Retrieved],
    evidence: Sequence[Evidence],
    draft: Draft | None,
    proofs: Sequence[Proof],
    signals: Signals | None,
    reason: AbstainReason | None,
    clock: "_Clock",
) -> Answer:
    sure = confidence(signals)
    citations: dict[_Place, Citation] = {}
    sentences: list[AnswerSentence] = []
    text = refusal(reason, question.language) if reason else ""
    for proof in () if reason else proofs:
        numbers = tuple(_cite(one, proof.nearness, citations) for one in proof.quotes)
        foreign = proof.verbatim and proof.quotes[0].item.article.language != question.language
        text += (" " if text else "") + (introduction(question.language) if foreign and not sentences else "")
        sentences.append(AnswerSentence(proof.text, Span(len(text), len(text) + len(proof.text)), numbers))
        text += proof.text
    nearby: dict[_Place, Citation] = {}
    if reason:
        for one in sorted(evidence, key=lambda one: -one.relevance)[:RELATED]:
            _cite(one, 0.0, nearby)
    return Answer(
        id=f"ans_{uuid.uuid4().hex[:16]}",
        question=question,
        answer=text,
        abstain_reason=reason,
        confidence=sure,
        sentences=tuple(sentences),
        citations=tuple(citations.values()),
        retrieved=tuple(shown),
        related=tuple(nearby.values()),
        generation=library.generation.id,
        model=generator.model if generator else EXTRACTIVE,
        usage=Usage(draft.prompt_tokens, draft.completion_tokens) if draft else Usage(),
        timings=clock.timings(draft.first_token_s if draft else None),
        draft=draft.text if draft else None,
    )


def _cite(evidence: Evidence, support: float, citations: dict[_Place, Citation]) -> int:
    """The number of a quotation among `citations`, where it is put if it is new."""
    place = (evidence.item.article.source_sha256, evidence.span)
    known = citations.get(place)
    if known is None:
        number = len(citations) + 1
        support = round(min(max(support, 0.0), 1.0), 4)  # a cosine may be a rounding beyond 1, or below 0
        known = Citation(number, evidence.item.passage, evidence.item.article, evidence.text, evidence.span, support)
        citations[place] = known
    return known.n


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = 1000 * (now - self._last)
        self._last = now

    def timings(self, first_token_s: float | None) -> Timings:
        first = None if first_token_s is None else 1000 * first_token_s
        return Timings(**self._laps, total=1000 * (time.perf_counter() - self._began), first_token=first)
