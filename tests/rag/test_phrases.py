"""What Derek says in its own words: one sentence a refusal, in the question's language."""

from typing import get_args

import pytest

from rag.languages import detect_language
from rag.phrases import introduction, refusal
from rag.sentences import split_sentences
from rag.types import AbstainReason

REASONS: tuple[AbstainReason, ...] = get_args(AbstainReason)
LANGUAGES = ["en", "ru", "kk", "de", "es", "fr", "tr"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_is_one_sentence(reason: AbstainReason, language: str) -> None:
    """Whatever the reason: one sentence with its full stop."""
    text = refusal(reason, language)
    assert len(split_sentences(text)) == 1 and text.endswith(".") and text == text.strip()


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_is_in_the_questions_language(reason: AbstainReason, language: str) -> None:
    """As the language detector reads it."""
    assert detect_language(refusal(reason, language)) == language


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_reasons_are_told_apart(language: str) -> None:
    """A reader can see which of the four it is."""
    assert len({refusal(reason, language) for reason in REASONS}) == len(REASONS)


@pytest.mark.parametrize("language", ["xx", "", "ja"])
def test_other_languages_get_english(language: str) -> None:
    """A language without phrases is answered in English, not with an error."""
    assert refusal("not_supported", language) == refusal("not_supported", "en")
    assert introduction(language) == introduction("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quotation_follows_its_introduction(language: str) -> None:
    """A colon and a blank stand between the two."""
    assert introduction(language).endswith(": ") and introduction(language)[0].isupper()


def test_introductions_differ_by_language() -> None:
    """Each language has its own."""
    assert len({introduction(language) for language in LANGUAGES}) == len(LANGUAGES)
