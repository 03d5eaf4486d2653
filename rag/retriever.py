"""Question -> passages: nearness in meaning plus words in common, filters and times applied. Knows vectors and rows, no
model's insides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from rag.catalog import Catalog
from rag.generation import Generation
from rag.places import names_elsewhere
from rag.timeliness import MOST, asks_time, filters_in_force, timeliness
from rag.types import Embedder, Question, Retrieved, Rows, Vectors

DEPTH = 100  # passages taken from each list before fusion
_WORDS = 0.52  # weight of the words' share beside the cosine; see eval/README.md for what was measured


def retrieve(question: Question, generation: Generation, embedder: Embedder, top_k: int) -> list[Retrieved]:
    """The at most `top_k` passages that answer best, best first.

    The score is cosine + 0.52 x the share of the question's words found (BM25 over its own maximum, in [0, 1]): a
    weighted sum of scores, not of ranks, because a question in another language than the passages shares no words
    worth a rank with them (convex combination: Bruch, Gai & Ingber 2023, https://doi.org/10.1145/3596512). Where the
    question names a time, what fits it has a little added, as `rag.timeliness` says.
    """
    question = narrowed(question, generation)
    allowed = generation.catalog.rows_passing(filters_in_force(question))
    query = embedder.embed_queries([question.text])[0]
    dense, dense_cosines = generation.vectors.search(query, max(DEPTH, top_k), allowed)
    lexical, shares = generation.words.search(question.text, max(DEPTH, top_k), allowed, names_elsewhere(question.text))
    only_lexical = np.setdiff1d(lexical, dense)
    cosine = _by_row(dense, dense_cosines) | _by_row(only_lexical, generation.vectors.cosines(query, only_lexical))
    share = _by_row(lexical, shares)
    scores = {row: cosine[row] + _WORDS * share.get(row, 0.0) for row in cosine}
    if asks_time(question):
        scores |= _timed(scores, question, generation.catalog, top_k)
    best = sorted(scores, key=lambda row: (-scores[row], row))[:top_k]
    dense_rank, lexical_rank = _ranks(dense), _ranks(lexical)
    return [
        Retrieved(passage, article, scores[row], dense_rank.get(row), lexical_rank.get(row), cosine[row])
        for row, (passage, article) in zip(best, generation.catalog.at_rows(best), strict=True)
    ]


def narrowed(question: Question, generation: Generation) -> Question:
    """The question with each filter that was read from its words undone where together they leave nothing to find.

    Filters that were given stay, whatever they leave.
    """
    catalog = generation.catalog
    if not any(one.use == "filter" for one in question.periods):
        return question
    passing, given = catalog.rows_passing(filters_in_force(question)), catalog.rows_passing(question.filters)
    if passing is None or len(passing) or (given is not None and not len(given)):
        return question
    undone = (replace(one, use="prefer", undone=True) if one.use == "filter" else one for one in question.periods)
    return replace(question, periods=tuple(undone))


def _timed(scores: Mapping[int, float], question: Question, catalog: Catalog, top_k: int) -> dict[int, float]:
    """The scores with what their times add, of all rows that could thereby come among the best `top_k`."""
    least = sorted(scores.values(), reverse=True)[:top_k][-1:]
    rows = [row for row in scores if scores[row] >= least[0] - MOST]
    added = timeliness(question, catalog.at_rows(rows))
    return {row: scores[row] + more for row, more in zip(rows, added, strict=True)}


def in_turn(lists: Sequence[Sequence[Retrieved]]) -> list[Retrieved]:
    """What was found for each part of a question as one list: the best of each part, then the next best of each.

    Scores and ranks are those in the list that a passage came from, so that they need not fall.
    """
    chosen: dict[str, Retrieved] = {}
    for items in zip_longest(*lists):
        for item in items:
            if item is not None:
                chosen.setdefault(item.passage.passage_id, item)
    return list(chosen.values())


def _by_row(rows: Rows, values: Vectors) -> dict[int, float]:
    return dict(zip(rows.tolist(), values.tolist(), strict=True))


def _ranks(rows: Rows) -> dict[int, int]:
    return {row: rank for rank, row in enumerate(rows.tolist(), start=1)}
