"""Text -> sentences and list items, as spans. News text in any language, above all English, Russian and Kazakh.

Knows nothing of articles. Our own rules and no library: a maintained splitter that gives spans, sentencex 1.0, tried on
such text, parts "Zh.Aliev", "им. Пушкина" and "тыс. тенге", does not part "RulesThe code", "age: 30🔹 Stages" or
"to:• be brief", and knows no list items; with all that repaired on top, little of it would be left.
Linear in the text's length.
"""

import re

from rag.types import Span

MAX_SENTENCE = 600  # characters; what is longer is cut, so that a unit stays quotable
_LEAST_CUT = 200  # characters a cut-off part has at least, if a sign to cut at is found
_HEAD = 24  # characters looked back for the word before a full stop
_QUOTE_WINDOW = 1_200  # characters looked back for an open quotation mark

_LOWER = "a-zß-öø-ÿа-яёәғқңөұүһі"
_BULLETS = "•‣⁃◦●○▪▫■□◆◇►▶➤➢✓✔✅☑🔹🔸🔷🔶👉📌📍🔴🟢🔵🟡🟠▸▹❖★☆➡"
_SURE_STOPS = "。！？｡．؟۔।॥"  # end a sentence whatever follows
_STRONG = "The|This|These|Those|During|According|However|Therefore|Following|While|When|There|They|Moreover"
_WEAK = "In|On|At|By|As|If|For|Our|It|We|He|She|You|From|With|All|After|Before|Also|But|And|An|Its|His|Her|To|Such|That"
_CYRILLIC = (
    "В|На|По|Это|Эта|Этот|Эти|Как|При|Для|Он|Она|Оно|Они|Мы|Вы|Кроме|Также|Так|Тогда|Затем|После|Перед|Если|Когда|Что|"
    "Чтобы|Хотя|Но|А|И|Или|Однако|Поэтому|Согласно|Всего|Все|Его|Её|Их|Сегодня|Ранее|С|Об|О|За|К|У|Из|От|До|"
    "Бұл|Осы|Сол|Ол|Олар|Сондай|Сонымен|Сондықтан|Бірақ|Ал|Егер|Бүгін|Содан|Оның|Олардың|Мұнда"
)
_OPENERS = frozenset(f"{_STRONG}|{_WEAK}|{_CYRILLIC}".split("|"))
_BULLET = re.compile(rf"[{_BULLETS}]|[0-9#*]\ufe0f?\u20e3")
_CANDIDATE = re.compile(
    rf"(?P<stop>[.!?…{_SURE_STOPS}]+)"
    rf"|(?P<bullet>{_BULLET.pattern})"
    rf"|(?P<strong>(?<=[a-z])(?:{_STRONG})(?=\s))"
    rf"|(?P<weak>(?<=[a-z])(?:{_WEAK})(?=\s)|(?<=[а-яёәғқңөұүһі])(?:{_CYRILLIC})(?=\s))"
    r"|(?P<gerund>(?<=[a-z])[A-Z][a-z]{3,16}ing(?=\s(?:the|a|an|these|this|of)\s))"
)
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_BLANKS = re.compile(r"\s*")
_MARK = re.compile(rf"[-–—*·]\s|{_BULLET.pattern}|\(?\d{{1,3}}[.)]\s|[{_LOWER}]\)\s")
_SPEECH_DASH = re.compile(r"[,.!?»”\"]\s{0,2}[-–—]\s{1,2}[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_BRAND = re.compile(r"[a-z]{1,2}-?[A-Z]")  # iPhone, e-Book: a capital that comes late
_ATTRIBUTION = re.compile(
    r"(?:[^\W\d_][\w’'.-]{0,30}\s+){1,4}(?:said|says|noted|stated|asked|asks|added|told|emphasi[sz]ed|stressed|explained)\b"
)
_DOTTED = re.compile(r"(?:[^\W\d_]\.){1,5}[^\W\d_]")
_NEVER_ENDING = (
    "mr mrs ms dr prof gen col lt maj capt sgt rep sen gov hon rev amb st mt messrs vs cf no nos fig vol pp art sec "
    "eg ie v jan feb mar apr jun jul aug sep sept oct nov dec approx e.g i.e "
    "им ул пр просп пер бул пос дер д р-н проф акад доц гл ст п пп стр рис табл см напр т.е и.о ред тов гр чл "
    "лат англ нем фр рус каз қаз көш ауд қ мырза"
)
_MAYBE_ENDING = "inc ltd co corp bros plc jr sr etc al тыс млн млрд трлн руб долл тг обл др г гг ж жж ғ ғғ в вв км кг т"
_BEFORE_NUMBERS = frozenset(("no", "p", "с", "л"))  # words or letters of their own where no number follows
_NEVER_END = frozenset(_NEVER_ENDING.split()) | _BEFORE_NUMBERS
_MAY_END = frozenset(_MAYBE_ENDING.split())  # end a sentence where a word follows that opens one
_CLOSERS = ")]}»”’」』】〉》"
_QUOTES = "\"'“‘"  # close as well as open
_OPENING = "\"'“‘«„‚([{「『【¿¡"
_DASHES = "-–—"


def split_sentences(text: str) -> list[Span]:
    """Sentences and list items of `text` in order: trimmed, not overlapping, together all that is not blank.

    A line that begins with a bullet, a dash or a number is one unit. None is longer than MAX_SENTENCE characters.
    """
    return [
        part
        for block in _blocks(text)
        for unit in _units(text, block)
        for part in _cut_long(text, unit)
    ]  # fmt: skip


def is_list_item(text: str) -> bool:
    """Whether a trimmed unit begins with a bullet, a dash or a number of a list."""
    return bool(_MARK.match(text))


def _blocks(text: str) -> list[Span]:
    """Trimmed lines; a line that goes on in lower case with an unfinished one is joined to it."""
    blocks: list[Span] = []
    for found in _LINE.finditer(text):
        line = _trimmed(text, found.start(), found.end())
        if line is None:
            continue
        if blocks and _goes_on(text, blocks[-1], line):
            blocks[-1] = Span(blocks[-1].start, line.end)
        else:
            blocks.append(line)
    return blocks


def _goes_on(text: str, block: Span, line: Span) -> bool:
    gap = text[block.end : line.start]
    unfinished = text[block.end - 1].isalnum() or text[block.end - 1] == ","
    return (
        unfinished
        and text[line.start].islower()
        and gap.count("\n") <= 1
        and block.end - block.start >= 40  # shorter lines are headings or verses
        and not _MARK.match(text, line.start)
    )


def _units(text: str, block: Span) -> list[Span]:
    sentences = _sentences(text, block)
    if len(sentences) == 1 or not _MARK.match(text, block.start):
        return sentences
    inner_bullets = any(_BULLET.match(text, sentence.start) for sentence in sentences[1:])
    speech = text[block.start] in _DASHES and _SPEECH_DASH.search(text, block.start + 2, block.end)
    if inner_bullets or speech or block.end - block.start > MAX_SENTENCE:
        return sentences
    return [block]


def _sentences(text: str, block: Span) -> list[Span]:
    found: list[Span] = []
    start, at = block.start, block.start
    while at < block.end:
        candidate = _CANDIDATE.search(text, at, block.end)
        if candidate is None:
            break
        at = candidate.end()
        end = _boundary(text, candidate, start, block)
        if end is not None and start < end < block.end:
            sentence = _trimmed(text, start, end)
            if sentence is not None:
                found.append(sentence)
                start = end
                at = max(at, end)
    last = _trimmed(text, start, block.end)
    return [*found, last] if last is not None else found


def _boundary(text: str, candidate: re.Match[str], start: int, block: Span) -> int | None:
    """Where the sentence ends that began at `start`, if it ends at this candidate."""
    if candidate["stop"] is not None:
        return _after_stop(text, candidate.start(), candidate.end(), start, block)
    at = candidate.start()
    if candidate["bullet"] is not None:
        has_word = any(char.isalnum() for char in text[max(start, at - _HEAD) : at])
        return at if has_word else None
    head = _run_before(text, start, at)
    if len(head) < 4 or (candidate["weak"] is not None and not head[0].islower()):
        return None  # a name in two capitals: LinkedIn, YouTube
    return at


def _after_stop(text: str, stop: int, after: int, start: int, block: Span) -> int | None:
    limit = block.end
    sign = text[stop:after]
    end = _with_closers(text, block.start, stop, after, limit)
    if end == limit:
        return None  # the end of the block anyway
    if any(char in _SURE_STOPS for char in sign):
        return end
    following = _BLANKS.match(text, end, limit)
    assert following is not None  # it matches the empty string
    begin = following.end()
    closed = end > after
    if begin == end and not closed:
        return end if _is_glued(text, sign, stop, after, start, limit) else None
    if not _may_begin(text, begin, limit, closed):
        return None
    opener = _is_opener(text, begin, limit)
    if sign == "." and not closed and _is_abbreviation(text, stop, start, text[begin], opener):
        return None
    if closed and sign[-1] in "!?" and not opener and _ATTRIBUTION.match(text, begin, limit):
        return None
    return end


def _with_closers(text: str, block: int, stop: int, at: int, limit: int) -> int:
    """The end of the brackets and quotation marks that close right after a stop."""
    if text.startswith(" ''", at) and (at + 3 >= limit or text[at + 3].isspace()):
        return at + 3  # marks as tokenized text has them
    while at < limit:
        char = text[at]
        if char in _QUOTES:
            follower = text[at + 1] if at + 1 < limit else " "
            glued = follower.isalnum() or follower in _OPENING
            if glued and not _is_open(text, char, max(block, stop - _QUOTE_WINDOW), stop):
                return at  # it opens the next sentence
        elif char not in _CLOSERS:
            return at
        at += 1
    return at


def _is_open(text: str, quote: str, start: int, end: int) -> bool:
    """Whether the last such mark before `end` is one that opens: a letter follows it, none stands before it."""
    last = text.rfind(quote, start, end)
    return last >= 0 and text[last + 1].isalnum() and not (last > start and text[last - 1].isalnum())


def _is_glued(text: str, sign: str, stop: int, after: int, start: int, limit: int) -> bool:
    """Whether a stop directly before other text ends a sentence all the same ("sea.The")."""
    char = text[after]
    quoted = char in _OPENING and after + 1 < limit
    first = text[after + 1] if quoted else char
    if not first.isalnum() and not quoted and char not in _DASHES + ",;:/\\@&=%_" and ord(char) > 0x2000:
        return True  # an emoji or another symbol
    if not first.isupper() or _in_address(text, start, stop):
        return False
    if sign != "." or quoted:
        return True
    word = _word_at(text, after, limit)
    head = _run_before(text, start, stop)
    if word.isupper() and len(word) > 1:
        return len(word) >= 4 and len(head) >= 4 and not head.isupper()
    if len(word) == 1 and not (text[after + 1 : after + 2].isspace() and word in "AIВИКСУОЯ"):
        return False
    if not head:
        return True  # a bracket or a per cent sign
    if len(head) == 1 or head.lower() in _NEVER_END or (len(head) <= 3 and head.istitle()):
        return len(head) > 1 and _is_opener(text, after, limit)
    return not (head.isdecimal() and len(head) <= 2 and stop - len(head) == start)


def _may_begin(text: str, at: int, limit: int, closed: bool) -> bool:
    """Whether a sentence can begin at `at`: with a capital, a digit, a sign, or letters that know no case."""
    char = text[at]
    if char in _DASHES:
        if closed:
            return False  # "...," - said the minister
        at += 1
        while at < limit and text[at].isspace():
            at += 1
        return at < limit and not text[at].islower() and text[at].isalnum()
    while at < limit - 1 and text[at] in _OPENING:
        at += 1
    char = text[at]
    if char.islower():
        return bool(_BRAND.match(text, at, limit))
    return char.isalnum() or char in "$€₸£₽№#@§" or ord(char) > 0x2100


def _is_abbreviation(text: str, stop: int, start: int, following: str, opener: bool) -> bool:
    """Whether the full stop at `stop` belongs to the word before it and ends no sentence."""
    before = text[max(start, stop - _HEAD) : stop]
    token = before.rsplit(maxsplit=1)[-1].lstrip(_OPENING) if before.strip() else ""
    lower = token.lower()
    at_start = stop - len(token) == start
    if token.isdecimal():
        return at_start and len(token) <= 3  # the number of a list item
    if len(token) == 1 and token.isalpha() and token.isupper():
        return not opener
    if lower in _NEVER_END:
        return lower not in _BEFORE_NUMBERS or following.isdigit()
    if _DOTTED.fullmatch(token):
        return not opener
    return lower in _MAY_END and not opener


def _cut_long(text: str, unit: Span) -> list[Span]:
    """A unit of at most MAX_SENTENCE characters as it is, a longer one cut after a semicolon, comma or blank."""
    parts: list[Span] = []
    start = unit.start
    while unit.end - start > MAX_SENTENCE:
        limit = start + MAX_SENTENCE
        signs = (text.rfind(sign, start + _LEAST_CUT, limit) + 1 for sign in (";", ",", " "))
        end = next((place for place in signs if place), limit)
        part = _trimmed(text, start, end)
        if part is not None:
            parts.append(part)
        start = end
    last = _trimmed(text, start, unit.end)
    return [*parts, last] if last is not None else parts


def _in_address(text: str, start: int, at: int) -> bool:
    token = text[max(start, at - 200) : at].rsplit(maxsplit=1)
    return bool(token) and ("://" in token[-1] or "www." in token[-1] or "@" in token[-1])


def _is_opener(text: str, at: int, limit: int) -> bool:
    """Whether the word at `at` is one that opens sentences, and no initial ("С. Пушкин")."""
    word = _word_at(text, at, limit)
    return word in _OPENERS and not (len(word) == 1 and text[at + 1 : at + 2] == ".")


def _word_at(text: str, at: int, limit: int) -> str:
    while at < limit and (text[at] in _OPENING or text[at] in _DASHES or text[at].isspace()):
        at += 1
    found = _WORD.match(text, at, min(limit, at + 40))
    return found[0] if found else ""


def _run_before(text: str, start: int, at: int) -> str:
    """Letters and digits directly before `at`."""
    begin = at
    while begin > max(start, at - _HEAD) and text[begin - 1].isalnum():
        begin -= 1
    return text[begin:at]


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
