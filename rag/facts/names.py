"""Names in a sentence, and whether two spellings are one name. Knows words, no numbers and no list of names."""

import functools
import re

from rapidfuzz.distance import Indel

from rag.facts.units import unit_of
from rag.facts.words import WORD, plain

_SHORTEST_PART = 4  # letters; Kazakhstan-India are two names, Nur-Sultan is one
_SPELLING = 0.85  # least similarity of two names with the same consonants that count as one
_SHORTEST = 4  # letters; shorter names must be the same
_SHORTEST_STEM = 4  # letters that two forms of a name share, whatever their endings: Iran and Iranian
_SHORTEST_FUZZY = 5  # letters; in shorter names every vowel counts
_OPENERS = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "in", "on", "at", "by", "of", "for", "from", "to", "with",
    "as", "and", "but", "if", "it", "its", "he", "she", "they", "we", "i", "his", "her", "their", "who", "whom",
    "whose", "what", "which", "when", "where", "why", "how", "is", "are", "was", "were", "do", "does", "did", "has",
    "have", "had", "can", "will", "would", "should", "кто", "что", "какой", "какая", "какие", "каких", "когда", "где",
    "как", "сколько", "почему", "чем", "кем", "в", "на", "по", "из", "за", "о", "об", "с", "и", "а", "но", "к", "это",
})  # fmt: skip  # words that open a sentence with a capital and are no names, also when a name follows
_CAPITALISED = re.compile(r"[^\W\d_a-z][\w-]*(?: (?:of |and )?[^\W\d_a-z][\w-]*){1,8}")  # a run of capitalised words
_ENDINGS = re.compile(  # of words as `sound` leaves them
    r"|a|u|e|i|o|om|em|im|oi|ei|oiu"  # Russian cases
    r"|s|es|ed|ing|i?al|ly|ic|ers?"  # English words that are capitalised in the name of an office or a plan
    r"|(?<=a)ns?|ans?|ians?|ese|ish|ern|i?stan(?:is?)?"  # a country and its people, East and Eastern
    r"|(?:in|an|en)?sk(?:i|aia|oe|ogo|omu|om|oi|e|ih|im|imi|uiu)"  # Russian adjectives
    r"|[ndt]in?g?|ing|[gk][ae]|[dt][ae]n?|n[ae]n|[mbp]en|[ldt][ae]r|si"  # Kazakh cases and plural
)
_FOLDED = (
    ("dzh", "j"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("q", "k"), ("x", "ks"), ("w", "v"),
    ("y", "i"),
)  # fmt: skip


def names_in(text: str, known: set[str], first_word: bool) -> tuple[str, ...]:
    """Capitalised words, plain; of the text's first word see `rag.facts.facts_in`. `known` are no names.

    Long names joined by a hyphen count one by one, for another text may join them otherwise.
    """
    words = list(WORD.finditer(text))
    names = []
    for position, match in enumerate(words):
        word = match.group()
        capital = word[0].isupper() or any(letter.isupper() for letter in word[1:])
        follower = words[position + 1].group() if position + 1 < len(words) else ""
        plain_opening = position == 0 and word[1:] == word[1:].lower()
        if not capital or (plain_opening and (word.lower() in _OPENERS or not (first_word or follower[:1].isupper()))):
            continue
        if text[max(0, match.start() - 2) : match.start()].rstrip()[-1:].isdigit() and unit_of(word.lower()):
            continue  # 100 MW
        parts = word.split("-")
        several = all(len(part) >= _SHORTEST_PART and part[0].isupper() for part in parts)
        for name in map(plain, parts if several else [word]):
            if len(name) > 1 and name not in known and not name.isdigit():
                names.append(name)
    return tuple(dict.fromkeys(names))


def initials_in(text: str) -> frozenset[str]:
    """Initials of names of several capitalised words, "of" aside: United Arab Emirates gives uae."""
    found: set[str] = set()
    for run in _CAPITALISED.finditer(text):
        initials = "".join(plain(word)[:1] for word in WORD.findall(run.group()) if word not in ("of", "and"))
        found.add(initials)
        found.update(initials[start:end] for end in range(3, len(initials) + 1) for start in range(end - 2))
    return frozenset(found)


@functools.lru_cache(maxsize=100_000)
def same_name(one: str, other: str) -> bool:
    """Whether two transliterated lower-case words may be one name.

    They may differ in transliteration (-ev and -yev, q and k), in a case ending or a country's and its people's, or
    in few vowels; a consonant that differs makes another name: Tokayev is not Tokarev.
    """
    if one == other:
        return True
    if min(len(one), len(other)) < _SHORTEST:
        return False
    if ("th" in one) != ("th" in other):  # Smith is Смит, but Haitham is Хайсам
        with_t, with_s = ((one.replace("th", letter), other.replace("th", letter)) for letter in "ts")
        return same_name(*with_t) or same_name(*with_s)
    heard, other_heard = sound(one), sound(other)
    if one[0] not in _near_initials(other[0]) and heard[0] != other_heard[0]:
        return False
    if heard == other_heard or _forms_of_one(heard, other_heard):
        return True
    if min(len(one), len(other)) < _SHORTEST_FUZZY:
        return False
    vowels = heard.replace("ai", "ei"), other_heard.replace("ai", "ei")
    alike = Indel.normalized_similarity(*vowels, score_cutoff=_SPELLING) > 0
    return alike and _consonants(heard) == _consonants(other_heard)


def sound(word: str) -> str:
    """Folds what transliterations disagree on: y/i, q/k, kh/h, W-/U-, -iev/-ev, doubled letters."""
    word = re.sub(r"ts(?!$)", "c", word)  # but not in a plural
    word = re.sub(r"^u(?=[aeio])", "v", word)  # Wilson is Уилсон
    for one, other in _FOLDED:
        word = word.replace(one, other)
    return re.sub(r"(.)\1+", r"\1", word.replace("ie", "e"))


def _forms_of_one(one: str, other: str) -> bool:
    """Astana and Astane, Kazakh and Kazakhstan, Bulgaria and Bulgarian: one stem, two endings."""
    pairs = zip(one.replace("h", "k"), other.replace("h", "k"), strict=False)
    shared = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    return any(
        _ENDINGS.fullmatch(one, stem) and _ENDINGS.fullmatch(other, stem)
        for stem in range(shared, _SHORTEST_STEM - 1, -1)
    )


def _consonants(sound: str) -> str:
    """The word without vowels; h counts as k, for Kazakhstan is Qazaqstan."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiou]", "", sound).replace("h", "k"))


def _near_initials(letter: str) -> str:
    return "".join(group for group in ("kqcx", "yjiegz", "wvu", "hkx", "fph") if letter in group) + letter
