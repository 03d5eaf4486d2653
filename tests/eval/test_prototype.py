"""The plain prototype: its passages, its words, its markers."""

from fakes import HashingEmbedder, ScriptedGenerator
from hypothesis import given
from hypothesis import strategies as st

from eval.prototype import BM25, PASSAGE_CHARACTERS, Excerpt, Prototype, cut, read_draft, tokens
from rag.answer import Library
from rag.types import Article, Span


def article(length: int) -> Article:
    """An article whose body is the first `length` characters of its file."""
    return Article("a", "Title", None, "en", None, None, "a.txt", "0" * 64, Span(0, length), (Span(0, length),))


def test_passages_end_with_sentences_and_stay_below_the_size() -> None:
    """Sentences are packed until the next one would not fit."""
    text = "This sentence has forty characters, yes. " * 40
    passages = list(cut(article(len(text)), text))
    assert len(passages) == 3  # 14 sentences of 41 characters make 574; 40 sentences -> 14 + 14 + 12
    assert all(len(passage) <= PASSAGE_CHARACTERS and passage.endswith("yes.") for passage in passages)


@given(st.text(alphabet="ab .\n!", max_size=2000))
def test_passages_are_slices_of_the_text(text: str) -> None:
    """Nothing but white space is lost between passages, whatever the text."""
    passages = list(cut(article(len(text)), text))
    assert all(passage in text for passage in passages)
    assert "".join("".join(passage.split()) for passage in passages) == "".join(text.split())


def test_bm25_prefers_rare_words_and_short_texts() -> None:
    """A document without the words scores 0; of two that hold a word the shorter one wins."""
    words = BM25([tokens("tram line"), tokens("the tram line of the city and more words"), tokens("trees")])
    scores = words.scores(tokens("Tram"))
    assert scores[0] > scores[1] > scores[2] == 0.0
    assert BM25([]).scores(["x"]).shape == (0,)


def test_markers_are_read_and_taken_out() -> None:
    """Markers that point at nothing are dropped; NOT FOUND and silence are refusals."""
    shown = [Excerpt(article(3), "one"), Excerpt(article(3), "two")]
    found = read_draft("It is 14 km [2][2]. Yes [9].", shown)
    assert found.text == "It is 14 km. Yes."
    assert found.cited == (shown[1],)
    assert not found.abstained
    assert read_draft("NOT FOUND.", shown).abstained
    assert read_draft(" [1]", shown).abstained


def test_the_prototype_finds_and_asks(library: Library, embedder: HashingEmbedder) -> None:
    """Dense and words agree on the article; the prompt holds the excerpts with title and date."""
    generator = ScriptedGenerator("The line is 14 kilometres long [1].")
    prototype = Prototype(library.generation, embedder, generator)
    best = prototype.search("How long is the new tram line in Almaty?", 3)[0]
    assert "tram line" in best.article.title
    reply = prototype.answer("How long is the new tram line in Almaty?")
    assert reply.text == "The line is 14 kilometres long."
    assert reply.cited == (best,)
    assert f"[1] {best.article.title} ({best.article.published_at})." in generator.prompts[0].user
