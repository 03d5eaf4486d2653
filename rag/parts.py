"""A question that asks two things -> the questions it is made of, each complete in itself. Rules alone, no model.

English, Russian and Kazakh. The rules look at question words, prepositions and capitals and know no grammar beyond
that, so they would rather leave a question whole: what they give is meant to find passages with, not to be shown.
"""

import re
from dataclasses import dataclass

_MOST_PARTS = 3
_SHORTEST = 3  # words of a question that is complete
_LONGEST_LEAD = 12  # words before the questions that all of them are about
_LONGEST_NAME = 5  # words between a preposition that is said twice
_JOINED = frozenset({"bosnia", "trinidad", "antigua", "serbia", "saint kitts", "sao tome", "боснии", "тринидаде"})
_EDGES = " \t\n,;.?!–—-"
_WORD = re.compile(r"[\w'’-]+")
_LEAD = re.compile(r"^(?P<lead>[^?:]{2,}?)(?::\s+|\s+[-–—]\s+|,\s+)(?P<rest>\S.*)$", re.DOTALL)
_NAME = r"(?:the )?[^\W\d_a-zа-яёәғқңөұүһі][\w'’.-]*(?: [^\W\d_a-zа-яёәғқңөұүһі][\w'’.-]*)*"


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The small words of a language whose question words come first."""

    asking: str  # words that begin a question
    joining: str  # between two questions; without a comma only "and" joins
    prepositions: str
    helpers: str  # auxiliary verbs; "" where there are none
    back: re.Pattern[str]  # what refers to something said before
    plural: str  # a noun of which there are several, before the preposition of two places
    places: str  # prepositions that part such nouns: ambassadors in A and B are not the same ones
    joined: str  # "and"


_ENGLISH = _Tongue(
    asking=r"who|whom|whose|which|what|when|where|why|how",
    joining=r"(?:,|;|\?)\s*(?:and|but|while)\s+|\s+and\s+|\?\s*",
    prepositions=r"in|on|at|to|for|from|with|by|of|about|under|into|until|since",
    helpers=r"do|does|did|is|are|was|were|has|have|had|will|would|can|could|should|must|may",
    back=re.compile(
        r"\b(?:it|its|they|their|them|he|she|his|her|him|that|those|these|this|(?<!\b(?:is|re|as) )there|each|both"
        r"|one|ones|same|then)\b",
        re.IGNORECASE,
    ),
    plural=r"[\w'’-]+[^\Ws]s",
    places=r"in|to|for|from|at",
    joined="and",
)
_RUSSIAN = _Tongue(
    asking=(
        r"кто|кого|кому|кем|что|чего|чему|чем|какой|какая|какое|какие|какого|каком|каким|какую|каких|какими|когда"
        r"|где|куда|откуда|сколько|почему|зачем|как|чей|чья"
    ),
    joining=r"(?:,|;|\?)\s*(?:а|и)\s+|\s+и\s+|\?\s*",
    prepositions=r"в|во|на|за|по|из|от|к|ко|с|со|о|об|до|для|у|при|над|под",
    helpers="",
    back=re.compile(
        r"\b(?:он|она|оно|они|его|её|ее|их|им|ему|ей|него|неё|нее|них|ним|этот|эта|это|эти|этого|тот|та|те|том|там"
        r"|тогда|оба|обе|каждый|каждом|каждой)\b",
        re.IGNORECASE,
    ),
    plural=r"[\w-]+(?:ы|и|ов|ей|ах|ях|ам|ям)(?: [^\W\d_а-яё][\w-]*)?",
    places=r"в|во|на|из|для",
    joined="и",
)
_TONGUES = {"en": _ENGLISH, "ru": _RUSSIAN}
_KAZAKH_ASKING = re.compile(
    r"\b(?:кім|не|қай|қанша|неше|қашан|қайда|қалай|қандай|нешінші)"
    r"(?:\w{0,2}(?:дер|дар|тер|лер|лар))?(?:[мбп]ен|ге|ға|ні|ны|нің|ді|де|да|ден|дан|сы|сі|у)?\b",
    re.IGNORECASE,
)
_KAZAKH_JOINING = re.compile(r"(?:,|;)\s*(?:ал|және)?\s*|\s+және\s+|\?\s*(?=\S)")
_KAZAKH_BACK = re.compile(r"\b(?:ол|оның|онда|оны|одан|олар\w*|бұл|осы\w*|сол\w*|екеуі\w*|әрқайсы\w*)\b", re.IGNORECASE)
_KAZAKH_PLACES = re.compile(
    r"\b(?P<one>\w+[дт][ае](?:ғы|гі)) (?:және|мен|бен|пен) (?P<other>\w+[дт][ае](?:ғы|гі))(?= \w*[лдт][ае]р)",
    re.IGNORECASE,
)
_COMPARE = {
    "en": r"compare (?P<one>.+?) (?:and|with|to) (?P<other>.+)",
    "ru": r"сравни(?:те|ть)? (?P<one>.+?) (?:и|с|со) (?P<other>.+)",
    "kk": r"(?P<one>.+?) (?:және|мен|бен|пен) (?P<other>.+?)(?:н[ыі]|д[ыі]|т[ыі])? салыстыр\w*",
}


def parts_of(question: str, language: str) -> tuple[str, ...]:
    """The complete questions that `question` consists of, at most three; itself alone where that is not sure.

    `language` is ISO 639-1. What the parts share (a topic put in front, a verb said once) is said in each.
    """
    text = question.strip()
    if compared := _compared(text, language):
        return _finished(compared, question, shortest=1)
    if language == "kk":
        return _finished(_kazakh(text), question)
    tongue = _TONGUES.get(language)
    if tongue is None:
        return (question,)
    return _finished(_clauses(text, tongue) or _twice(text, tongue) or _places(text, tongue), question)


def _finished(parts: list[str], question: str, shortest: int = _SHORTEST) -> tuple[str, ...]:
    """The parts as questions; the whole where there are too few or too many, or one says next to nothing."""
    bare = [part.strip(_EDGES) for part in parts]
    if not 2 <= len(bare) <= _MOST_PARTS or any(len(_WORD.findall(part)) < shortest for part in bare):
        return (question,)
    return tuple(f"{part[0].upper()}{part[1:]}?" for part in bare)


def _compared(text: str, language: str) -> list[str]:
    """The two sides of "compare the prices of A and B"; nothing where more than one "and" could part them."""
    found = re.fullmatch(_COMPARE[language], text.rstrip(_EDGES), re.IGNORECASE) if language in _COMPARE else None
    if found is None or len(re.findall(r"\b(?:and|и|және|мен|бен|пен)\b", text, re.IGNORECASE)) > 1:
        return []
    one, other = found["one"], found["other"]
    shared = re.match(r".+ (?:of|in|at|for|for the|of the|в|на|для) ", one, re.IGNORECASE)
    if shared and len(_WORD.findall(other)) <= _SHORTEST:
        other = shared.group() + other
    return [one, other]


def _clauses(text: str, tongue: _Tongue) -> list[str]:
    """Questions joined by a comma or "and", each with its own question word."""
    begins = re.compile(rf"(?:(?:{tongue.prepositions})\s+)?(?:{tongue.asking})\b", re.IGNORECASE)
    lead, rest = "", text
    if not begins.match(text):
        split = _LEAD.match(text)
        if split is None or len(split["lead"].split()) > _LONGEST_LEAD:
            return []
        lead, rest = split["lead"], split["rest"]
    joint = re.compile(rf"(?:{tongue.joining})(?={begins.pattern})", re.IGNORECASE)
    clauses = [clause.strip(_EDGES) for clause in joint.split(rest)]
    first, others = clauses[0], clauses[1:]
    asking = re.compile(rf"\b(?:{tongue.asking})\b", re.IGNORECASE)
    opening = asking.search(first)
    if not others or opening is None or len(first.split()) < 2:
        return []
    if (
        not lead and len(asking.findall(first)) > 1
    ):  # "who is the minister who opened … and who closed …" asks one thing
        return []
    if not lead and any(tongue.back.search(other) for other in others):
        return []
    longer = _shared_noun(first, others[0], tongue)
    if longer != first and asking.match(others[0]):
        others[0] = first[: opening.start()] + others[0]  # with which editor and which doctor: with both
    whole = [longer, *(_completed(other, first, tongue) for other in others)]
    return [f"{lead}: {clause}" if lead else clause for clause in whole]


def _shared_noun(first: str, other: str, tongue: _Tongue) -> str:
    """The first of "which editor and which doctor in Shymkent spoke": it lacks what the second goes on with."""
    after_noun = "|".join(filter(None, (tongue.prepositions, tongue.helpers)))
    ends = re.compile(rf"\s(?=(?:{after_noun})\s)", re.IGNORECASE)
    begins = re.compile(rf"(?:(?:{tongue.prepositions})\s+)?(?:{tongue.asking})\s+", re.IGNORECASE)
    noun, longer = begins.sub("", first, count=1), begins.sub("", other, count=1)
    if ends.search(f" {noun} ") or len(noun.split()) > 3 or len(longer.split()) <= len(noun.split()):
        return first
    goes_on = ends.search(longer)
    return f"{first} {longer[goes_on.end() :]}" if goes_on else first


def _completed(clause: str, first: str, tongue: _Tongue) -> str:
    """A clause that leaves out what the first said: "who in India", "how many Air Astana's A321"."""
    placed = re.match(
        rf"(?:{tongue.asking})(?:\s+(?:many|much))?\s+(?P<rest>(?P<at>{tongue.prepositions})\s.+)", clause, re.I
    )
    if placed:
        same = list(re.finditer(rf"\s{placed['at']}\s", first, re.IGNORECASE))
        places = same or list(re.finditer(rf"\s(?:{tongue.prepositions})\s", first, re.IGNORECASE))
        return f"{first[: places[-1].start()]} {placed['rest']}" if places else clause
    if tongue.helpers and not re.search(rf"\b(?:{tongue.helpers})\b", clause, re.IGNORECASE):
        asked = rf"(?P<asked>(?:{tongue.asking})(?:\s+(?:many|much))?)"
        frame = re.match(rf"(?P<head>{asked}\b.*?\s(?:{tongue.helpers}))\s.+\s(?P<verb>[\w-]+)$", first, re.IGNORECASE)
        again = re.match(rf"{asked}\s+(?P<what>.+)", clause, re.IGNORECASE)
        if frame and again and frame["asked"].lower() == again["asked"].lower() and " " in again["asked"]:
            return f"{frame['head']} {again['what']} {frame['verb']}"
    return clause


def _twice(text: str, tongue: _Tongue) -> list[str]:
    """ "… in Berlin and in Shymkent …": what stands around it is said of each."""
    name = rf"[^\s,:;?]+(?: [^\s,:;?]+){{0,{_LONGEST_NAME - 1}}}?"
    found = re.search(
        rf"\b(?P<at>{tongue.prepositions}) (?P<one>{name}) {tongue.joined} "
        rf"(?P<again>(?P=at) (?:{_NAME}|[^,:;?]+?(?=\s*(?:[,:;?]|$| - ))))",
        text,
    )
    if found is None:
        return []
    before, after = text[: found.start("at")], text[found.end() :]
    return [f"{before}{found['at']} {found['one']}{after}", f"{before}{found['again']}{after}"]


def _places(text: str, tongue: _Tongue) -> list[str]:
    """ "… ambassadors to Germany and Armenia …": several of a kind, and a name for each."""
    found = re.search(
        rf"\b(?:{tongue.plural}) (?P<at>{tongue.places}) (?P<one>{_NAME}) {tongue.joined} (?P<other>{_NAME})", text
    )
    if found is None or found["one"].lower() in _JOINED:
        return []
    before, after = text[: found.start("one")], text[found.end("other") :]
    return [f"{before}{found['one']}{after}", f"{before}{found['other']}{after}"]


def _kazakh(text: str) -> list[str]:
    """Kazakh asks in the middle and ends with the verb, which two questions may share."""
    clauses = [clause.strip(_EDGES) for clause in _KAZAKH_JOINING.split(text.rstrip(_EDGES))]
    asking = [list(_KAZAKH_ASKING.finditer(clause)) for clause in clauses]
    if len(clauses) > 1 and all(asking) and not any(map(_KAZAKH_BACK.search, clauses[1:])):
        last = asking[-1][-1]
        shared = clauses[-1][last.end() :]
        return [
            clause + shared if clause.lower().endswith(last.group().lower()) else clause for clause in clauses[:-1]
        ] + clauses[-1:]
    places = _KAZAKH_PLACES.search(text)
    if places is None:
        return []
    before, after = text[: places.start()], text[places.end() :]
    return [f"{before}{places['one']}{after}", f"{before}{places['other']}{after}"]
