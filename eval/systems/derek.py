"""Derek in process: the whole read path, its retrieval alone, or one half of that retrieval."""

from collections.abc import Sequence
from typing import Any, Literal

from eval.drafts import CachedGenerator
from eval.sets import Item
from eval.systems import DEPTH, SHOWN, Passage, Said
from rag.answer import Library, answer
from rag.question import read_question
from rag.render import answer_json
from rag.retriever import retrieve
from rag.types import Filters, Generator, Mode, Retrieved


class Derek:
    """`answer()` over a library; in mode "retrieval", which needs no model, what it would have read."""

    def __init__(self, library: Library, mode: Mode | Literal["retrieval"]) -> None:
        self._library = library
        self._mode = mode
        self._now = last_story(library)

    @property
    def described(self) -> dict[str, Any]:
        """Derek's models and index."""
        return described("derek", self._library)

    def ask(self, item: Item) -> Said:
        """The answer with the draft behind it. Raises what `answer` raises."""
        question = read_question(item.question, now=self._now)
        if self._mode == "retrieval":
            found = retrieve(question, self._library.generation, self._library.embedder, DEPTH)
            return Said(passages(found))
        before = hits(self._library.generator)
        reply = answer(question, self._library, mode=self._mode, top_k=DEPTH)
        shown: dict[str, Any] = {**answer_json(reply), "draft": reply.draft, "prompt": reply.prompt}
        shown["retrieved"] = shown["retrieved"][:SHOWN]
        return Said(passages(reply.retrieved), shown, cached=hits(self._library.generator) > before)


def described(system: str, library: Library) -> dict[str, Any]:
    """What a run writes down of a system over a library."""
    return {
        "system": system,
        "model": library.generator.model if library.generator else None,
        "embedder": library.embedder.fingerprint,
        "generation": library.generation.id,
        "seeds": library.generation.manifest.files,
    }


def last_story(library: Library) -> str | None:
    """When the newest article came out: what the relative dates of a set count from, whenever it is run."""
    _, newest = library.generation.catalog.articles(Filters(), None, 1, 0)
    return newest[0].published_at if newest else None


def passages(found: Sequence[Retrieved]) -> tuple[Passage, ...]:
    """What was retrieved, as a run keeps it."""
    return tuple(Passage(one.passage.passage_id, one.article.article_id, one.passage.text, one.score) for one in found)


def hits(generator: Generator | None) -> int:
    """How many drafts came from the cache so far."""
    return generator.hits if isinstance(generator, CachedGenerator) else 0
