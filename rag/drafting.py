"""Passages -> a prompt, and a draft -> bare sentences. Knows how the model is asked, not whether it is right.

The model is given no way out ("reply NOT FOUND"): a small model asked to judge and to answer at once refuses what it
can read. It drafts; `grounding` decides.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from rag.hygiene import for_prompt, is_quotable, ordinary_part, repeats_prompt, visible
from rag.languages import detect_language
from rag.moments import spelled_out
from rag.sentences import split_sentences
from rag.types import Prompt, Retrieved

_LANGUAGES = {
    "en": "English", "ru": "Russian", "kk": "Kazakh", "de": "German", "es": "Spanish", "fr": "French", "tr": "Turkish",
    "uk": "Ukrainian", "it": "Italian", "pt": "Portuguese", "ar": "Arabic", "zh": "Chinese", "hi": "Hindi",
    "vi": "Vietnamese", "fa": "Persian", "ja": "Japanese", "ko": "Korean",
}  # fmt: skip
MOST_TOKENS = 120  # of a draft; an answer has at most sixty words
WRITTEN = frozenset({"en", "ru", "de", "es", "fr", "it", "pt", "zh"})  # languages that the default model writes well
_ROLES = "====="  # between the system's and the user's part of a prompt file
_MARKER = re.compile(  # closed, or broken off where the line ends; "(2025)" is a year
    r"\s*(?!\(\d{4}\))[\[(【](?:\d+(?:\s*[,;–-]\s*\d+)*|source|excerpts?)\s*\d*(?:[\])】]|(?=[\s.!?…]*$))",
    re.IGNORECASE | re.MULTILINE,
)
_OPEN_MARKER = re.compile(r"[\[【]\d")  # one that never closes, in the middle of a sentence
_OPENING = re.compile(
    r"^(?:answer|ответ|жауап)\s*:\s*|^(?:according to|based on|as stated in) (?:the |these )?"
    r"(?:excerpts?|sources?|texts?)(?: \d+)?(?: provided)?,?\s+",
    re.IGNORECASE,
)
_ABOUT_PROMPT = re.compile(
    r"^\W*(?:not found|no information)\b|\b(?:excerpt|text|passage|article|source)s? (?:do|does|did)(?: not|n['’]t) "
    r"(?:mention|state|specif|say|provide|contain|give)",
    re.IGNORECASE,
)
_A_WORD = re.compile(r"[^\W\d_]{2,}")  # a bare number or letter is no sentence
_LATIN_WORD, _CYRILLIC_WORD = re.compile(r"\b[a-z]{3,}"), re.compile(r"\b[а-яё]{3,}")
_MIXED_WORD = re.compile(r"[a-z][а-яё]|[а-яё][a-z]", re.IGNORECASE)  # half a name left in its source's letters
_PHRASE = 4  # words from which on a draft's language can be told
_LOOP = 3  # times that the words of a sentence may occur on average


@cache
def load_prompt(name: str) -> tuple[str, str]:
    """The system's and the user's template of `rag/prompts/<name>.txt`."""
    system, user = (files("rag") / "prompts" / f"{name}.txt").read_text(encoding="utf-8").split(f"\n{_ROLES}\n")
    return system.strip(), user.strip()


def answer_prompt(question: str, language: str, found: Sequence[Retrieved]) -> Prompt:
    """Ask `question` of the passages in `found`, best first; passages of one article stand under one title."""
    system, user = load_prompt("answer")
    by_article: dict[str, list[Retrieved]] = {}
    for item in found:
        by_article.setdefault(item.article.article_id, []).append(item)
    return Prompt(
        system.format(language=_LANGUAGES.get(language, "the language of the question")),
        user.format(excerpts="\n\n".join(map(_excerpt, by_article.values())), question=ordinary_part(question)),
    )


def stated_prompt(question: str, quoted: Sequence[Retrieved]) -> Prompt:
    """Ask whether `quoted` states the answer to the question, whatever was drafted; nothing else is in the prompt."""
    system, user = load_prompt("stated")
    return Prompt(system, user.format(text=_texts(quoted), question=ordinary_part(question)))


def supported_prompt(question: str, said: str, quoted: Sequence[Retrieved]) -> Prompt:
    """Ask whether `quoted` states what is `said` in answer to the question."""
    system, user = load_prompt("supported")
    return Prompt(system, user.format(text=_texts(quoted), question=ordinary_part(question), answer=said))


def premise_prompt(question: str, quoted: Sequence[Retrieved]) -> Prompt:
    """Ask whether `quoted` bears out what the question takes for granted."""
    system, user = load_prompt("premise")
    return Prompt(system, user.format(text=_texts(quoted), question=ordinary_part(question)))


def clean_draft(text: str) -> list[str]:
    """The draft's sentences without markers, labels and "according to the excerpts"; nothing for an empty shell.

    Questions, sentences about the excerpts, one word said over and over, orders and what the model was told itself are
    no answers and left out.
    """
    without = _MARKER.sub(
        "", "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in visible(text))
    )
    sentences = []
    for span in split_sentences(without):
        sentence = " ".join(_OPENING.sub("", without[span.start : span.end].strip(" -•*\t")).split())
        if _A_WORD.search(sentence) and not _is_shell(sentence):
            sentences.append(sentence[0].upper() + sentence[1:])
    return sentences


def is_drafted(asked: str, read: str) -> bool:
    """Whether the model drafts an answer in the language `asked` from a text in the language `read`.

    Quotations are the better answer where it would have to translate: of the Russian questions of the shipped set's
    dev half over English articles it drafted .58 rightly, and quoted .79.
    """
    return asked in WRITTEN and asked == read


def is_spoken(said: str, language: str) -> bool:
    """Whether a draft may be shown for a question in `language`: its plain words, names aside, are in that alphabet.

    Between languages of one alphabet the draft's words decide, but for English: names make it look like any other.
    """
    if language not in WRITTEN or _MIXED_WORD.search(said):
        return False
    foreign = _LATIN_WORD if language in ("ru", "zh") else _CYRILLIC_WORD
    if foreign.search(said):
        return False
    return language in ("en", "ru", "zh") or len(said.split()) < _PHRASE or detect_language(said) == language


def _is_shell(sentence: str) -> bool:
    words = sentence.lower().split()
    looping = len(words) > _LOOP * len(set(words))
    about = _ABOUT_PROMPT.search(sentence) or repeats_prompt(sentence, load_prompt("answer")[:1])
    broken = _OPEN_MARKER.search(sentence)
    return looping or sentence.endswith("?") or bool(about or broken) or not is_quotable(sentence)


def _excerpt(items: Sequence[Retrieved]) -> str:
    article = items[0].article
    date = f" ({article.published_at[:10]})" if article.published_at else ""
    passages = sorted((item.passage for item in items), key=lambda passage: passage.span)
    told = (spelled_out(for_prompt(one.text), article.published_at, article.language) for one in passages)
    return f"{for_prompt(article.title)}{date}\n" + "\n".join(told)


def _texts(quoted: Sequence[Retrieved]) -> str:
    return "\n".join(_excerpt([item]) for item in quoted)
