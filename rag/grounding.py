"""Drafted sentences -> quotations that prove them. Pure: knows sentences, facts and vectors, no model and no index.

A drafted sentence is proved by few quotations, one article's if they can, that state every name, number and date in
it and lie near it in meaning. What can't be proved is not said; a quotation stands in its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from rag.asked import asks_for_list
from rag.evidence import Evidence
from rag.facts import (
    Facts,
    Stated,
    contradicts,
    facts_in,
    fused,
    merge,
    plain_words,
    stated_in,
    with_qualifiers,
    without_time,
)
from rag.hygiene import adds_markup, share_founded
from rag.sentences import is_list_item

MOST_QUOTES = 3  # for one sentence, unless it names the items of a list
MOST_LISTED = 12
MOST_SENTENCES = 3
_TELLING = 4  # letters from which on a word says what a sentence is about
_AS_NEAR = 0.05  # cosine to the question by which a sentence quoted beside the best may be farther from it
_ECHOED = 0.2  # share of such words, at most, that an echo of the question has of its own
_FRAGMENT = 4  # words from which on a sentence without names and figures says enough to be compared
MOST_WORDS = 60
_FOUNDED = 0.5  # share of a sentence's longer words that stand in its quotations or the question, at least
_STATED = 0.1  # worth of stating all of a sentence's facts, against nearness in meaning
_SAID = 0.1  # of having all the words that an answer adds to its question
_HOME = 0.03  # worth of standing in the article that is quoted already

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A sentence with the quotations that prove it. `nearness` is the best cosine of the two, 1 where they are one."""

    text: str
    quotes: tuple[Evidence, ...]
    nearness: float

    @property
    def verbatim(self) -> bool:
        """Whether the sentence is a quotation itself."""
        return self.text == self.quotes[0].text


def prove(sentence: str, vector: Vector, evidence: Sequence[Evidence], question: str) -> Proof | None:
    """The proof of a drafted `sentence`, or None. `vector`: (dim,), of the sentence embedded as a passage.

    Each name, number and date in the sentence must be stated by some quotation, those that it took from the question
    too: a figure of one town is not proved for another. An article beside the first is quoted only for what is new: a
    year that the question brought is not proved by whatever story happens to name it. A time that the question brought
    and at which the story came out is left out where the story does not say it. The question said again is no answer.
    What says the opposite of a quotation, or ties figures together that stand apart in it, is not proved; what
    qualifies a figure there ("up to") is put back.
    """
    asked = stated_in(question)
    if not evidence or plain_words(sentence) == plain_words(question):
        return None
    common = _common_words([question, *(one.text for one in evidence)])
    nearness = np.array([one.vector for one in evidence]) @ vector
    published_at = evidence[int(nearness.argmax())].item.article.published_at
    for said in dict.fromkeys((sentence, _without_asked_time(sentence, published_at, asked))):
        facts = facts_in(said, common)
        if not len(facts) and len(said.split()) < _FRAGMENT:
            continue  # nothing in it can be checked, and too little is said for its meaning to tell
        added = [word for word in _longer_words(said) if not asked.has_name(word)]
        chosen = _cover(facts, added, evidence, nearness, asked)
        if chosen is None:
            continue
        quotes = [evidence[index] for index in chosen]
        if _echoes(said, added, asked, quotes):
            continue
        texts = [one.text for one in quotes]
        if any(contradicts(said, text) or fused(said, text) for text in texts):
            continue
        if _is_founded(said, quotes, asked, bool(len(facts))):
            return Proof(with_qualifiers(said, texts), tuple(quotes), float(nearness[chosen].max()))
    return None


def quotations(best: Evidence, worthiest: Sequence[Evidence]) -> list[Proof]:
    """`best` in its own words with the list it introduces; else with what of its article is about as near.

    `worthiest`: all sentences, worthiest first.
    """
    items = items_introduced(
        best, sorted((one for one in worthiest if one.item is best.item), key=lambda one: one.span)
    )
    least = best.relevance - _AS_NEAR
    others = [
        one
        for one in worthiest
        if one.article_id == best.article_id and one.text != best.text and one.relevance >= least
    ]
    return [Proof(one.text, (one,), 1.0) for one in (best, *(items or others[: MOST_SENTENCES - 1]))]


def verbatim(proofs: Sequence[Proof]) -> list[Proof]:
    """The quotations of `proofs` in place of their sentences, each once, in order of first use."""
    quotes = {id(one): one for proof in proofs for one in proof.quotes}
    return [Proof(one.text, (one,), 1.0) for one in quotes.values()]


def items_introduced(line: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The list that `line` introduces: what follows it in its passage; nothing if it introduces none.

    Where the items are marked, or end in semicolons, the list ends with the last such item.
    """
    if not line.text.endswith(":"):
        return []
    following = [one for one in evidence if one.item is line.item and one.span > line.span]
    if following and is_list_item(following[0].text):
        return list(takewhile(lambda one: is_list_item(one.text), following))
    if following and following[0].text.endswith(";"):
        inner = list(takewhile(lambda one: one.text.endswith(";"), following))
        return following[: len(inner) + 1]
    return following


def within_length(proofs: Sequence[Proof], question: str) -> list[Proof]:
    """As many sentences as an answer may have: three, together sixty words; a list that was asked for stays whole."""
    if asks_for_list(question):
        return list(proofs[: 1 + MOST_LISTED])
    lead = proofs[0].quotes[0].item if proofs and proofs[0].verbatim and proofs[0].text.endswith(":") else None
    if lead and all(one.verbatim and one.quotes[0].item is lead for one in proofs):
        return list(proofs[: 1 + MOST_LISTED])
    kept: list[Proof] = []
    for proof in proofs[:MOST_SENTENCES]:
        if kept and sum(len(one.text.split()) for one in (*kept, proof)) > MOST_WORDS:
            break
        kept.append(proof)
    return kept


def _is_founded(said: str, quotes: Sequence[Evidence], asked: Stated, has_facts: bool) -> bool:
    """Whether a sentence says nothing beside its quotations: no markup, and where no fact was checked few other words.

    Words are only compared within one alphabet: a translation shares none.
    """
    if adds_markup(said, [one.text for one in quotes]):
        return False
    if has_facts or _is_latin(said) != _is_latin(quotes[0].text):
        return True
    return share_founded(said, merge([one.stated for one in quotes]), asked) >= _FOUNDED


def _is_latin(text: str) -> bool:
    return sum(letter.isascii() for letter in text if letter.isalpha()) * 2 >= sum(map(str.isalpha, text))


def _common_words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in plain_words(text, lower_case_only=True)}


def _longer_words(sentence: str) -> list[str]:
    return [word for word in plain_words(sentence) if len(word) >= _TELLING]


def _echoes(sentence: str, added: Sequence[str], asked: Stated, quotes: Sequence[Evidence]) -> bool:
    """Whether the sentence only says the question again: no name or figure in it is new, and hardly a longer word.

    One word is enough of an answer where a quotation states it.
    """
    if len(asked.missing(facts_in(sentence, first_word=True))):
        return False
    words = _longer_words(sentence)
    stated = any(quote.stated.has_name(word) for word in added for quote in quotes)
    return bool(words) and not stated and len(added) <= _ECHOED * len(words)


def _without_asked_time(sentence: str, published_at: str | None, asked: Stated) -> str:
    if published_at is None:
        return sentence
    shorter = without_time(sentence, published_at)
    left_out = stated_in(shorter).missing(facts_in(sentence))
    return sentence if len(asked.missing(left_out)) else shorter


def _cover(
    facts: Facts, added: Sequence[str], evidence: Sequence[Evidence], nearness: Vector, asked: Stated
) -> list[int] | None:
    """Indices of few quotations that state all facts together, greedily; None where they can't.

    `added`: words that the question did not bring; a quotation that has them is worth more than one that has others.
    """
    lacking = np.array([len(one.stated.missing(facts)) for one in evidence])
    unsaid = np.array([sum(not one.stated.has_name(word) for word in added) for one in evidence])
    worth = nearness - _STATED * lacking / max(1, len(facts)) - _SAID * unsaid / max(1, len(added))
    if lacking.min() < len(facts):  # a quotation that states nothing of it would only stand beside the proof
        worth = np.where(lacking < len(facts), worth, -np.inf)
    chosen = [int(np.argmax(worth))]
    missing = evidence[chosen[0]].stated.missing(facts)
    home = evidence[chosen[0]]
    while len(missing):
        new = asked.missing(missing)
        at_home = np.array([one.article_id == home.article_id for one in evidence])
        gains = np.array([len(missing) - len(one.stated.missing(missing)) for one in evidence])
        gains[~at_home & np.array([one.stated.missing(new) == new for one in evidence])] = 0
        if not gains.any() or len(chosen) == MOST_LISTED:
            return None
        best = int(np.argmax(np.where(gains > 0, gains + nearness + _HOME * at_home, -1)))
        chosen.append(best)
        missing = evidence[best].stated.missing(missing)
    one_list = all(evidence[index].item is home.item for index in chosen)
    return chosen if len(chosen) <= MOST_QUOTES or one_list else None
