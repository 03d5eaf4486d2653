"""Who published: the publisher a page states in its header or copyright notice, or the agency a story refers to.

Knows wording in English, Russian and Kazakh, no publisher by name. A name stays as it stands in the text.
"""

import re
from collections.abc import Sequence

from rag.layouts.furniture import is_furniture, is_notice, is_section_heading, looks_like_heading
from rag.layouts.lines import Line

_DOMAIN = r"(?:[a-z0-9-]{1,40}\.){1,3}[a-z]{2,12}\b"
_NAME_WORD = r"[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][\w’'&+!-]{0,40}(?:\.[a-z]{2,12}\b)?"
_LINK_WORD = r"(?:of|the|and|for|de|в|и|по|на|&)"
_NAME = rf"(?:{_NAME_WORD}(?:\s(?:{_LINK_WORD}\s){{0,2}}{_NAME_WORD}){{0,14}}|{_DOMAIN})"
_QUOTED = r"[«\"“][^«»\"“”\n]{2,60}[»\"”]"
_ENGLISH = re.compile(
    rf"(?:^|[,.;:–—-]\s*|\n)(?:as\s|the\s|as the\s)?(?P<name>{_NAME})\s+"
    r"(?:reports?(?=\s*(?:[.,;:\n]|$)|\s(?:citing|via|that|with|from|referring|quoting|on)\b)"
    r"|(?:cites|quotes|informs|writes)\b|(?:has\s|have\s)?(?:learned|learnt)\sfrom\b)"
)
_RUSSIAN = re.compile(
    r"(?:сообща[ею]т|переда[её]т|информиру[ею]т|пиш[уе]т|сообщил[аои]?|передал[аои]?)\s"
    r"(?:(?:корреспондент|агентство|информагентство|информационное агентство|ИА|МИА|портал|издание|газета|сайт|"
    rf"телеканал|официальный)\s){{0,3}}(?P<name>{_QUOTED}|{_NAME})"
)
_KAZAKH = re.compile(
    rf"деп\s(?:хабарлайды|жазады|хабарлады|жазды|мәлімдейді)\s(?P<name>{_QUOTED}|{_NAME})"
    rf"|(?:^|[,.]\s)(?P<first>{_QUOTED}|{_NAME})\s(?:ақпарат агенттігі\s)?(?:хабарлайды|хабарлады|жазады)"
)
_PERSON = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prime|Minister|President|Deputy|Vice|Head|Chairman|Director|Ambassador|Akim|Governor|He|She|"
    r"They|It|We|Also|According|Министр|Президент|Глава|Аким|Председатель)\b"
)
_COPYRIGHT_OF = re.compile(
    r"(?:copyright of (?:the |all )?(?:materials|content|articles|texts) (?:of|by|is owned by|belongs to)|"
    r"(?:copyright|©)\s*(?:©|\(c\)|by)?\s*(?:(?:19|20)\d\d)?(?:\s?[-–]\s?(?:19|20)\d\d)?,?|"
    r"(?:reference|link|permission|consent)s? (?:to|of|from)|(?:ссылк\w{1,2} на|разрешени\w{1,2}))\s*(?:the\s)?",
    re.IGNORECASE,
)
_NAME_HERE = re.compile(rf"(?P<name>{_QUOTED}|{_NAME})")
_KIND = re.compile(
    r"(?:the|news agency|information agency|international news agency|agency|website|site|web portal|portal|"
    r"newspaper|jsc|llp|ltd|ооо|тоо|ао|иа|миа|агентство|информационное агентство|информагентство|сайт|портал|"
    r"газета)\s+",
    re.IGNORECASE,
)
_LEAD = 3_000  # characters from a body's start in which the agency is named
_HEADER_NAME = 60  # characters a publisher's name may have


def page_publisher(header: Sequence[Line], lines: Sequence[Line]) -> str | None:
    """The publisher a file states: the first line of its header, else the name in a copyright notice, else None."""
    named = [line.text for line in header if not is_furniture(line.text) and not is_section_heading(line.text)]
    if named and _is_header_name(named[0]):
        return named[0]
    for line in lines:
        notice = line.text[-600:]
        if is_notice(notice):
            name = _copyright_holder(notice)
            if name is not None:
                return name
    return None


def reporting_agency(body: str) -> str | None:
    """The agency that a story says reports or cites, e.g. "Reuters" in "..., Reuters reports.", else None."""
    lead = body[:_LEAD]
    found = [
        (match.start(), (match["name"] or match.groupdict().get("first") or "").strip())
        for pattern in (_ENGLISH, _RUSSIAN, _KAZAKH)
        for match in pattern.finditer(lead)
    ]
    for _, name in sorted(found):
        if name and not _PERSON.match(name):
            return _unquoted(name)
    return None


def _copyright_holder(notice: str) -> str | None:
    for opening in _COPYRIGHT_OF.finditer(notice):
        named = _NAME_HERE.match(notice, opening.end())
        if named is None:
            continue
        name = named["name"]
        while (kind := _KIND.match(name)) is not None:
            name = name[kind.end() :]
        if name and not name.lower().startswith(("all rights", "все права")):
            return _unquoted(name)
    return None


def _is_header_name(text: str) -> bool:
    return len(text) <= _HEADER_NAME and looks_like_heading(text) and any(char.isalpha() for char in text)


def _unquoted(name: str) -> str:
    return name.strip('«»"“”')
