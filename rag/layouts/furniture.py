"""What a news page has around its stories and a seed file should not quote: credits, buttons, notices, link lists.

Knows single lines and repeated lines, no layout. The words below are those of news sites in general, in English,
Russian and Kazakh; where words can't tell, shape and repetition do (a line that many articles share is the page's).
"""

import re
from collections import Counter
from collections.abc import Sequence

from rag.layouts.dates import is_link_list
from rag.layouts.lines import Line, ends_sentence, is_list_item, normalised
from rag.types import Span

_CREDIT = re.compile(
    r"(?:images?|photos?|pictures?|pics?|video|illustration|caption|graphics?|credits?|фото|видео|иллюстрация|коллаж|"
    r"сурет|бейне)(?:\s{0,3}(?:credit|by|of|от|by))?\s{0,3}[|:©/]\s{0,3}.{1,100}",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^\W\d_]{2,20}\s{1,3}\|\s{1,3}.{1,60}")  # a credit that uses another word, most likely
_BUTTON = re.compile(
    r"(?:tell|send to|email|mail to) (?:a |your )?friends?|share(?: this| on \w+| with friends| article| news)*|tweet|"
    r"print(?: version| this)?|subscribe(?: to .{1,40})?|follow us.{0,40}|e-?mail this|save|copy link|like|back|"
    r"рассказать друзьям|рассказать другу|отправить другу|поделиться.{0,30}|печать|версия для печати|"
    r"подписаться.{0,40}|бөлісу.{0,20}|достарға айту|досыңа айт|басып шығару|жазылу|"
    r"views?:?\s{0,3}\d*|просмотр\w{0,4}:?\s{0,3}\d*|"
    r"(?:tags?|теги|тегтер|keywords|ключевые слова)\s{0,3}:.{0,200}",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:(?:most|top) (?:viewed|read|popular|commented|shared)|popular|trending|top|latest|recent|other|related|"
    r"relevant|similar|recommended|more|all|hot|breaking)(?: (?:news|articles?|stories|materials|posts|topics|now|"
    r"today|reading))*|(?:read|see|watch) (?:also|more)|also read|you (?:may|might) (?:also )?like|"
    r"news (?:feed|line|of the day)|editor'?s'? (?:choice|picks?)|(?:leave a )?comments?|don'?t miss|more on this|"
    r"(?:новости по теме|материалы по теме|по теме|похожие новости|похожие материалы|читайте также|читать также|"
    r"смотрите также|сам(?:ое|ые) (?:читаемое|читаемые|популярное|популярные)|популярн(?:ое|ые)|последние новости|"
    r"лента новостей|рекомендуем|другие новости|главное|топ новостей|комментарии|ещё|еще)(?: новости| материалы)?|"
    r"(?:ең көп (?:оқылған|қаралған)|көп оқылған|танымал|ұқсас|соңғы|өзекті|тағы(?: да)? оқыңыз|"
    r"тақырып бойынша|пікірлер|ұсынамыз)(?: жаңалықтар| материалдар)?",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(
    r"(?:read|see|watch) (?:also|more)|also read|related|читайте также|смотрите также|по теме|тағы оқыңыз",
    re.IGNORECASE,
)
_SOURCE_LINE = re.compile(r"(?:sources?|источники?|дереккөз\w{0,2})\s{0,5}[:：]\s{0,5}\S.{0,100}", re.IGNORECASE)
_URL_LINE = re.compile(r"(?:https?://|www\.)\S{3,}")
_SOURCE_URL = re.compile(
    r"[(\[]?(?:Sources?|SOURCE|Источники?|Дереккөз\w{0,2}|Сілтеме|Ссылка|Links?|Original|Оригинал)"
    r"\s{0,5}[:：]\s{0,5}(?P<url>(?:https?://|www\.)[^\s\"«»<>]+)"
)
_SOURCE_SITE = re.compile(
    r"(?<=[.!?»”\")])\s{0,5}(?:Source|Источник|Дереккөз\w{0,2})\s{0,5}[:：]\s{0,5}(?:[\w-]{1,40}\.){1,3}[a-zа-я]{2,12}/?$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\bcopyright(?:ed)?\s+(?:©|\(c\)|of (?:the |all )?(?:materials|content|articles|texts)|by |19\d\d|20\d\d)|"
    r"©|\ball rights reserved\b|все права защищены|(?:барлық|авторлық) құқық(?:тар)?(?:ы)? қорғалған|"
    r"\b(?:information|materials?|articles?|content|texts?|publications?)\b.{0,60}?"
    r"\b(?:may|must|can)(?: ?not| only) be (?:reproduced|republished|reprinted|copied|quoted|used)\b"
    r".{0,60}?\b(?:reference|permission|consent|link)\b|"
    r"\b(?:reproduction|reprinting|republication|use|copying) of (?:the |any |our |these |site )*(?:materials|content|"
    r"articles)\b.{0,80}?\b(?:reference|permission|consent|link|prohibited)\b|"
    r"(?:перепечатк|использовани|копировани|цитировани)\w{1,3} (?:\w+ )?материал\w{0,4}\b.{0,120}?(?:ссылк|разрешени)|"
    r"материал\w{0,8} (?:пайдалан|көшір|қолдан)\w*.{0,120}?(?:сілтеме|рұқсат)",
    re.IGNORECASE,
)
_NOTICE_WINDOW = 600  # characters at the end of a line in which a glued notice is looked for
_LONGEST = 250  # characters of a line that may be furniture
_CREDIT_HEAD = 24  # characters within which a credit has its bar
_HEADING = 60  # characters a section's heading may have
_SHARED_BY = 3  # articles that must share a line before it counts as the page's own, where there are as many


def is_notice(text: str) -> bool:
    """Whether a line is a copyright notice or the terms of reprinting."""
    return len(text) <= _NOTICE_WINDOW and bool(_NOTICE.search(text))


def is_section_heading(text: str) -> bool:
    """Whether a line opens a list of other stories ("related news", "most read") or the readers' comments."""
    return len(text) <= _HEADING and bool(_SECTION.fullmatch(text.rstrip(" :…»>")))


def is_furniture(text: str) -> bool:
    """Whether a single line is a credit, a button, a source or a link, and nothing to quote."""
    if is_button(text) or is_credit(text):
        return True
    return not is_list_item(text) and bool(_LABELLED.fullmatch(text))


def is_button(text: str) -> bool:
    """Whether a single line is a button, an address, a bare source, or "Read also" with its link."""
    if len(text) > _LONGEST or is_list_item(text):
        return False
    if _BUTTON.fullmatch(text) or _URL_LINE.fullmatch(text):
        return True
    if _SOURCE_LINE.fullmatch(text) and not text.endswith((".", "!", "?")):
        return True
    head, colon, rest = text.partition(":")
    return bool(colon and rest.strip() and _SEE_ALSO.fullmatch(head.strip()))


def is_credit(text: str) -> bool:
    """Whether a single line says whose a picture is, and says so by a word."""
    if len(text) > _LONGEST or is_list_item(text):
        return False
    return bool(_CREDIT.fullmatch(text)) and ("|" in text[:_CREDIT_HEAD] or not ends_sentence(text))


def opens_tail(text: str) -> bool:
    """Whether everything from this line to the next headline belongs to the page, not to the story."""
    return is_section_heading(text) or is_link_list(text)


def source_url(text: str) -> str | None:
    """The address in a "Source: URL" remark or of a line that is nothing but an address."""
    found = _SOURCE_URL.search(text)
    if found:
        return _trimmed_url(found["url"])
    bare = _URL_LINE.fullmatch(text)
    return _trimmed_url(text) if bare else None


def has_text(line: Line) -> bool:
    """Whether anything of a line can be quoted."""
    return not is_furniture(line.text) and bool(quotable_parts(line))


def quotable_parts(line: Line) -> list[Span]:
    """The line without what is glued to it: "Source: URL" remarks anywhere, a site or a notice at its end."""
    cuts = [Span(line.start + cut.start(), line.start + cut.end()) for cut in _SOURCE_URL.finditer(line.text)]
    window = max(0, len(line.text) - _NOTICE_WINDOW)
    site = _SOURCE_SITE.search(line.text, window)
    if site:
        cuts.append(Span(line.start + site.start(), line.end))
    notice = _NOTICE.search(line.text, window)
    if notice:
        cuts.append(Span(line.start + _sentence_start(line.text, notice.start(), window), line.end))
    parts: list[Span] = []
    at = line.start
    for cut in [*sorted(cuts), Span(line.end, line.end)]:
        part = _trimmed(line, at, max(at, cut.start))
        if part is not None:
            parts.append(part)
        at = max(at, cut.end)
    return parts


def shared_lines(regions: Sequence[Sequence[Line]], header: Sequence[Line]) -> frozenset[str]:
    """Lines (normalised) that belong to the page: those of its header, and those that many articles share.

    A line that is no sentence needs three articles (or both, where there are two), a sentence half of them too.
    """
    counts: Counter[str] = Counter()
    for region in regions:
        counts.update({normalised(line.text) for line in region if len(line.text) <= 300})
    shared = {normalised(line.text) for line in header if len(line.text) <= _HEADING}
    for text, count in counts.items():
        is_text = ends_sentence(text) or is_list_item(text)
        if count >= (max(_SHARED_BY, len(regions) / 2) if is_text else max(2, min(_SHARED_BY, len(regions)))):
            shared.add(text)
    return frozenset(shared)


def looks_like_heading(text: str) -> bool:
    """Whether a line before a list of links may be its heading: short, and no sentence."""
    return len(text) <= _HEADING and not ends_sentence(text) and not is_list_item(text)


def _sentence_start(text: str, at: int, floor: int) -> int:
    for place in range(at, floor, -1):
        if text[place - 1] in '.!?»”"…' and (text[place].isspace() or text[place].isupper() or text[place] == "©"):
            return place
    return floor if floor == 0 else at


def _trimmed(line: Line, start: int, end: int) -> Span | None:
    text = line.text[start - line.start : end - line.start]
    kept = text.strip()
    if not any(char.isalnum() for char in kept):
        return None
    first = start + len(text) - len(text.lstrip())
    return Span(first, first + len(kept))


def _trimmed_url(url: str) -> str:
    return url.rstrip(".,;:!?)]}'\"")
