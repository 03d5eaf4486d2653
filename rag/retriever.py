"""Question -> passages: nearness in meaning plus words in common, filters applied. Knows vectors and rows, no model's
insides and no texts but the question's."""

from dataclasses import replace
from itertools import zip_longest

import numpy as np

from rag.generation import Generation
from rag.parts import parts_of
from rag.types import Embedder, Question, Retrieved, Rows, Vectors

DEPTH = 100  # passages taken from each list before fusion
_WORDS = 0.52  # weight of the words' share beside the cosine; see eval/README.md for what was measured


def retrieve(question: Question, generation: Generation, embedder: Embedder, top_k: int) -> list[Retrieved]:
    """The at most `top_k` passages that answer best, best first.

    The score is cosine + 0.52 x the share of the question's words found (BM25 over its own maximum, in [0, 1]): a
    weighted sum of scores, not of ranks, because a question in another language than the passages shares no words
    worth a rank with them (convex combination: Bruch, Gai & Ingber 2023, https://doi.org/10.1145/3596512).
    """
    allowed = generation.catalog.rows_passing(question.filters)
    query = embedder.embed_queries([question.text])[0]
    dense, dense_cosines = generation.vectors.search(query, max(DEPTH, top_k), allowed)
    lexical, shares = generation.words.search(question.text, max(DEPTH, top_k), allowed)
    only_lexical = np.setdiff1d(lexical, dense)
    cosine = _by_row(dense, dense_cosines) | _by_row(only_lexical, generation.vectors.cosines(query, only_lexical))
    share = _by_row(lexical, shares)
    scores = {row: cosine[row] + _WORDS * share.get(row, 0.0) for row in cosine}
    best = sorted(scores, key=lambda row: (-scores[row], row))[:top_k]
    dense_rank, lexical_rank = _ranks(dense), _ranks(lexical)
    return [
        Retrieved(passage, article, scores[row], dense_rank.get(row), lexical_rank.get(row), cosine[row])
        for row, (passage, article) in zip(best, generation.catalog.at_rows(best), strict=True)
    ]


def retrieve_parts(question: Question, generation: Generation, embedder: Embedder, top_k: int) -> list[Retrieved]:
    """As `retrieve`, but a question of several parts finds passages for each: the best for the whole, for the first
    part, for the second, then the next best of each. Scores and ranks are those in the list a passage came from, so
    that they need not fall.
    """
    parts = parts_of(question.text, question.language)
    asked = [question, *(replace(question, text=part) for part in parts)] if len(parts) > 1 else [question]
    lists = [retrieve(one, generation, embedder, top_k) for one in asked]
    in_turn = (item for items in zip_longest(*lists) for item in items if item is not None)
    chosen: dict[str, Retrieved] = {}
    for item in in_turn:
        chosen.setdefault(item.passage.passage_id, item)
    return list(chosen.values())[:top_k]


def _by_row(rows: Rows, values: Vectors) -> dict[int, float]:
    return dict(zip(rows.tolist(), values.tolist(), strict=True))


def _ranks(rows: Rows) -> dict[int, int]:
    return {row: rank for rank, row in enumerate(rows.tolist(), start=1)}
