"""Does what is quoted state what is said? A judge answers yes, no, or that it can't tell, and its name says what it is.

Knows one sentence and its quotations: no question, no gold, no other sentence. Of the two judges here one counts words
and uses no model; the other asks a language model, and says in its name when that is the very model under test.
Both are rough: figures by two judges are not to be compared, nor either with those of a judge trained for it.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Protocol

import tantivy
from rapidfuzz.distance import Prefix

from eval.matching import fold, is_known_name, names, number_words, numbers
from rag.languages import detect_language
from rag.types import Generator, Prompt, StopCheck

LEAST_SHARE = 0.5  # says yes to .87 of 60 right answers and their quotations, to none of 202 sentences beside those
_LIKELY = 0.5  # the probability of "yes" from which on a model has said it
_STEMMED = frozenset(("en", "ru"))
_UNSPACED = frozenset(("zh", "ja", "th"))  # written without spaces: no words to count
_SHORTEST_STEM = 4  # letters
_OF_SHORTER = 0.7  # of the shorter of two words that they share at the front, where no stemmer knows their language
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_ROLES = "====="  # between the system's and the user's part of the prompt file
_PLAIN = (
    "about after all also although am among any because been before being between both can could did do does during "
    "each from had has have he her here him his how i its may me more most my nor now our out over own same she should "
    "since so some than them though through under until up upon was we were what when where which while who whom whose "
    "why would you your however said says according "
    "это этот эта эти также который которая которое которые свой своя свои быть был была было были сообщил сообщила "
    "және мен бен пен үшін туралы бойынша деп деді екен еді болды болып болған осы сол бұл ол олар да де та те ғана "
    "арқылы кейін дейін қарай сондай ақ оның олардың әр барлық"
)


class Judge(Protocol):
    """Says whether quotations, taken together, state a sentence."""

    @property
    def name(self) -> str:
        """What judges, in words for people: it stands beside every figure that rests on it."""
        ...

    def supports(self, sentence: str, quotes: Sequence[str]) -> bool | None:
        """Whether the quotes state all that the sentence says; None: this judge can't tell. Without quotes: no."""
        ...


class WordsJudge:
    """Counts words: no model, the same answer each time.

    "No" where a number or a name of the sentence is in no quotation, and where fewer than `least_share` of its words
    are, by stem; names and numbers count as words, "the" and "was" do not. Names may be spelled otherwise or be in
    another script. Where a quotation is in another language than the sentence, words can't be compared: the judge
    then says no for numbers and names alone, and else None, as it does where there is nothing to count. What it can't
    see is what words do together: a negation, or who did what to whom. A name translated rather than transliterated
    (Britain, Великобритания) is missing to it.
    """

    def __init__(self, least_share: float = LEAST_SHARE) -> None:
        if not 0 < least_share <= 1:
            raise ValueError(f"a least share of words lies in (0, 1], not {least_share}")
        self._least = least_share
        self._analyzer = _analyzer()

    @property
    def name(self) -> str:
        """The rule itself."""
        return f"words (no model): every number and name and {self._least:.0%} of all words are in the quotations"

    def supports(self, sentence: str, quotes: Sequence[str]) -> bool | None:
        """By numbers, names and words, see above."""
        quotes = [quote for quote in quotes if quote.strip()]
        if not quotes:
            return False
        language = detect_language(sentence)
        foreign = any(detect_language(quote) != language for quote in quotes)
        figures, called = numbers(sentence), self._names(sentence)
        quoted_figures = set().union(*(numbers(quote) | number_words(quote) for quote in quotes))
        checked = [name for name in called if not (foreign and name.isupper())]  # USA is США: no spelling tells
        if figures - quoted_figures or not all(is_known_name(name, quotes) for name in checked):
            return False
        if language in _UNSPACED:
            return None
        words = self._other_words(sentence, called)
        stems = frozenset(self._analyzer.analyze(fold(" ".join(quotes))))
        found = sum(
            _holds(stems, stem, language) or bool(number_words(word) & quoted_figures) for stem, word in words.items()
        )
        if foreign:  # words found all the same show that one language was taken for another
            return _at_least(self._least, found, len(words)) or None
        proven = len(figures) + len(called)
        return _at_least(self._least, found + proven, len(words) + proven)

    def _names(self, sentence: str) -> list[str]:
        """Its capitalised words; the first one too where another follows it, as in "Nurlan Sadyrov said"."""
        found = names(sentence)
        words = [match[0] for match in islice(_WORD.finditer(sentence), 2)]
        opens = len(words) == 2 and words[0][0].isupper() and words[1] in found and self._analyzer.analyze(words[0])
        return list(dict.fromkeys([words[0], *found] if opens else found))

    def _other_words(self, sentence: str, called: Sequence[str]) -> dict[str, str]:
        """Stem -> word, of all its words but plain ones, numbers in digits and the names `called`."""
        apart = {fold(name) for name in called}
        stems: dict[str, str] = {}
        for word in _WORD.findall(fold(sentence)):
            if not ({word, word.removesuffix("'s")} & apart or any(sign.isdigit() for sign in word)):
                stems.update(dict.fromkeys(self._analyzer.analyze(word), word))
        return stems


class ModelJudge:
    """Asks a language model for one word, yes or no, in a prompt of the sentence and its quotations alone.

    `is_under_test`: the answers judged are this model's own, which the name then says. None where the engine
    can't tell probabilities. `stop` ends a call early, with Cancelled.
    """

    def __init__(self, generator: Generator, is_under_test: bool, stop: StopCheck = lambda: False) -> None:
        self._generator = generator
        self._is_under_test = is_under_test
        self._stop = stop

    @property
    def name(self) -> str:
        """The model, and whether it judges itself."""
        return f"model {self._generator.model}" + (
            " (the model under test judges itself)" if self._is_under_test else " (not the model under test)"
        )

    def supports(self, sentence: str, quotes: Sequence[str]) -> bool | None:
        """Whether "yes" is at least as likely as "no"."""
        quotes = [quote for quote in quotes if quote.strip()]
        if not quotes:
            return False
        system, user = _prompt()
        prompt = Prompt(system, user.format(text="\n".join(quotes), sentence=sentence))
        probability = self._generator.yes_probability(prompt, stop=self._stop)
        return None if probability is None else probability >= _LIKELY


def _analyzer() -> tantivy.TextAnalyzer:
    """Words without plain ones, stemmed where they are English or Russian; a stemmer skips the other's alphabet."""
    drop = (
        tantivy.Filter.stopword("english"),
        tantivy.Filter.stopword("russian"),
        tantivy.Filter.custom_stopword(_PLAIN.split()),
    )
    stem = (tantivy.Filter.stemmer("english"), tantivy.Filter.stemmer("russian"))
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
    for one in (*drop, *stem):
        builder = builder.filter(one)
    return builder.build()


def _at_least(least: float, found: int, of: int) -> bool | None:
    return found >= least * of if of else None


def _holds(stems: frozenset[str], stem: str, language: str) -> bool:
    if stem in stems or language in _STEMMED:
        return stem in stems
    return any(_same_stem(stem, other) for other in stems)


def _same_stem(one: str, other: str) -> bool:
    """Long agglutinated forms of one word: what they share at the front is most of the shorter."""
    shared = Prefix.similarity(one, other)
    return shared >= max(_SHORTEST_STEM, _OF_SHORTER * min(len(one), len(other)))


@cache
def _prompt() -> tuple[str, str]:
    """The system's and the user's template of `eval/prompts/supports.txt`."""
    text = (files("eval") / "prompts" / "supports.txt").read_text(encoding="utf-8")
    system, user = text.split(f"\n{_ROLES}\n")
    return system.strip(), user.strip()
