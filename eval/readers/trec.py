"""TREC's two files, runs and qrels: read, written, and scored with our own measures. Knows no texts.

run:    qid Q0 docid rank score tag       separated by blanks
qrels:  qid iteration docid relevance     separated by blanks; or BEIR's query-id, corpus-id, score under a header
"""

import math
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from eval.metrics.retrieval import average_precision, hit_at_k, ndcg_at_k, recall_at_k, reciprocal_rank
from eval.readers.faults import Faults, read_text
from rag.durable import written_whole

_BEIR_HEADER = ("query-id", "corpus-id", "score")

Ranked = Sequence[tuple[str, float]]  # document ids with their scores, best first


@dataclass(frozen=True, slots=True)
class Judgement:
    """How relevant a document is to a query; above 0 is relevant."""

    query: str
    document: str
    relevance: int
    line: int  # in the file, from 1


def judgements(path: Path, faults: Faults) -> Iterator[Judgement]:
    """The lines of a qrels file of either form; what is wrong with one becomes a fault.

    Raises InputError where the file can't be read.
    """
    for number, fields in _fields(path):
        if tuple(fields) == _BEIR_HEADER:
            continue
        if len(fields) not in (3, 4):
            faults.tell(path, number, f"{len(fields)} fields, expected qid iteration docid relevance or three of BEIR")
            continue
        query, document, relevance = fields[0], fields[-2], fields[-1]
        try:
            yield Judgement(query, document, int(relevance), number)
        except ValueError:
            faults.tell(path, number, f"relevance {relevance!r} is not a whole number")


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Relevance by query and document. Raises InputError that lists the faults, each with file:line."""
    faults = Faults()
    qrels: dict[str, dict[str, int]] = {}
    for one in judgements(path, faults):
        of_query = qrels.setdefault(one.query, {})
        if of_query.get(one.document, one.relevance) != one.relevance:
            faults.tell(
                path, one.line, f"document {one.document!r} of query {one.query!r} is judged twice, differently"
            )
        of_query[one.document] = one.relevance
    if not qrels and not faults.told:
        faults.tell(path, 1, "no judgements")
    faults.stop()
    return qrels


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Ranked documents by query, best first: by score as trec_eval does, equal scores by their given rank.

    Raises InputError that lists the faults, each with file:line.
    """
    faults = Faults()
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for number, fields in _fields(path):
        try:
            query, _, document, rank, score, _ = fields
            place = (-float(score), int(rank))
            if math.isnan(place[0]):
                raise ValueError
        except ValueError:
            faults.tell(path, number, "not `qid Q0 docid rank score tag` with a whole rank and a number as score")
            continue
        if document in found.setdefault(query, {}):
            faults.tell(path, number, f"document {document!r} stands twice in the ranking of query {query!r}")
        found[query][document] = place
    if not found and not faults.told:
        faults.tell(path, 1, "no rankings")
    faults.stop()
    return {
        query: [(document, -place[0]) for document, place in sorted(places.items(), key=lambda entry: entry[1])]
        for query, places in found.items()
    }


def write_run(path: Path, rankings: Mapping[str, Ranked], tag: str) -> None:
    """Write a run, complete or not at all, in the order given, whatever the scores.

    Tools order by score in single precision and equal scores by id, so a score that is not below the one before it
    becomes the next lower number. Blanks in ids are written as in addresses (%20): blanks part the fields.
    """
    with written_whole(path) as file:
        for query, ranked in rankings.items():
            scores = _falling([score for _, score in ranked])
            for rank, ((document, _), score) in enumerate(zip(ranked, scores, strict=True), start=1):
                file.write(f"{_name(query)} Q0 {_name(document)} {rank} {score:.9g} {_name(tag)}\n".encode())


def score_run(run: Mapping[str, Ranked], qrels: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Mean of each retrieval measure over the queries that have a relevant document; one that was not run counts 0.

    That is trec_eval with -c. Gains are binary. Raises ValueError where no query has a relevant document.
    """
    pairs = []
    for query, judged in qrels.items():
        gold = frozenset(document for document, relevance in judged.items() if relevance > 0)
        if gold:
            pairs.append(([document for document, _ in run.get(query, ())], gold))
    if not pairs:
        raise ValueError("no query of the qrels has a relevant document")
    measures = {
        **{f"hit@{k}": [hit_at_k(ranked, gold, k) for ranked, gold in pairs] for k in (1, 5, 10)},
        **{f"recall@{k}": [recall_at_k(ranked, gold, k) for ranked, gold in pairs] for k in (5, 10)},
        "mrr": [reciprocal_rank(ranked, gold) for ranked, gold in pairs],
        "map": [average_precision(ranked, gold) for ranked, gold in pairs],
        "ndcg@10": [ndcg_at_k(ranked, gold, 10) for ranked, gold in pairs],
    }
    return {name: statistics.fmean(values) for name, values in measures.items()}


def _fields(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line that is not blank. A line with tabs is parted by these alone: ids may hold blanks."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, [part.strip() for part in line.split("\t")] if "\t" in line else line.split()


def _falling(scores: Sequence[float]) -> list[float]:
    """The scores in single precision, each below the one before it."""
    falling: list[float] = []
    for score in scores:
        single = np.float32(score)
        if falling and not single < falling[-1]:
            single = np.nextafter(np.float32(falling[-1]), np.float32(-np.inf))
        falling.append(float(single))
    return falling


def _name(given: str) -> str:
    return re.sub(r"\s", lambda blank: quote(blank[0]), given)
