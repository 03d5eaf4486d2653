"""What can be said of a drafted question without understanding it: its faults, its type, what an answer must hold.

Knows words and numbers alone; no model, no terminal, no file. Strict towards a model, which can be asked again about
another sentence; a person who edits a draft is only shown what is found here.
"""

import re
from collections.abc import Collection

from rapidfuzz import fuzz

from eval.matching import contains, fold, number_words, numbers
from rag.facts import facts_in, plain_words, stated_in
from rag.languages import detect_language

TYPES = ("factoid", "numeric", "list", "date_bound")
_LONGEST_QUESTION, _LONGEST_ANSWER = 250, 80  # characters
_SAME = 93.0  # likeness of two questions, words in any order, from which on they are one
_END = re.compile(r"\?[»”\"]?$")
_OF_TEXT = re.compile(
    r"\b(?:(?:the|this) (?:sentence|article|text|passage|headline|excerpt)|mentioned|"
    r"(?:в|этой|данной|этом|данном) (?:статье|тексте|предложении|заголовке)|упомянут\w*|"
    r"(?:мақала|мәтін|сөйлем)(?:да|де))\b",
    re.IGNORECASE,
)
_OPENS_POINTING = re.compile(r"\b(?:did|does|do|is|was|will|has|had|would|can) (?:he|she|it|they)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,;]\s*(?:(?:and|и|және|мен)\s+)?|\s+(?:and|и|және)\s+")
_FIGURE = re.compile(r"\d+(?:[ \u00a0,.]\d+)*")


def faults_of(question: str, answer: str, quote: str, language: str, article: str, asked: Collection[str]) -> list[str]:
    """What is wrong with a question, its answer and the sentence that states it; nothing: [].

    `language`: that it should be in. `article`: all that its author could read. `asked`: other questions.
    """
    told = _faults_of_question(question, language, article)
    if len(answer) > _LONGEST_ANSWER:
        told.append("the answer is long")
    if not all(contains(quote, one) for one in alternatives(answer)):
        told.append("the answer is not in the quotation")
    if any(_given_away(question, one) for one in alternatives(answer)):
        told.append("the question holds its answer")
    if any(fuzz.token_sort_ratio(_bare(question), _bare(other)) >= _SAME for other in asked):
        told.append("asked already")
    return told


def alternatives(answer: str) -> list[str]:
    """The wordings of an answer, which people part by `|`."""
    return [part for part in map(str.strip, answer.split("|")) if part]


def guess_type(question: str, answer: str) -> str:
    """One of TYPES: bound to a day that the question names, a list of things, a number, else a fact."""
    if facts_in(question).dates:
        return "date_bound"
    if numbers(answer) or number_words(answer):
        return "numeric"
    return "list" if len(listed_parts(answer)) > 2 else "factoid"


def listed_parts(answer: str) -> list[str]:
    """The things an answer lists, parted by commas, semicolons and "and"; one thing: the answer itself."""
    return [part for part in _PARTS.split(answer.strip(" .")) if part]


def must_include(answer: str, kind: str) -> list[list[str]]:
    """What a right answer has to hold: each thing listed; of an amount its one figure, whatever unit is written.

    Of anything else the answer itself, in one of its wordings.
    """
    wordings = alternatives(answer)
    if kind == "list" and len(wordings) == 1:
        return [[part] for part in listed_parts(answer)]
    if kind == "numeric":
        wordings = [figures[0] if len(figures := _FIGURE.findall(one)) == 1 else one for one in wordings]
    return [list(dict.fromkeys(wordings))]


def _faults_of_question(question: str, language: str, article: str) -> list[str]:
    told = []
    if not _END.search(question) or question.count("?") != 1:
        told.append("not one question that ends in a question mark")
    if len(question) > _LONGEST_QUESTION:
        told.append("the question is long")
    if detect_language(question) != language:
        told.append(f"the question is not in the language asked for ({language})")
    if _OF_TEXT.search(question) or _OPENS_POINTING.search(question):
        told.append("the question can't be understood without the text")
    facts = facts_in(question, plain_words(article, lower_case_only=True))
    missing = stated_in(article).missing(facts)
    if not len(facts):
        told.append("the question names nothing")
    if missing.numbers or missing.dates or (missing.names and detect_language(article) == language):
        told.append("the question names what the article does not")
    return told


def _given_away(question: str, answer: str) -> bool:
    words = plain_words(answer)
    held = set(plain_words(question))
    return contains(question, answer) or bool(words and held.issuperset(words))


def _bare(question: str) -> str:
    return re.sub(r"[^\w ]", "", fold(question))
