"""What a drafted sentence dropped beside a number, put back from its quotation: a qualifier, a scale word, a unit.

Only by inserting the quotation's own words, only within one language, and only where every place of the figure in the
quotations has them. Where it is not plain that the sentence stays a sentence, nothing is inserted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.facts.bounds import bound_after, bound_before
from rag.facts.figures import Figure, figures_in, written
from rag.facts.units import unit_of
from rag.facts.words import Tongue, common_tongue, kin, normal, tongue

_BARRED = {  # what no qualifier may follow
    "en": re.compile(
        r"(?:\b(?:the|these|those|this|that|its|his|her|their|our|all|both|another|each|every|first|last|next|past|no"
        r"|number|than|exactly|over|under|about|around|of the|and|or|to|than|only|just|-)|[-–—/:№#.,])\s?\Z",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"(?:\b(?:в|во|с|со|к|ко|от|до|из|на|по|о|об|при|для|около|за|через|все|эти|первые|последние|ровно|и|или|чем"
        r"|более|менее)|[-–—/:№#.,])\s?\Z",
        re.IGNORECASE,
    ),
    "kk": re.compile(r"(?:\b(?:барлық|осы|алғашқы|соңғы|және|мен)|[-–—/:№#.,])\s?\Z", re.IGNORECASE),
}
_ENDS = re.compile(r"\s*(?:[.!?;)»”]|\Z)|\s+(?:long|wide|high|deep|away)\b")
_GENITIVE = re.compile(r"(?:[05-9]|1[1-4])\Z")  # figures whose noun is in the genitive plural with and without "более"
_PERIODS = frozenset(("day", "week", "month", "year", "h", "min", "s"))  # "over 14 days" may be during them
_BY_YEAR = {
    "en": (r"in {year}\b", r"by (?:(?:the )?(?:early|mid|late|end|start|beginning|middle)[ -](?:of )?)?{year}\b"),
    "ru": (r"в {year} году\b", r"(?:к|до) (?:(?:началу|начала|середине|середины|концу|конца) )?{year} год[уа]\b"),
    "kk": (r"{year} жылы\b", r"{year} жыл(?:ға|дың (?:басына|ортасына|соңына|аяғына)) (?:дейін|қарай)"),
}


@dataclass(frozen=True, slots=True)
class _Quoted:
    text: str  # as `written` gives it
    figure: Figure


def with_qualifiers(sentence: str, quoted_texts: Iterable[str]) -> str:
    """`sentence` with the qualifiers, scale words and units that `quoted_texts` give its numbers and it dropped.

    610 jobs become "up to 610 jobs", 1.75 households "1.75 million households", "in 2029" becomes "by 2029", if that
    is how the quotations put it; a sentence among its own quotations stays as it is.
    """
    if not any(char.isdigit() for char in sentence):
        return sentence
    texts = [normal(text) for text in quoted_texts]
    language = common_tongue(normal(sentence), " ".join(texts))
    texts = [text for text in texts if tongue(text) in (language, "")]
    if not language or not texts:
        return sentence
    quoted = [_Quoted(text, figure) for text in map(written, texts) for figure in figures_in(text)]
    whole = written(normal(sentence))
    for figure in figures_in(whole):
        sentence = _restored(sentence, whole, figure, quoted, language)
    return _by_year(sentence, texts, language)


def _restored(sentence: str, whole: str, figure: Figure, quoted: list[_Quoted], language: Tongue) -> str:
    """`sentence` with what all places of one of its figures have and this place has not."""
    place = re.compile(rf"(?<![\w.,]){re.escape(figure.digits)}(?=[\s.,;:!?)%]|\Z)(?![.,]\d|\s?[-–—]\s?\d)")
    found = list(place.finditer(sentence))
    if len(found) != 1:
        return sentence
    start, end = found[0].span()
    same = [one for one in quoted if one.figure.number.same_as(figure.number)]
    if not same:
        added = _completion(whole, figure, quoted)
        return sentence[:end] + added + sentence[end:]
    if figure.number.bound or not all(figure.number.counts_like(one.figure.number) for one in same):
        return sentence
    if sentence[end : end + 1] != "%" and not (figure.number.unit or figure.number.nouns or figure.number.currency):
        sentence = sentence[:end] + _unit(sentence[end:], same) + sentence[end:]
    if start and sentence[start - 1] in "$€₸₽£":
        start -= 1
    return _bounded(sentence, start, end, figure, same, language)


def _completion(whole: str, figure: Figure, quoted: list[_Quoted]) -> str:
    """The scale word or per cent that the quotation has behind the same digits, where the sentence has neither."""
    number = figure.number
    alike = [one for one in quoted if one.figure.digits == figure.digits]
    behind = {one.text[one.figure.start : one.figure.end].rpartition(figure.digits)[2] for one in alike}
    if len(behind) != 1 or figure.scale or number.percent or number.currency != alike[0].figure.number.currency:
        return ""
    added = behind.pop()
    if not re.fullmatch(r"\s?%|\s[^\W\d_]+", added) or re.match(r"\s?[-°%]", whole[figure.end :]):
        return ""
    other = alike[0].figure.number
    same_noun = any(kin(one, another) for one in number.nouns for another in other.nouns)
    at_end = _ENDS.match(whole, figure.end) is not None
    telling = len(figure.digits) > 2
    return added if telling and (same_noun or (at_end and not number.nouns)) else ""


def _unit(tail: str, same: list[_Quoted]) -> str:
    """The unit of a closed table that all places have directly behind the figure, where the sentence ends there."""
    units = set()
    for one in same:
        match = re.match(r"\s[^\W\d_]+", one.text[one.figure.end :])
        units.add(match.group() if match and one.figure.number.unit and unit_of(match.group().strip()) else "")
    return units.pop() if len(units) == 1 and _ENDS.match(tail) else ""


def _bounded(sentence: str, start: int, end: int, figure: Figure, same: list[_Quoted], language: Tongue) -> str:
    kinds = {one.figure.number.bound for one in same}
    if len(kinds) != 1 or "" in kinds or _BARRED[language].search(sentence, 0, start):
        return sentence
    first = same[0]
    kind, begin = bound_before(first.text, first.figure.start)
    if kind:
        phrase = first.text[begin : first.figure.start].strip()
        if phrase == "over" and first.figure.number.unit in _PERIODS:
            return sentence
        if language == "ru" and not (
            _GENITIVE.search(figure.digits) and figure.scale in ("", "тыс", "млн", "млрд", "трлн")
        ):
            return sentence
        if phrase.startswith("exceed"):
            phrase = "more than"
        opening = phrase.capitalize() if not sentence[:start].strip() else phrase
        return f"{sentence[:start]}{opening} {sentence[start:]}"
    _, stop = bound_after(first.text, first.figure.end)
    place = first.text[first.figure.start : stop]
    rest = place.removeprefix(figure.digits)
    if language == "kk" and re.fullmatch(r"-[^\W\d_]{2,4}\s[^\W\d_]+", rest) and sentence[end : end + 1] == " ":
        return sentence[:end] + rest + sentence[end:]
    return sentence


def _by_year(sentence: str, texts: list[str], language: Tongue) -> str:
    """A year in which something happens, said as the term that the quotations make of it."""
    said, term = _BY_YEAR[language]
    for year in dict.fromkeys(re.findall(r"\b(?:19|20)\d\d\b", sentence)):
        places = sum(text.count(year) for text in texts)
        terms = [match for text in texts for match in re.findall(term.format(year=year), text, re.IGNORECASE)]
        here = re.compile(rf"\b{said.format(year=year)}", re.IGNORECASE)
        if places and len(terms) == places and len(set(terms)) == 1 and len(here.findall(sentence)) == 1:
            match = here.search(sentence)
            opens = match is not None and match.group()[0].isupper()
            phrase = terms[0][:1].upper() + terms[0][1:] if opens else terms[0][:1].lower() + terms[0][1:]
            sentence = here.sub(phrase, sentence)
    return sentence
