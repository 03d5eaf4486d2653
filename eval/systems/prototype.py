"""The plain prototype that Derek is measured against: what an afternoon's retrieval-augmented answering gives.

Sentence passages of about 600 characters with title and date in front, dense + BM25 fused by reciprocal rank, the top
five in one prompt that asks for [n] markers and leaves a way out. Takes articles and nothing else from `rag`; no
grounding, no filters, no stemming.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eval.sets import Item
from eval.systems import DEPTH, Passage, Said
from eval.systems.derek import described, hits
from rag.answer import Library
from rag.generation import Generation
from rag.types import Article, Embedder, Filters, Generator, Prompt, Vectors

PASSAGE_CHARACTERS = 600
FUSION_CONSTANT = 10
K1, B = 0.9, 0.4
IN_PROMPT = 5
MAX_TOKENS = 160
NOT_FOUND = "NOT FOUND"
SYSTEM = (
    "Answer the question from the numbered excerpts alone, briefly, in the language of the question. After each "
    f"sentence put the number of the excerpt it comes from in brackets, like [2]. If the excerpts do not state the "
    f"answer, reply {NOT_FOUND}."
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_LATE_MARKERS = re.compile(r"([.!?])((?:\s*\[\d{1,3}\])+)")  # after the full stop of the sentence they belong to
_ALL_ARTICLES = 1_000_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage of the prototype: a slice of the source text, and what stands in front of it in index and prompt."""

    article: Article
    text: str
    score: float = 0.0

    @property
    def headed(self) -> str:
        """Title, date and text."""
        return f"{self.article.title} ({self.article.published_at or 'no date'}). {self.text}"


@dataclass(frozen=True, slots=True)
class PrototypeAnswer:
    """What the model wrote without its markers, and the excerpts that they pointed at, in order of first use.

    `sentences`: each with the places, from 0, of its excerpts in `cited`.
    """

    text: str
    abstained: bool
    cited: tuple[Excerpt, ...]
    sentences: tuple[tuple[str, tuple[int, ...]], ...]
    prompt: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Prototype:
    """The whole prototype over the articles of one generation; embeds them anew when made."""

    def __init__(self, generation: Generation, embedder: Embedder, generator: Generator | None = None) -> None:
        articles = generation.catalog.articles(Filters(), None, _ALL_ARTICLES, 0)[1]
        texts = {sha256: generation.catalog.source_text(sha256) for sha256 in {a.source_sha256 for a in articles}}
        self.excerpts = [
            Excerpt(article, text) for article in articles for text in cut(article, texts[article.source_sha256])
        ]
        headed = [excerpt.headed for excerpt in self.excerpts]
        self._embedder = embedder
        self._generator = generator
        self._vectors: Vectors = embedder.embed_passages(headed)
        self._words = BM25([tokens(text) for text in headed])

    def search(self, question: str, top_k: int) -> list[Excerpt]:
        """The best excerpts by reciprocal-rank fusion, sum of 1 / (constant + rank) (Cormack et al., SIGIR 2009)."""
        dense = self._vectors @ self._embedder.embed_queries([question])[0]
        words = self._words.scores(tokens(question))
        fused = np.zeros(len(self.excerpts))
        for scores, found in ((dense, np.ones(len(dense), dtype=bool)), (words, words > 0)):
            order = np.argsort(-scores, kind="stable")
            ranks = np.empty(len(order))
            ranks[order] = np.arange(1, len(order) + 1)
            fused += np.where(found, 1 / (FUSION_CONSTANT + ranks), 0)
        best = np.argsort(-fused, kind="stable")[:top_k]
        return [replace(self.excerpts[row], score=float(fused[row])) for row in best]

    def answer(self, question: str) -> PrototypeAnswer:
        """Ask the model once with the top excerpts. Needs a generator."""
        if self._generator is None:
            raise ValueError("this prototype was made without a generator")
        shown = self.search(question, IN_PROMPT)
        excerpts = "\n\n".join(f"[{n}] {excerpt.headed}" for n, excerpt in enumerate(shown, start=1))
        prompt = Prompt(SYSTEM, f"{excerpts}\n\nQuestion: {question}")
        draft = self._generator.complete(prompt, max_tokens=MAX_TOKENS, stop=lambda: False)
        read = read_draft(draft.text, shown)
        return replace(
            read, prompt_tokens=draft.prompt_tokens, completion_tokens=draft.completion_tokens, prompt=prompt.user
        )


class PrototypeSystem:
    """The prototype as a system of a run; without `answers` it only ranks."""

    def __init__(self, library: Library, answers: bool) -> None:
        self._library = library
        self._answers = answers
        self._prototype = Prototype(library.generation, library.embedder, library.generator)

    @property
    def described(self) -> dict[str, Any]:
        """The models and articles it shares with Derek."""
        return described("prototype", self._library)

    def ask(self, item: Item) -> Said:
        """Its ranking, and its answer with whole passages as citations."""
        found = tuple(_passage(excerpt) for excerpt in self._prototype.search(item.question, DEPTH))
        if not self._answers:
            return Said(found)
        before = hits(self._library.generator)
        reply = self._prototype.answer(item.question)
        citations = [
            {
                "n": n,
                "article_id": excerpt.article.article_id,
                "title": excerpt.article.title,
                "published_at": excerpt.article.published_at,
                "file": excerpt.article.file,
                "cited_text": excerpt.text,
            }
            for n, excerpt in enumerate(reply.cited, start=1)
        ]
        answer = {
            "question": item.question,
            "language": item.lang,
            "answer": reply.text,
            "abstained": reply.abstained,
            "abstain_reason": "not_supported" if reply.abstained else None,
            "sentences": []
            if reply.abstained
            else [{"text": text, "citations": [place + 1 for place in places]} for text, places in reply.sentences],
            "citations": [] if reply.abstained else citations,
            "generation": self._library.generation.id,
            "prompt": reply.prompt,
            "usage": {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens},
        }
        return Said(found, answer, cached=hits(self._library.generator) > before)


def _passage(excerpt: Excerpt) -> Passage:
    digest = hashlib.sha256(excerpt.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    article_id = excerpt.article.article_id
    return Passage(f"{article_id}-{digest}", article_id, excerpt.text, excerpt.score)


class BM25:
    """BM25 in Lucene's form over lists of tokens (Kamphuis et al., ECIR 2020).

    score = sum over the words of idf tf / (tf + k1 (1 - b + b length / mean length)),
    idf = ln(1 + (N - n + .5) / (n + .5))
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(document) for document in documents]
        self._lengths = np.array([len(document) for document in documents], dtype=np.float64)
        self._holding = Counter(word for counts in self._counts for word in counts)

    def scores(self, query: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A score a document, 0 where it holds no word of the query."""
        total = np.zeros(len(self._counts))
        if not len(total):
            return total
        norm = K1 * (1 - B + B * self._lengths / max(self._lengths.mean(), 1.0))
        for word in query:
            holding = self._holding[word]
            idf = math.log(1 + (len(total) - holding + 0.5) / (holding + 0.5))
            tf = np.array([counts[word] for counts in self._counts], dtype=np.float64)
            total += idf * tf / (tf + norm)
        return total


def tokens(text: str) -> list[str]:
    """Lower-cased words."""
    return re.findall(r"\w+", text.lower())


def cut(article: Article, source_text: str) -> Iterator[str]:
    """Slices of the article's body of about PASSAGE_CHARACTERS, on sentence ends."""
    for piece in article.body:
        text = source_text[piece.start : piece.end]
        start = 0
        ends = [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]
        for end, following in zip(ends, [*ends[1:], None], strict=True):
            if following is None or following - start > PASSAGE_CHARACTERS:
                if passage := text[start:end].strip():
                    yield passage
                start = end


def read_draft(draft: str, shown: Sequence[Excerpt]) -> PrototypeAnswer:
    """Take the markers out of a draft, sentence by sentence; markers that point at nothing are left out."""
    places: dict[int, int] = {}  # of the excerpts cited, by number
    sentences: list[tuple[str, tuple[int, ...]]] = []
    for piece in _SENTENCE_END.split(_LATE_MARKERS.sub(r"\2\1", draft)):
        numbers = dict.fromkeys(int(number) for number in _MARKER.findall(piece))
        cited = tuple(places.setdefault(n, len(places)) for n in numbers if 1 <= n <= len(shown))
        if text := _MARKER.sub("", piece).strip():
            sentences.append((text, cited))
    text = " ".join(text for text, _ in sentences)
    return PrototypeAnswer(
        text, not text or NOT_FOUND in text, tuple(shown[number - 1] for number in places), tuple(sentences)
    )
