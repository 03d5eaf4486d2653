"""One half of Derek's retrieval alone, for what fusion adds: words (BM25) or meaning (vectors). Answers nothing."""

from typing import Any, Literal

from eval.sets import Item
from eval.systems import DEPTH, Passage, Said
from eval.systems.derek import described
from rag.answer import Library


class Half:
    """Ranks passages by one of the two scores that Derek adds up."""

    def __init__(self, library: Library, half: Literal["words", "dense"]) -> None:
        self._library = library
        self._half: Literal["words", "dense"] = half

    @property
    def described(self) -> dict[str, Any]:
        """Derek's index; no model."""
        return described(self._half, Library(self._library.generation, self._library.embedder, None))

    def ask(self, item: Item) -> Said:
        """The best passages by that score."""
        generation = self._library.generation
        if self._half == "words":
            rows, scores = generation.words.search(item.question, DEPTH)
        else:
            query = self._library.embedder.embed_queries([item.question])[0]
            rows, scores = generation.vectors.search(query, DEPTH)
        found = zip(generation.catalog.at_rows(rows.tolist()), scores.tolist(), strict=True)
        return Said(tuple(Passage(p.passage_id, p.article_id, p.text, score) for (p, _), score in found))
