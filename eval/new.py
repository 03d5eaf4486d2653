"""Seed files -> drafts of questions: a sentence that states a fact, a short answer in it, a question to that.

The answer is chosen by rule, the local language model writes the question, and `eval.new_checks` looks at it before a
person does. Knows no terminal and no file of questions; who decides about a draft, and keeps it, is not its matter.
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from eval.new_answers import ShortAnswer, short_answers
from eval.new_checks import faults_of, guess_type
from rag.articles import read_articles
from rag.errors import InputError
from rag.facts import facts_in, plain_words
from rag.limits import Limits
from rag.sentences import is_list_item, split_sentences
from rag.sources import list_seed_files, read_seed
from rag.types import Article, Generator, Prompt, Span, StopCheck

MOST_TOKENS = 60  # of a draft: one line
_TRIES = 2  # sentences tried for each draft wanted, where drafts are dropped
_LEAST, _MOST = 40, 400  # characters of a sentence worth asking about
_MANY_FACTS = 5  # more of them make a sentence no better
_CONTEXT = 300  # characters before a sentence that tell what its "it" is
_POINTING = frozenset(  # a sentence that opens with one speaks of what another names
    """it its he his she her they their this these that those there such он оно они его её их это этот эта эти
    ол олар оның олардың бұл осы сол""".split()  # noqa: SIM905
)
_LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
_ROLES = "====="  # between the system's and the user's part of the prompt file


@dataclass(frozen=True, slots=True)
class SeedText:
    """An article with the text its offsets count in. `file`: its path below the seeds folder; None: not below it."""

    article: Article
    text: str
    file: str | None

    @property
    def sentences(self) -> list[Span]:
        """Sentences and list items of what may be quoted of the article, in order."""
        return [
            Span(piece.start + span.start, piece.start + span.end)
            for piece in self.article.body
            for span in split_sentences(self.text[piece.start : piece.end])
        ]

    @property
    def whole(self) -> str:
        """The article as it stands in its file, from its headline on."""
        return self.text[self.article.span.start : self.article.span.end]


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with the sentence that answers it: `quote` is the source text at `span`."""

    seed: SeedText
    span: Span
    quote: str
    question: str
    answer: str
    lang: str
    type: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What the model wrote about a sentence, and why no person is to be bothered with it."""

    quote: str
    said: str
    reasons: tuple[str, ...]


def read_seed_texts(
    paths: Iterable[Path], seeds_dir: Path, warn: Callable[[str], None], limits: Limits = Limits()
) -> list[SeedText]:
    """The articles of seed files in order, each article once; doubts of the parser go to `warn`.

    A file that is no seed file below `seeds_dir` is read all the same: no index names it, so its articles have no
    `file`. Raises InputError for a path that is no file and SeedError for one that can't be read.
    """
    known = frozenset(list_seed_files(seeds_dir, limits)) if seeds_dir.is_dir() else frozenset()
    found: dict[str, SeedText] = {}
    for path in paths:
        if not path.is_file():
            what = "a folder; name the files in it" if path.is_dir() else "no such file"
            raise InputError(f"{path}: {what}", "seedfile")
        below = Path(os.path.relpath(path, seeds_dir)).as_posix()
        if below in known:
            folder, file = seeds_dir, below
        else:
            whole = path.resolve()
            folder, file = whole.parent, whole.name
            warn(f"{path} is no seed file below {seeds_dir}: evidence from it will be quoted without a file")
        seed = read_seed(folder, file, limits)
        for warning in seed.warnings:
            warn(warning)
        for source in seed.sources:
            parsed = read_articles(source)
            for warning in parsed.warnings:
                warn(warning)
            for article in parsed.articles:
                indexed_as = source.file if below in known else None
                found.setdefault(article.article_id, SeedText(article, source.text, indexed_as))
    return list(found.values())


def questions_wanted(seed: SeedText, used: Collection[str], per_article: int) -> int:
    """How many questions an article still lacks, where it has sentences left to ask about: those in `used` count."""
    there = sum(quote in seed.whole for quote in used)
    return max(per_article - there, 0) if worth_asking(seed, used) else 0


def worth_asking(seed: SeedText, used: Collection[str] = ()) -> list[Span]:
    """Sentences that state a name, a number or a date and stand on their own, in the order of the article.

    Left out: those that hold one of the quotations in `used`, or are held by it.
    """
    return [span for span, _ in _rated(seed, used)]


def spread(rated: Sequence[tuple[Span, float]], count: int) -> list[Span]:
    """All the sentences, in the order to try them: the best of each of `count` stretches, then the others by worth."""
    stretches = min(count, len(rated))
    bounds = [len(rated) * n // stretches for n in range(stretches + 1)] if stretches else []
    first = [max(rated[start:end], key=lambda one: (one[1], -one[0].start)) for start, end in pairwise(bounds)]
    rest = sorted((one for one in rated if one not in first), key=lambda one: (-one[1], one[0].start))
    return [span for span, _ in (*first, *rest)]


def drafts_of(
    seed: SeedText,
    generator: Generator,
    wanted: int,
    *,
    asked: Callable[[], Collection[str]],
    used: Collection[str],
    language: str | None = None,
    stop: StopCheck = lambda: False,
) -> Iterator[Draft | Dropped]:
    """Up to `wanted` drafts, with those that were dropped on the way; few sentences are tried in vain.

    `asked`: tells the questions that are there already, anew for each draft. `language`:
    of the questions, ISO 639-1; None: the article's own. Raises Cancelled once `stop()`, and what the engine raises.
    """
    language = language or seed.article.language
    passed = 0
    kinds: Counter[str] = Counter()
    for span in spread(_rated(seed, used), wanted)[: wanted * _TRIES]:
        if passed >= wanted:
            return
        answer = min(_answers(seed, span), key=lambda one: kinds[one.kind])
        kinds[answer.kind] += 1
        prompt = draft_prompt(seed, span, answer.text, language)
        said = generator.complete(prompt, max_tokens=MOST_TOKENS, stop=stop).text
        draft = _draft(seed, span, answer, said, language, asked())
        passed += isinstance(draft, Draft)
        yield draft


def draft_prompt(seed: SeedText, span: Span, answer: str, language: str) -> Prompt:
    """Ask for a question about one sentence that `answer` answers; the text before it tells what its pronouns mean."""
    system, user = _prompt()
    before = [one for one in seed.sentences if one.end <= span.start]
    context = ""
    for one in reversed(before):
        sentence = _flat(seed.text[one.start : one.end])
        if len(context) + len(sentence) > _CONTEXT:
            break
        context = f"{sentence} {context}"
    sentence = _flat(seed.text[span.start : span.end])
    return Prompt(
        system.format(language=_LANGUAGES.get(language, "the language of the sentence")),
        user.format(title=seed.article.title, context=context + sentence, sentence=sentence, answer=answer),
    )


def read_reply(text: str) -> str | None:
    """The question of a reply that keeps the form, one line with or without the label `Question:`; else None."""
    question = text.strip().removeprefix("Question:").strip()
    return question if question and question.isprintable() and "Answer:" not in question else None


def _draft(
    seed: SeedText, span: Span, chosen: ShortAnswer, said: str, language: str, asked: Collection[str]
) -> Draft | Dropped:
    quote, answer = seed.text[span.start : span.end], chosen.text
    question = read_reply(said)
    if question is None:
        return Dropped(quote, said, ("not of the form asked for",))
    reasons = faults_of(question, answer, quote, language, f"{seed.article.title}\n{seed.whole}", asked)
    if reasons:
        return Dropped(quote, said, tuple(reasons))
    return Draft(seed, span, quote, question, answer, language, guess_type(question, answer))


def _rated(seed: SeedText, used: Collection[str]) -> list[tuple[Span, float]]:
    common = plain_words(seed.whole, lower_case_only=True)
    rated = []
    for span in seed.sentences:
        sentence = seed.text[span.start : span.end]
        worth = _worth(sentence, common) if _answers(seed, span) else 0.0
        if worth > 0 and not any(quote in sentence or sentence in quote for quote in used):
            rated.append((span, worth))
    return rated


def _answers(seed: SeedText, span: Span) -> list[ShortAnswer]:
    """What could be asked for, but for the agency that reports it: that says nothing about the news."""
    answers = short_answers(_flat(seed.text[span.start : span.end]))
    return [one for one in answers if one.text != seed.article.outlet]


def _worth(sentence: str, common: Sequence[str]) -> float:
    """How much there is to ask about: facts, of which a sentence of several is worth more; 0: nothing."""
    is_whole = _LEAST <= len(sentence) <= _MOST and sentence[-1] in '.!…»”"' and not is_list_item(sentence)
    facts = facts_in(sentence, common)
    if not is_whole:
        return 0.0
    worth = min(len(facts), _MANY_FACTS) + bool(facts.numbers)
    opens_pointing = sentence.split(maxsplit=1)[0].strip('"«“').casefold() in _POINTING
    return worth / 4 if opens_pointing else float(worth)


def _flat(text: str) -> str:
    return " ".join(text.split())


@cache
def _prompt() -> tuple[str, str]:
    """The system's and the user's template of `eval/prompts/new_question.txt`."""
    text = (files("eval") / "prompts" / "new_question.txt").read_text(encoding="utf-8")
    system, user = text.split(f"\n{_ROLES}\n")
    return system.strip(), user.strip()
