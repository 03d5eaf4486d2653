"""Retrieved passages -> quotable sentences with what each states. Knows the question's vector, no language model."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rag.facts import Stated, stated_in
from rag.hygiene import is_quotable
from rag.moments import spelled_out
from rag.sentences import split_sentences
from rag.types import Embedder, Question, Retrieved, Span, Vectors

PASSAGES_KEPT = 2048  # about ten kilobytes each
_Sentences = tuple[tuple[Span, ...], Vectors]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One sentence or list item of a retrieved passage, as it may be quoted."""

    item: Retrieved
    span: Span  # in the source text
    text: str
    stated: Stated  # last year's number is one of 2025 too
    vector: npt.NDArray[np.float32]  # (dim,), of the sentence as a passage
    relevance: float  # cosine of the sentence and the question

    @property
    def alone(self) -> Retrieved:
        """The passage cut down to this sentence."""
        return replace(self.item, passage=replace(self.item.passage, span=self.span, text=self.text))

    @property
    def language(self) -> str:
        """The language of its article."""
        return self.item.article.language

    @property
    def article_id(self) -> str:
        """The article that it is quoted from."""
        return self.item.article.article_id


class SentenceMemory:
    """Sentences and vectors of the passages read most recently: what is asked about is asked about again.

    Safe to share between threads. A passage is embedded by itself, so that its vectors do not depend on what was read
    before it.
    """

    def __init__(self, passages: int = PASSAGES_KEPT) -> None:
        self._most = passages
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Sentences] = OrderedDict()

    def read(self, embedder: Embedder, passage: str) -> _Sentences:
        """The passage's sentences as spans in it, and their vectors, (n, dim)."""
        key = (embedder.fingerprint, passage)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        spans = tuple(split_sentences(passage))
        sentences = spans, embedder.embed_passages([passage[span.start : span.end] for span in spans])
        with self._lock:
            self._kept[key] = sentences
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return sentences


def gather(
    question: Question, found: Sequence[Retrieved], embedder: Embedder, memory: SentenceMemory
) -> list[Evidence]:
    """Every quotable sentence of the passages in `found`, in their order: rank of the passage, then place in it."""
    if not found:
        return []
    asked = embedder.embed_queries([question.text])[0]
    evidence = []
    for item in found:
        spans, vectors = memory.read(embedder, item.passage.text)
        for span, vector in zip(spans, vectors, strict=True):
            text = item.passage.text[span.start : span.end]
            if not is_quotable(text):
                continue
            stated = stated_in(spelled_out(text, item.article.published_at, item.article.language))
            evidence.append(Evidence(item, _in_source(item, span), text, stated, vector, float(vector @ asked)))
    return evidence


def _in_source(item: Retrieved, span: Span) -> Span:
    start = item.passage.span.start
    return Span(start + span.start, start + span.end)
