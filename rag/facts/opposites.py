"""Whether a sentence says the opposite of a quotation: another direction, a negation more or less, an antonym.

Closed tables of words, no parser and no meaning. What it does not know it lets pass, for a wrong alarm costs an answer.
Directions are compared across languages, by the figures they stand with; all else within one language.
"""

import re
from typing import Literal

from rag.facts.clauses import Clause, Read, clauses_in
from rag.facts.figures import Number
from rag.facts.words import Tongue, common_tongue, kin, plain

_NEAR = 2 / 3  # share of a clause's words that another must have to speak of the same
_UP = re.compile(
    r"\b(?:rises?|rose|risen|rising|increas\w+|grows?|grew|grown|growing|growth|climb\w*|surg(?:ed?|es|ing)|soar\w*"
    r"|jump\w*|expand\w*|doubled|tripled"
    r"|вырос\w*|вырас\w+|раст[её]т|растут|рост|роста|ростом|прирост\w*|увелич\w+|повы[сш]\w+|возрос\w*|возрастает"
    r"|подорожа\w+"
    r"|өст[іе]\w*|өскен|өседі|өсім\w*|артты|артқан|артады|көбей\w+|ұлғай\w+|жоғарыла\w+|қымбатта\w+)\b"
)
_DOWN = re.compile(
    r"\b(?:falls?|fell|fallen|falling|decreas\w+|declin\w+|drop(?:s|ped|ping)?|reduc\w+|shr[aiu]nk\w*|slump\w*"
    r"|plung\w+|lowered|halved"
    r"|сни[зж]\w+|упал\w*|упад\w+|падени\w+|пада\w+|уменьш\w+|сокра[тщ]\w+|подешев\w+"
    r"|төменде\w+|азай\w+|кеміді|кеміген|қысқар\w+|құлдыра\w+|арзанда\w+)\b"
)
_NOT_NEGATION = re.compile(
    r"\bnot only\b|\bno (?:more|less|fewer|later|earlier|doubt)\b|\bnot (?:more|less|fewer|later|just|until)\b"
    r"|\bwithout doubt\b|\bне (?:только|более|менее|меньше|больше|позднее|ниже|выше|просто)\b|\bкем емес\b|\bкөп емес\b"
    r"|\bғана емес\b"
)
_BEFORE = re.compile(r"\b(?:not|never|no|without|cannot|neither|nor|не|нет|без|ни)\b|n[’']t\b")
_BEHIND = re.compile(r"(?P<word>\w+)\s+(?:емес|жоқ|нет)\b")
_KAZAKH_VERB = re.compile(r"\b(?P<stem>\w{2,}?)[мбп][ае](?:ды|ді|ған|ген|йды|йді|йтын|йтін)(?:м|к|қ|ңыз|ңіз)?\b")
_HIDDEN = re.compile(  # words that turn a clause around in their own way
    r"\b(?:refus|fail|den(?:y|ie)|reject|lack|prohibit|ban(?:s|ned)?\b|unable|stop|prevent|avoid|if\b|whether\b|unless"
    r"|отказ|отрица|запре|отверг|нельзя|если\b|ли\b|недоста|бас тарт|тыйым|егер\b)"
)
_ADVERB = re.compile(r"\w+ly\Z|\w+лық\Z")
_EMPTY_BEHIND = re.compile(r"(?:yet|been|be|being|have|has|had|ever|a|an|the|any|to|also|так|ещё|еще|был[аио]?)\b\s*")
_ANTONYMS: dict[Tongue, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"allow\w*|permit(?:s|ted)?", r"ban(?:s|ned|ning)?|forb[ai]d\w*|prohibit\w*"),
        (r"open(?:s|ed|ing)?", r"clos(?:e|es|ed|ing|ure)"),
        (r"accept\w*|approv\w*|adopt(?:s|ed)?", r"reject\w*|declin(?:ed|es)|veto\w*"),
        (r"support(?:s|ed)?", r"oppos(?:e|es|ed)"),
        (r"w[io]n|wins|beat|defeated", r"los[et]s?|lost"),
        (r"acquitted|innocent", r"convicted|guilty"),
        (r"exports?|exported", r"imports?|imported"),
        (r"rarely|seldom|never", r"often|usually|normally|commonly|typically|frequently|always|mostly"),
        (
            r"largest|biggest|greatest|highest|longest|maximum|majority",
            r"smallest|least|lowest|shortest|minimum|minority",
        ),
        (r"oldest", r"newest|youngest"),
        (r"urban", r"rural"),
        (r"men|male|boys", r"women|female|girls"),
        (r"north(?:ern)?", r"south(?:ern)?"),
        (r"east(?:ern)?", r"west(?:ern)?"),
    ),
    "ru": (
        (r"разреш\w+", r"запре[тщ]\w+"),
        (r"откры\w+", r"закры\w+"),
        (r"одобр\w+|принял\w*|принят\w*", r"отклон\w+|отверг\w*"),
        (r"поддерж\w+", r"выступ\w+ против"),
        (r"выигра\w+|победил\w*", r"проигра\w+|уступил\w*"),
        (r"оправдан\w*|невинов\w+", r"осужд[её]н\w*|винов\w+"),
        (r"экспорт\w*", r"импорт\w*"),
        (r"редко|никогда", r"часто|обычно|всегда"),
        (r"крупнейш\w+|наибольш\w+|максимальн\w+", r"наименьш\w+|минимальн\w+"),
        (r"городск\w+", r"сельск\w+"),
        (r"мужчин\w*", r"женщин\w*"),
        (r"северн\w+", r"южн\w+"),
        (r"восточн\w+", r"западн\w+"),
    ),
    "kk": (
        (r"рұқсат\w*", r"тыйым\w*"),
        (r"ашыл\w+|ашты", r"жабыл\w+|жапты"),
        (r"мақұлда\w+|қабылда\w+", r"қабылдама\w+"),
        (r"жеңді|ұтты", r"жеңілді|ұтылды"),
        (r"ақталды", r"сотталды"),
        (r"экспорт\w*", r"импорт\w*"),
        (r"сирек|ешқашан", r"жиі|әдетте|әрқашан"),
        (r"ең (?:үлкен|ірі|жоғары)|көпшілі\w+", r"ең (?:кіші|шағын|төмен)|азшылы\w+"),
        (r"қалалық", r"ауылдық"),
        (r"ер(?:лер| адам)\w*", r"әйел\w*"),
        (r"солтүстік\w*", r"оңтүстік\w*"),
        (r"шығыс\w*", r"батыс\w*"),
    ),
    "": (),
}
_PLACES_IN_TIME = re.compile(
    r"\b(?:(?P<before>before|до|prior to)|(?P<after>after|после))\s+(?:the\s+)?(?P<what>\w+)|(?P<whose>\w+?)"
    r"(?:[гқк][аеа]|[нг]е|[дт][ае]н)\s+(?:(?P<until>дейін)|(?P<since>кейін))\b"
)
Direction = Literal["up", "down", ""]


def contradicts(sentence: str, quotation: str) -> bool:
    """Whether `sentence` plainly says the opposite of `quotation`; no text contradicts itself."""
    said, quoted = clauses_in(sentence), clauses_in(quotation)
    if _turned(said, quoted):
        return True
    language = common_tongue(said.text, quoted.text)
    if not language:
        return False
    if _negated(said, quoted) or _negated(quoted, said):
        return True
    return _swapped(said, quoted, language) or _at_another_time(said, quoted)


def _turned(said: Read, quoted: Read) -> bool:
    """Whether some figure goes up in one and, wherever it stands, down in the other."""
    for clause in said.clauses:
        for figure in clause.figures:
            way = _direction(clause, said)
            ways = {_direction(one, quoted) for one in _clauses_with(figure.number, quoted)}
            if way and ways == {"down" if way == "up" else "up"}:
                return True
    return False


def _clauses_with(number: Number, read: Read) -> list[Clause]:
    return [one for one in read.clauses if any(number.same_as(figure.number) for figure in one.figures)]


def _direction(clause: Clause, read: Read) -> Direction:
    """Where the figures of `clause` go: its own words tell, else those of its sentence if they agree."""
    for text in (clause.text, " ".join(one.text for one in read.sentence_of(clause))):
        up, down = _UP.search(text) is not None, _DOWN.search(text) is not None
        if up and down:
            return ""
        if up or down:
            turned = _BEFORE.search(_NOT_NEGATION.sub(" ", text)) or _HIDDEN.search(text)
            return "" if turned else "up" if up else "down"
    return ""


def _negated(said: Read, other: Read) -> bool:
    """Whether a word that `said` negates stands in a like clause of `other`, which nowhere negates it."""
    denied_there = {word for clause in other.clauses for words in _denied(clause) for word in words}
    for clause in said.clauses:
        if _HIDDEN.search(clause.text):
            continue
        for denied in _denied(clause):
            if any(kin(word, there) for word in denied for there in denied_there):
                continue
            rest = tuple(
                word for word in clause.words if not any(kin(word, one) or word.startswith(one) for one in denied)
            )
            for like in other.clauses:
                if like.shares(denied) < len(denied) or not rest or _HIDDEN.search(like.text) or any(_denied(like)):
                    continue
                others = tuple(word for word in like.words if not any(kin(word, one) for one in denied))
                if max(like.shares(rest) / len(rest), _share(clause, others)) >= _NEAR:
                    return True
    return False


def _share(clause: Clause, words: tuple[str, ...]) -> float:
    return clause.shares(words) / len(words) if words else 0.0


def _denied(clause: Clause) -> list[tuple[str, ...]]:
    """The words that each negation of the clause turns around."""
    text = _NOT_NEGATION.sub(" ", clause.text)
    found = []
    for match in _BEFORE.finditer(text):
        words = []
        tail = text[match.end() :].lstrip()
        while (empty := _EMPTY_BEHIND.match(tail)) is not None:
            tail = tail[empty.end() :]
        for word in re.findall(r"\w+", tail)[:2]:
            words.append(plain(word))
            if not _ADVERB.match(word):
                break
        found.append(tuple(word for word in words if word in clause.words))
    found += [(plain(match["word"]),) for match in _BEHIND.finditer(text)]
    found += [(plain(match["stem"]),) for match in _KAZAKH_VERB.finditer(text)]
    return [words for words in found if words]


def _swapped(said: Read, quoted: Read, language: Tongue) -> bool:
    """Whether a clause says a word where a like clause of the quotation has its antonym, and never the word."""
    whole = " ".join(one.text for one in quoted.clauses)
    for one_side, other_side in _ANTONYMS[language]:
        for pair in ((one_side, other_side), (other_side, one_side)):
            here, there = (re.compile(rf"\b(?:{side})\b") for side in pair)
            if here.search(whole) or not there.search(whole):
                continue
            for clause in said.clauses:
                word = here.search(clause.text)
                if word and not there.search(clause.text) and not any(_denied(clause)):
                    likes = [like for like in quoted.clauses if there.search(like.text) and not any(_denied(like))]
                    if any(_of_one_subject(clause, here, like, there) for like in likes):
                        return True
    return False


def _of_one_subject(clause: Clause, here: re.Pattern[str], like: Clause, there: re.Pattern[str]) -> bool:
    """Whether two clauses share most words, and one of them on the same side of the word that differs.

    Kairat won against Astana, and Astana lost to Kairat: the same words on other sides.
    """
    rest = tuple(word for word in clause.words if word not in map(plain, here.findall(clause.text)))
    if not rest or like.shares(rest) < _NEAR * len(rest):
        return False
    sides = [
        {plain(word) for word in re.findall(r"\w+", part)}
        for part in (*here.split(clause.text, maxsplit=1), *there.split(like.text, maxsplit=1))
    ]
    before = any(kin(word, other) for word in sides[0] & set(rest) for other in sides[2])
    after = any(kin(word, other) for word in sides[1] & set(rest) for other in sides[3])
    crossed = any(kin(word, other) for word in sides[0] & set(rest) for other in sides[3])
    return (before or (after and not sides[0] & set(rest))) and not crossed


def _at_another_time(said: Read, quoted: Read) -> bool:
    """Whether one says before and the other after the same word."""
    here, there = _moments(said), _moments(quoted)
    return any(
        way != other and kin(what, that) and (other, that) not in here and (way, what) not in there
        for way, what in here
        for other, that in there
    )


def _moments(read: Read) -> set[tuple[str, str]]:
    found = set()
    for clause in read.clauses:
        for match in _PLACES_IN_TIME.finditer(clause.text):
            early = match["before"] or match["until"]
            found.add(("before" if early else "after", plain(match["what"] or match["whose"])))
    return {(way, what) for way, what in found if what}
