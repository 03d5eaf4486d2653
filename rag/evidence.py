"""Retrieved passages -> quotable sentences with what each states. Knows the question's vector, no language model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rag.facts import Stated, stated_in
from rag.sentences import split_sentences
from rag.types import Embedder, Question, Retrieved, Span


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One sentence or list item of a retrieved passage, as it may be quoted."""

    item: Retrieved
    span: Span  # in the source text
    text: str
    stated: Stated
    vector: npt.NDArray[np.float32]  # (dim,), of the sentence as a passage
    relevance: float  # cosine of the sentence and the question

    @property
    def alone(self) -> Retrieved:
        """The passage cut down to this sentence."""
        return replace(self.item, passage=replace(self.item.passage, span=self.span, text=self.text))

    @property
    def article_id(self) -> str:
        """The article that it is quoted from."""
        return self.item.article.article_id


def gather(question: Question, found: Sequence[Retrieved], embedder: Embedder) -> list[Evidence]:
    """Every sentence of the passages in `found`, in their order: rank of the passage, then place in it."""
    places = [(item, span) for item in found for span in split_sentences(item.passage.text)]
    if not places:
        return []
    texts = [item.passage.text[span.start : span.end] for item, span in places]
    vectors = embedder.embed_passages(texts)
    relevances = vectors @ embedder.embed_queries([question.text])[0]
    return [
        Evidence(item, _in_source(item, span), text, stated_in(text), vector, float(relevance))
        for (item, span), text, vector, relevance in zip(places, texts, vectors, relevances, strict=True)
    ]


def _in_source(item: Retrieved, span: Span) -> Span:
    start = item.passage.span.start
    return Span(start + span.start, start + span.end)
