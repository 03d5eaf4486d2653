"""Passages: whole sentences, sized by tokens, verbatim, in the article's own coordinates."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.articles import article_text, read_articles
from rag.passages import MAX_INPUT_TOKENS, embedding_text, split_passages
from rag.sentences import split_sentences
from rag.types import Article, Passage, Source, Span


def count_words(texts: Sequence[str]) -> list[int]:
    """A tokenizer for which every word is a token."""
    return [len(text.split()) for text in texts]


def count_letters(texts: Sequence[str]) -> list[int]:
    """The worst of tokenizers: every character is a token."""
    return [len(text) for text in texts]


def read(text: str) -> Article:
    """The first article of a text."""
    return read_articles(Source("a.txt", "0" * 64, text)).articles[0]


def passages_of(text: str, max_tokens: int = 160) -> list[Passage]:
    """Passages of a text's first article by words, checked for what holds for all passages."""
    article = read(text)
    passages = split_passages(article, text, count_words, max_tokens)
    check(article, text, passages)
    return passages


def check(article: Article, text: str, passages: Sequence[Passage]) -> None:
    """Passages are the source's text, inside one piece, in order, and together all of the body."""
    own_text = article_text(article, text)
    at = 0
    for passage in passages:
        assert passage.text == text[passage.span.start : passage.span.end]
        assert any(piece.start <= passage.span.start <= passage.span.end <= piece.end for piece in article.body)
        article_id, start, end = passage.passage_id.split("-")
        assert article_id == passage.article_id == article.article_id
        assert own_text[int(start) : int(end)] == passage.text
        assert not own_text[at : int(start)].strip()
        at = int(end)
    assert not own_text[at:].strip()


def sentences(count: int, words: int = 10) -> str:
    """That many sentences of that many words on one line."""
    return " ".join(f"Sentence{chr(65 + place % 26)} " + "word " * (words - 2) + "end." for place in range(count))


def dated(body: str, title: str = "A bridge is opened") -> str:
    """A seed file of one story."""
    return f"12.05.2025\n{title}\n{body}\n"


def test_short_article_is_one_passage() -> None:
    """What fits is not split."""
    (passage,) = passages_of(dated("The bridge was opened.\nIt is long."))
    assert passage.text == "The bridge was opened.\nIt is long."


@pytest.mark.parametrize("count", [17, 20, 33, 50, 100])
def test_passages_are_even(count: int) -> None:
    """No passage is above the limit, none is a tiny rest, and there are as few as can be."""
    sizes = [len(passage.text.split()) for passage in passages_of(dated(sentences(count)))]
    assert len(sizes) == -(-count * 10 // 160)
    assert max(sizes) <= 160
    assert max(sizes) - min(sizes) <= 20


def test_bounds_are_those_of_sentences() -> None:
    """A passage begins and ends where a sentence does."""
    text = dated(sentences(40))
    bounds = {span.start for span in split_sentences(text)}
    assert {passage.span.start for passage in passages_of(text)} <= bounds


@pytest.mark.parametrize("lead", ["The main works are:", "The works of this year"])
@pytest.mark.parametrize("before", range(8, 17))
def test_list_stays_with_the_line_that_introduces_it(lead: str, before: int) -> None:
    """Wherever the limit falls, the introducing line is in the passage of the first item."""
    items = "\n".join(f"- work number {number} on the road" for number in range(6))
    passages = passages_of(dated(f"{sentences(before)}\n{lead}\n{items}\n{sentences(8)}"))
    (introduced,) = [passage for passage in passages if lead in passage.text]
    assert "- work number 0" in introduced.text


def test_long_list_is_split_between_items() -> None:
    """A list too long for a passage is parted between items, its first with the line above."""
    items = "\n".join(f"- item {number} " + "word " * 20 + "end;" for number in range(30))
    passages = passages_of(dated(f"The works are:\n{items}"))
    assert passages[0].text.startswith("The works are:\n- item 0")
    assert all(passage.text.startswith("- item") and passage.text.endswith("end;") for passage in passages[1:])


def test_passage_never_crosses_a_cut() -> None:
    """Text on the two sides of a cut-out remark is in two passages."""
    text = "Star\n\nNews\n\nA bridge 12.05.2025\nIt was opened.Source : https://a.example/1 It is long.\n"
    assert [passage.text for passage in passages_of(text)] == ["It was opened.", "It is long."]


def test_ids_do_not_depend_on_the_place_in_a_file() -> None:
    """The same story in another file has the same passages with the same ids."""
    story = dated(sentences(40), "A school is built")
    moved = dated("Another story. It is short.") + story.replace("\n", "\r\n")
    second = read_articles(Source("b.txt", "1" * 64, moved)).articles[1]
    ids = [passage.passage_id for passage in split_passages(second, moved, count_words)]
    assert ids == [passage.passage_id for passage in passages_of(story)]


def test_long_sentence_stays_whole_up_to_its_own_limit() -> None:
    """A sentence above the limit is a passage of its own; one above the embedder's share is cut."""
    text = dated(f"Short one. Long {'w ' * 250}end. Short again.")
    assert [len(passage.text.split()) for passage in passages_of(text)] == [2, 252, 2]
    article = read(text)
    cut = split_passages(article, text, lambda texts: [3 * len(each.split()) for each in texts])
    assert len(cut) == 4
    check(article, text, cut)


def test_embedding_text_has_title_and_date_in_front() -> None:
    """Title and day come before the passage, which is whole; they are no part of the passage."""
    text = "12.05.2025, 10:30 99\nA bridge is opened\nIt is long.\n"
    (passage,) = passages_of(text)
    assert embedding_text(read(text), passage) == "A bridge is opened\n12 May 2025\nIt is long."


def test_embedding_text_fits_the_embedder_whatever_the_tokenizer() -> None:
    """Even where each character is a token and the title is long, the input is short enough and the passage whole."""
    text = dated("It is long. " * 30 + "x" * 1500, "Title " * 50)
    article = read(text)
    passages = split_passages(article, text, count_letters)
    check(article, text, passages)
    for passage in passages:
        shown = embedding_text(article, passage)
        assert shown.endswith(passage.text)
        assert len(shown) <= MAX_INPUT_TOKENS


def test_limit_must_be_positive() -> None:
    """A limit of nothing is refused."""
    with pytest.raises(ValueError, match="max_tokens"):
        split_passages(read("a"), "a", count_words, 0)


@given(
    st.lists(st.sampled_from(["It rained. ", "- item\n", "Lead:\n", "\n", "word ", "x" * 9, "• ", "。"]), max_size=80),
    st.integers(1, 60),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_any_article_is_split(parts: list[str], max_tokens: int) -> None:
    """Whatever the body and the limit, passages are verbatim and cover the body; only a long sentence exceeds it."""
    text = dated("".join(parts) + "End")
    article = read(text)
    passages = split_passages(article, text, count_letters, max_tokens)
    check(article, text, passages)
    whole = [
        Span(piece.start + sentence.start, piece.start + sentence.end)
        for piece in article.body
        for sentence in split_sentences(text[piece.start : piece.end])
    ]
    for passage in passages:
        inside_one = any(one.start <= passage.span.start and passage.span.end <= one.end for one in whole)
        assert inside_one or len("".join(passage.text.split())) <= max_tokens
