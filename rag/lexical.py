"""Words -> matching rows: BM25 over stemmed words, with tantivy. Knows rows and words, no vectors and no ids.

One chain of filters serves every language: the English and the Russian Snowball stemmer each leave the other's
alphabet alone, and words of further languages are matched as they are written.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tantivy

from rag.errors import IndexDamaged
from rag.types import Rows, Vectors

_ANALYZER = "words"
_WRITER_BYTES = 64 * 1024 * 1024
_MOST_PER_WORD = 2.2  # k1 + 1: what a word's idf is multiplied with at most, in tantivy's BM25
_LONGEST_WORD = 64  # bytes; longer "words" are noise, and a hostile one must not fill the dictionary


def _analyzer() -> tantivy.TextAnalyzer:
    keep_short, lower = tantivy.Filter.remove_long(_LONGEST_WORD), tantivy.Filter.lowercase()
    english, russian = tantivy.Filter.stemmer("english"), tantivy.Filter.stemmer("russian")
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(keep_short).filter(lower).filter(english).filter(russian).build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name=_ANALYZER, index_option="freq")  # no phrases asked
    builder.add_integer_field("row", stored=True, indexed=True, fast=True)
    return builder.build()


class WordIndex:
    """Texts in row order, searched by BM25 (k1 1.2, b 0.75: tantivy's own)."""

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(_ANALYZER, _analyzer())
        self._index = index
        self._analyzer = _analyzer()
        self._searcher = index.searcher()
        self._searcher.doc_freq("text", "")  # a foreign index, without that field, fails here and not in a search

    @classmethod
    def build(cls, texts: Sequence[str], folder: Path) -> "WordIndex":
        """Index `texts` in a new `folder`; text i is found as row i."""
        folder.mkdir(parents=True)
        index = tantivy.Index(_schema(), str(folder))
        index.register_tokenizer(_ANALYZER, _analyzer())
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for row, text in enumerate(texts):
            writer.add_document(tantivy.Document(text=text, row=row))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> "WordIndex":
        """Open an index written by `build`. Raises IndexDamaged where tantivy can't."""
        try:
            return cls(tantivy.Index.open(str(folder)))
        except (OSError, ValueError) as exc:
            raise IndexDamaged(f"{folder}: not a readable word index ({exc}); run `derek reindex`") from exc

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, query: str, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        """The at most `k` rows that share most with `query`, best first, and how much; only `allowed` rows if given.

        Scores are BM25 as a share of the most that the query's words could give, in [0, 1]: a query of which only
        "in" and "the" are found scores next to nothing, whichever text comes first.
        """
        words = list(dict.fromkeys(self._analyzer.analyze(query)))
        if not words or k < 1 or (allowed is not None and len(allowed) == 0) or len(self) == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        schema = self._index.schema
        terms = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", word, "freq")) for word in words]
        wanted = tantivy.Query.boolean_query(terms)
        if allowed is not None:
            rows = tantivy.Query.term_set_query(schema, "row", allowed.tolist())
            within = tantivy.Query.boost_query(rows, 0.0)  # a condition, not a score
            wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, within)])
        hits = self._searcher.search(wanted, limit=k, count=False).hits
        found = [self._searcher.doc(address).get_first("row") for _, address in hits]
        most = _MOST_PER_WORD * sum(map(self._idf, words))
        return np.array(found, np.int64), np.array([score / most for score, _ in hits], np.float32)

    def _idf(self, word: str) -> float:
        """Robertson's inverse document frequency, as tantivy has it; a word found nowhere weighs most."""
        frequency = self._searcher.doc_freq("text", word)
        return math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))
