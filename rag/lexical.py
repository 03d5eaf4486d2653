"""Words -> matching rows: BM25 over three kinds of terms, with tantivy. Knows rows and words, no vectors and no ids.

What a word's terms are, `rag.terms` decides; here they are weighed.
"""

import json
import math
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tantivy

from rag.errors import IndexDamaged
from rag.terms import terms_of
from rag.types import Rows, Vectors

_ANALYZER = "terms"
_WRITER_BYTES = 64 * 1024 * 1024
_MOST_PER_TERM = 2.2  # k1 + 1: what a term's idf is multiplied with at most, in tantivy's BM25
_BROAD = (
    4  # where one row in so many is allowed, those that are not are dropped from what was found, not searched around
)
_STEMS, _PIECES, _SOUNDS = "stems", "pieces", "sounds"
_WEIGHTS = {_STEMS: 0.42, _PIECES: 0.19, _SOUNDS: 0.39}  # of each kind in a share; together 1


def _analyzer() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()  # terms come ready-made


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in _WEIGHTS:
        builder.add_text_field(field, stored=False, tokenizer_name=_ANALYZER, index_option="freq")  # no phrases asked
    builder.add_integer_field("row", stored=True, indexed=True, fast=True)
    return builder.build()


class WordIndex:
    """Texts by row, searched by BM25 (k1 1.2, b 0.75: tantivy's own)."""

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        index.register_tokenizer(_ANALYZER, _analyzer())
        self._index = index
        self._searcher = index.searcher()
        for field in _WEIGHTS:
            self._searcher.doc_freq(field, "")  # a foreign index, without that field, fails here and not in a search
        segments = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
        self._counted = sum(segment["max_doc"] for segment in segments)  # removed texts too, as in tantivy's statistics

    @classmethod
    def build(cls, texts: Iterable[str], folder: Path) -> "WordIndex":
        """Index `texts` in a new `folder`; text i is found as row i. Raises OSError or ValueError, as tantivy does."""
        folder.mkdir(parents=True)
        tantivy.Index(_schema(), str(folder))
        return cls._changed(folder, [], enumerate(texts))

    @classmethod
    def extended(
        cls, origin: Path, folder: Path, removed: Iterable[int], added: Iterable[tuple[int, str]]
    ) -> "WordIndex":
        """In a new `folder` the index at `origin` without the rows `removed` and with the rows `added`.

        What stays is copied as it is, whatever its size. Raises OSError or ValueError, as tantivy does.
        """
        shutil.copytree(origin, folder)
        return cls._changed(folder, removed, added)

    @classmethod
    def _changed(cls, folder: Path, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> "WordIndex":
        index = tantivy.Index.open(str(folder))
        index.register_tokenizer(_ANALYZER, _analyzer())
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for row in removed:
            writer.delete_documents_by_term("row", row)
        for row, text in added:
            terms = terms_of(text)
            fields = {_STEMS: terms.stems, _PIECES: terms.pieces, _SOUNDS: terms.sounds}
            joined = {field: " ".join(values) for field, values in fields.items()}
            writer.add_document(tantivy.Document(row=row, **joined))
        writer.commit()
        writer.garbage_collect_files()
        writer.wait_merging_threads()
        index.reload()
        return cls(index, folder)

    @classmethod
    def load(cls, folder: Path) -> "WordIndex":
        """Open an index written by `build` or `extended`. Raises IndexDamaged where tantivy can't."""
        try:
            return cls(tantivy.Index.open(str(folder)), folder)
        except (OSError, ValueError, LookupError, TypeError) as exc:
            raise IndexDamaged(f"{folder}: not a readable word index ({exc}); run `derek reindex`") from exc

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def count(self, rows: Rows) -> int:
        """How many of these rows are in the index."""
        wanted = tantivy.Query.term_set_query(self._index.schema, "row", rows.tolist())
        found = self._searcher.search(wanted, limit=1, count=True)
        return int(found.count)  # type: ignore[attr-defined]  # tantivy's own stubs lack it

    def search(self, query: str, k: int, allowed: Rows | None = None, also: Sequence[str] = ()) -> tuple[Rows, Vectors]:
        """The at most `k` rows that share most with `query`, best first, and how much; only `allowed` rows if given.

        `also`: other words for some of the query's. They count where they are found, and nobody expects them.

        A share is in [0, 1]: BM25 as a part of the most that the query's terms of a kind could give, then the weighted
        mean of the three kinds. A query of which only "in" and "the" are found scores next to nothing, whichever text
        comes first; a name that is found by its sound alone counts for less than one in the same letters.
        """
        terms = terms_of(query)
        asked = {_STEMS: terms.stems, _PIECES: terms.pieces, _SOUNDS: terms.sounded}
        others = terms_of(" ".join(also))
        instead = {_STEMS: others.stems, _PIECES: others.pieces}
        kinds = [
            self._kind(field, tuple(dict.fromkeys(values)), instead.get(field, ()))
            for field, values in asked.items()
            if values
        ]
        if not kinds or k < 1 or (allowed is not None and len(allowed) == 0) or len(self) == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Should, kind) for kind in kinds])
        if allowed is None:
            return self._best(wanted, k)
        if _BROAD * len(allowed) >= len(self):
            depth = min(2 * k * len(self) // len(allowed), len(self) + 1)
            rows, shares = self._best(wanted, depth)
            kept = np.isin(rows, allowed)
            if len(rows) < depth or np.count_nonzero(kept) >= k:  # else they lie deeper than their number lets expect
                return rows[kept][:k], shares[kept][:k]
        named = tantivy.Query.term_set_query(self._index.schema, "row", allowed.tolist())
        within = tantivy.Query.boost_query(named, 0.0)  # a condition, not a score
        return self._best(tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, within)]), k)

    def _best(self, wanted: tantivy.Query, k: int) -> tuple[Rows, Vectors]:
        hits = self._searcher.search(wanted, limit=k, count=False).hits
        found = [self._searcher.doc(address).get_first("row") for _, address in hits]
        return np.array(found, np.int64), np.minimum(np.array([score for score, _ in hits], np.float32), 1)

    def _kind(self, field: str, terms: Sequence[str], instead: Sequence[str]) -> tantivy.Query:
        """Any of the terms, scored so that all of them said as often as can be give the kind's weight.

        A term of `instead` scores as much where it is found, and is not missed where it isn't.
        """
        schema = self._index.schema
        wanted = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, field, term, "freq"))
            for term in dict.fromkeys([*terms, *instead])
        ]
        most = _MOST_PER_TERM * sum(self._idf(field, term) for term in terms)
        return tantivy.Query.boost_query(tantivy.Query.boolean_query(wanted), _WEIGHTS[field] / most)

    def _idf(self, field: str, term: str) -> float:
        """Robertson's inverse document frequency, as tantivy has it; a term found nowhere weighs most."""
        frequency = self._searcher.doc_freq(field, term)
        return math.log(1 + (self._counted - frequency + 0.5) / (frequency + 0.5))
