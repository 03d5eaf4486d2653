"""The model's ceiling: the gold passages are given, and what it writes is the answer. Sees gold; proves nothing.

It quotes nothing, so the passages it was given stand in the answer's JSON as `given`: a name or number that is in them
is no invention. Gold that is known by article alone is given as the article's passages nearest to the question, and
where nothing answers, the nearest of all are given. What Derek loses against this is lost in finding, in proving or in
refusing.

It refuses nothing, but says how sure Derek's own judge is with these passages before it: what refusals could be if
nothing were lost before, whatever the threshold.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from eval.matching import fold
from eval.sets import Item
from eval.systems import DEPTH, Said
from eval.systems.derek import described, hits, passages
from rag.answer import READ, Library
from rag.asked import lacks_answer
from rag.confidence import Signals, confidence
from rag.drafting import MOST_TOKENS, WRITTEN, answer_prompt, clean_draft, supported_prompt
from rag.errors import InputError
from rag.evidence import gather
from rag.generation import Generation
from rag.question import read_question
from rag.retriever import retrieve
from rag.types import Embedder, Generator, Question, Retrieved
from rag.weighing import weigh

EXCERPT_TOKENS = 420  # of passages in a prompt, by the embedder's count


class GoldPassages:
    """Asks the model with the passages that hold the gold quotations; of gold articles without one, the nearest."""

    def __init__(self, library: Library, gold_of: Callable[[Item], Collection[str]]) -> None:
        self._library = library
        self._gold_of = gold_of

    @property
    def described(self) -> dict[str, Any]:
        """Derek's models and index."""
        return described("gold", self._library)

    def ask(self, item: Item) -> Said:
        """What the model writes. Raises InputError for an answerable question without gold: it has no ceiling."""
        library = self._library
        if library.generator is None:
            raise ValueError("the ceiling is the language model's: it needs one")
        question = read_question(item.question)
        given = self._given(item, question) if item.answerable else retrieve(question, *self._searched, READ)
        if not given:
            raise InputError(f"{item.id}: no gold passages to give", "gold")
        language = question.language if question.language in WRITTEN else given[0].article.language
        excerpts = _fitting(given, library.embedder)
        prompt = answer_prompt(question.text, language, excerpts)
        before = hits(library.generator)
        draft = library.generator.complete(prompt, max_tokens=MOST_TOKENS, stop=lambda: False)
        text = " ".join(clean_draft(draft.text))
        answer = {
            "question": question.text,
            "language": question.language,
            "answer": text,
            "abstained": not text,
            "abstain_reason": None if text else "not_supported",
            "confidence": round(self._confidence(question, text, excerpts, library.generator), 4) if text else 0.0,
            "sentences": [],
            "citations": [],
            "given": [_shown(excerpt) for excerpt in excerpts],
            "model": library.generator.model,
            "generation": library.generation.id,
            "usage": {"prompt_tokens": draft.prompt_tokens, "completion_tokens": draft.completion_tokens},
            "draft": draft.text,
            "prompt": prompt.user,
        }
        return Said(passages(given), answer, cached=hits(library.generator) > before)

    @property
    def _searched(self) -> tuple[Generation, Embedder]:
        return self._library.generation, self._library.embedder

    def _confidence(self, question: Question, said: str, given: Sequence[Retrieved], generator: Generator) -> float:
        """What Derek would make of it: of the surest sentence given, and of all given as support of the answer."""
        evidence = gather(question, given, self._library.embedder, self._library.memory)
        weighed = weigh(question.text, evidence, generator, stop=lambda: False)
        supported = generator.yes_probability(supported_prompt(question.text, said, given), stop=lambda: False)
        sure = max((one.sure for one in weighed if one.sure is not None), default=None)
        return confidence(Signals(supported, sure, False, 1.0, 0.0, lacks_answer(question.text, said)))

    def _given(self, item: Item, question: Question) -> list[Retrieved]:
        """Gold passages, those with gold quotations first, each group nearest first."""
        gold = sorted(self._gold_of(item))  # a set has no order, and equally near passages keep this one
        generation, embedder = self._searched
        query = embedder.embed_queries([question.text])[0]
        quotes = [fold(evidence.quote) for evidence in item.evidence]
        ranked: list[tuple[bool, float, Retrieved]] = []
        for article_id in gold:
            article = generation.catalog.article(article_id)
            of_article = generation.catalog.passages_of(article_id)
            nearness = embedder.embed_passages([passage.text for passage in of_article]) @ query
            for passage, cosine in zip(of_article, nearness.tolist(), strict=True):
                text = fold(passage.text)
                holds = any(quote in text or text in quote for quote in quotes)
                ranked.append((holds, cosine, Retrieved(passage, article, cosine, None, None, cosine)))
        ranked.sort(key=lambda one: (not one[0], -one[1]))
        return [one for _, _, one in ranked[:DEPTH]]


def _fitting(given: Sequence[Retrieved], embedder: Embedder) -> list[Retrieved]:
    """The best passages that fit the prompt together; always the first."""
    sizes = embedder.count_tokens([item.passage.text for item in given])
    chosen: list[Retrieved] = []
    left = EXCERPT_TOKENS
    for item, size in zip(given, sizes, strict=True):
        if not chosen or size <= left:
            chosen.append(item)
            left -= size
    return chosen


def _shown(given: Retrieved) -> dict[str, Any]:
    """A passage in the form of a citation."""
    article = given.article
    return {
        "article_id": article.article_id,
        "title": article.title,
        "published_at": article.published_at,
        "cited_text": given.passage.text,
    }
