"""The documents of a public set in a generation of their own."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashingEmbedder

from eval import corpora
from eval.corpora import Corpus, open_corpus
from eval.gold import GenerationShelf, GoldFinder
from eval.readers import read_set
from eval.sets import Document, QuestionSet
from rag.errors import Cancelled, IndexNotWritten, InputError
from rag.generations import list_generations
from rag.question import read_question
from rag.retriever import retrieve

SAMPLES = Path(__file__).parent / "samples"
DOCUMENTS = (
    Document("d1", "Trams", "The tram is red.\n\nIt has “four” wheels.  ", "2026-03-04T10:30:00", "north"),
    Document("d2", "", "Автобус синий.", "2026-03-05", "south"),
    Document("d3", "Trams", " The TRAM is red. It has “four” wheels.", "2026-03-04T10:30", "south"),
)


def set_of(*documents: Document) -> QuestionSet:
    """A set of documents alone."""
    return QuestionSet("public", Path("public"), "", (), documents)


@pytest.fixture
def opened(tmp_path: Path, embedder: HashingEmbedder) -> "Opened":
    """Opens corpora in a cache folder of this test."""
    return Opened(tmp_path / "cache", embedder)


class Opened:
    """Opens corpora with one embedder in one cache, and counts its folders."""

    def __init__(self, cache: Path, embedder: HashingEmbedder) -> None:
        self.cache = cache
        self.embedder = embedder

    def __call__(self, questions: QuestionSet, haystack: str | None = None) -> Corpus:
        """The opened corpus, for the caller to close."""
        return open_corpus(questions, haystack, self.cache, self.embedder)

    def folders(self) -> list[Path]:
        """The folders of the corpora made so far."""
        return sorted((self.cache / "eval" / "corpora").iterdir())


@pytest.mark.parametrize("name", ["lighthouse.json", "orchard"])
def test_gold_documents_are_found_as_articles(opened: Opened, name: str) -> None:
    """Of a sample each document is an article, each quotation lies in its gold, and words find it."""
    questions = read_set(SAMPLES / name)
    corpus = opened(questions)
    finder = GoldFinder(GenerationShelf(corpus.generation))
    first = 0
    asked = [item for item in questions.items if item.answerable]
    for item in asked:
        gold = corpus.articles(item.gold_docs)
        assert all(finder.holders(evidence) <= gold for evidence in item.evidence)
        assert finder.gold_of(replace(item, gold_docs=tuple(gold)))[1] == []
        found = retrieve(read_question(item.question), corpus.generation, opened.embedder, 1)
        first += found[0].article.article_id in gold
    assert first > len(asked) / 2
    corpus.close()


def test_documents_become_articles_as_they_are(opened: Opened) -> None:
    """Title, date and text; equal ones share an article, one without a title has its first words."""
    corpus = opened(set_of(*DOCUMENTS))
    assert corpus.article_ids["d1"] == corpus.article_ids["d3"] != corpus.article_ids["d2"]
    assert corpus.articles(["d1", "d2", "d3"]) == set(corpus.article_ids.values())
    tram, bus = (corpus.generation.catalog.article(corpus.article_ids[name]) for name in ("d1", "d2"))
    assert (tram.title, tram.published_at) == ("Trams", "2026-03-04T10:30")
    assert (bus.title, bus.language) == ("Автобус синий.", "ru")
    corpus.close()


def test_a_second_time_costs_nothing(opened: Opened) -> None:
    """Neither questions nor the set's name matter: documents and embedder make the folder."""
    first = opened(set_of(*DOCUMENTS))
    first.close()
    embedded = len(opened.embedder.embedded)
    again = opened(replace(set_of(*DOCUMENTS), name="another"))
    assert again.generation.id == first.generation.id
    assert again.article_ids == first.article_ids
    assert len(opened.embedder.embedded) == embedded
    assert len(opened.folders()) == 1
    again.close()
    opened.embedder = HashingEmbedder(dim=64)
    opened(set_of(*DOCUMENTS)).close()
    assert len(opened.folders()) == 2


def test_one_haystack_is_indexed_alone(opened: Opened) -> None:
    """Without one, all documents; of one that is not there, nothing."""
    corpus = opened(set_of(*DOCUMENTS), "south")
    assert set(corpus.article_ids) == {"d2", "d3"}
    assert corpus.generation.manifest.articles == 2
    corpus.close()
    with pytest.raises(InputError, match="public: no documents in haystack 'west'"):
        opened(set_of(*DOCUMENTS), "west")


def test_a_large_corpus_is_several_seed_files(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a seed file has a limit; each document is found all the same."""
    monkeypatch.setattr(corpora, "_SHARD_BYTES", 250)
    documents = [Document(f"d{n}", f"Title {n}", f"Text number {n}. " * 3) for n in range(9)]
    corpus = opened(set_of(*documents))
    assert {"corpus.jsonl", "corpus-2.jsonl", "corpus-3.jsonl"} < set(corpus.generation.manifest.files)
    assert len(set(corpus.article_ids.values())) == 9
    assert corpus.generation.catalog.article(corpus.article_ids["d8"]).title == "Title 8"
    corpus.close()


def test_an_altered_seed_file_is_put_right(opened: Opened) -> None:
    """What is asked is always the set's own text."""
    opened(set_of(*DOCUMENTS)).close()
    (seed,) = opened.cache.glob("eval/corpora/*/seeds/*")
    seed.write_text('{"title": "Other", "text": "Something else."}\n')
    corpus = opened(set_of(*DOCUMENTS))
    ids = {article.article_id for article in GenerationShelf(corpus.generation).articles()}
    assert ids == set(corpus.article_ids.values())
    corpus.close()


def test_a_document_that_can_not_be_indexed_is_named(opened: Opened) -> None:
    """Readers let none through, but a set may be made elsewhere."""
    with pytest.raises(InputError, match=r"document 'd2' can't be indexed: corpus\.jsonl:2: .*NUL"):
        opened(set_of(DOCUMENTS[0], Document("d2", "", "a\0b")))


def test_a_cache_that_can_not_be_written_is_named(opened: Opened) -> None:
    """With the setting that names another."""
    opened.cache.write_text("a file where the folder should be")
    with pytest.raises(IndexNotWritten, match=r"cache.*can't be written to .*DEREK_CACHE_DIR"):
        opened(set_of(*DOCUMENTS))


def test_a_stop_leaves_no_generation(opened: Opened) -> None:
    """Whoever goes on later begins where nothing is half-done."""
    with pytest.raises(Cancelled):
        open_corpus(set_of(*DOCUMENTS), None, opened.cache, opened.embedder, stop=lambda: True)
    assert list_generations(opened.folders()[0] / "vectors") == []
    opened(set_of(*DOCUMENTS)).close()
