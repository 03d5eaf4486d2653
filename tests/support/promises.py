"""What every answer promises, whatever the question, the model and the seeds: assertions for tests of the read path."""

import functools
import re

from rag.answer import Library
from rag.asked import asks_for_list
from rag.facts import facts_in, plain_words, stated_in
from rag.grounding import MOST_LISTED, MOST_SENTENCES, MOST_WORDS
from rag.moments import spelled_out
from rag.parts import parts_of
from rag.phrases import dated, introduction, refusal, rest_unstated
from rag.sentences import split_sentences
from rag.types import Answer, Citation


def hold(given: Answer, library: Library) -> None:
    """Assert what a client relies on in any answer, refused or not."""
    assert 0 <= given.confidence <= 1
    assert given.generation == library.generation.id
    for citations in (given.citations, given.related):
        assert [one.n for one in citations] == list(range(1, len(citations) + 1))
        for one in citations:
            verbatim(one, library)
    if given.abstained:
        assert given.abstain_reason and given.answer == refusal(given.abstain_reason, given.question.language)
        assert len(split_sentences(given.answer)) == 1
        assert given.sentences == given.citations == ()
        return
    assert given.sentences and given.related == ()
    used = [n for sentence in given.sentences for n in sentence.citations]
    assert list(dict.fromkeys(used)) == [one.n for one in given.citations]
    quotations = {one.cited_text for one in given.citations}
    common = _common_words(tuple(sources(library)))
    between, end = "", 0
    for sentence in given.sentences:
        assert given.answer[sentence.span.start : sentence.span.end] == sentence.text
        assert sentence.citations and sentence.span.start >= end
        between += given.answer[end : sentence.span.start]
        end = sentence.span.end
        if sentence.text not in quotations:
            assert not re.search(r"[\[【]\d|\(\d{1,3}\b\W*(?:\d|\)|$)", sentence.text) and sentence.text.isprintable()
            left = facts_in(sentence.text, common)
            for n in sentence.citations:
                cited = given.citations[n - 1]
                told = spelled_out(cited.cited_text, cited.article.published_at, cited.article.language)
                left = stated_in(told).missing(left)
            assert not len(left)
    of_parts = len(parts_of(given.question.text, given.question.language)) > 1
    assert given.answer[end:] in ("", *([f" {rest_unstated(given.question.language)}"] if of_parts else []))
    for phrase in (introduction(given.question.language), *_days(given)):
        between = between.replace(phrase, "")
    assert between.strip() == ""
    if of_parts:
        return
    if given.sentences[0].text.endswith(":") or asks_for_list(given.question.text):
        assert len(given.sentences) <= 1 + MOST_LISTED
    else:
        assert len(given.sentences) <= MOST_SENTENCES
        assert len(given.sentences) == 1 or sum(len(one.text.split()) for one in given.sentences) <= MOST_WORDS


def _days(given: Answer) -> list[str]:
    """What may stand before one of two figures: the days of the cited articles."""
    days = {one.article.published_at for one in given.citations if one.article.published_at}
    return [dated(given.question.language, day, earlier=earlier) for day in days for earlier in (True, False)]


@functools.cache
def _common_words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in plain_words(text, lower_case_only=True))


def verbatim(one: Citation, library: Library) -> None:
    """A citation is the source's own text, inside its passage and its article."""
    source = library.generation.catalog.source_text(one.article.source_sha256)
    assert source[one.span.start : one.span.end] == one.cited_text
    assert one.passage.article_id == one.article.article_id
    assert one.passage.span.start <= one.span.start < one.span.end <= one.passage.span.end
    assert 0 <= one.support <= 1


def sources(library: Library) -> list[str]:
    """All source texts."""
    catalog = library.generation.catalog
    return [catalog.source_text(sha256) for sha256 in library.generation.manifest.files.values()]
