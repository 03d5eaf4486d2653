"""Do two articles report the same? Word for word, but for what carries no fact: typography, spelling, the page's lines.

Strict on purpose: a false "yes" hides a report, a false "no" only lists it twice. So nothing is judged by meaning. The
words of both are read in order, numbers and days by their value, and each must stand for the one across from it; only
closed tables say which words say nothing. A "not", a "fell" for a "rose", another name or unit, one sentence more: two
reports. So a shortened copy is a report of its own, and so is a text that was reworded.

A headline is free to say in other words what the body says, for it is the body that reports.
"""

import functools
import re
from dataclasses import dataclass

from rag.facts import contradicts, facts_in, normal, plain, plain_words, sound, stated_in
from rag.facts.dates import date_spans
from rag.facts.figures import Number, figures_in, written
from rag.layouts.furniture import is_button, is_credit, is_notice, is_section_heading
from rag.layouts.lines import ends_sentence, split_lines

_TELLING_SIGNS = "?%$€£¥₸₽°+=<>№×÷±≈&"  # every other sign between words is typography
_PART = re.compile(rf"[^\W_]+(?:[’'‘`-][^\W_]+)*|[{re.escape(_TELLING_SIGNS)}]")
_JOINT = re.compile(r"\s*([-:/x×])\s*")  # all that stands between two figures of a range, a score, a fraction
_MINUS = re.compile(r"(?:^|[\s(])-\Z")
_ENDING = re.compile(r"(?:(?<=[^\W\d_])[^\W\d_]{1,5}|-[а-яәғқңөұүһі]{1,4})?(?!\w)")  # of "dollar" or "%": dollars, %-ға
_KAZAKH_CASE = re.compile(  # of a figure: from 4 per cent, to 4 per cent
    r"(?:мың|жүз|миллион|миллиард|триллион|млн|млрд|трлн|пайыз|%|доллар|те[ңн]ге|тг|евро|рубль|юань)-?"
    r"([ғгқк][ае]|[дтн][ае]н?|[дтн][ыі]ң?|[мбп]ен|[дт][ае]й)\Z"
)
_INITIALS = re.compile(r"\b(?!a\.n\.)(?:[^\W\d_]\.){2,}", re.IGNORECASE)  # U.S.; but A. N. is no article
_INSIDE = re.compile(r"[’'‘`]s?\b|-")  # of a word: a genitive, a hyphen
_VOWEL_I = re.compile("[iy]+")
_DIGIT = re.compile(r"\d")
_LISTED = re.compile(r"\s(?:and|и)\s", re.IGNORECASE)
_FIGURE, _DAY = "#", "@"  # begin the atoms of figures and days; no word begins so
_SPELLINGS = (  # British and American
    (re.compile(r"(\w{3}[^aeiou])is(e|ed|es|ing|ation|ations)\Z"), r"\1iz\2"),
    (re.compile(r"(\w{3,})our(s|ed|ing|able)?\Z"), r"\1or\2"),
    (re.compile(r"(\w{2,})tre(s?)\Z"), r"\1ter\2"),
)
_EMPTY = frozenset(("a", "an", "the", "that", "also", "также"))
_REPORTING = (
    "said says states stated notes noted reports reported "
    "сказал сказала сообщает сообщают сообщил сообщила сообщили заявил заявила отметил отметила передает "
    "деді айтты хабарлады хабарлайды мәлімдеді"
)
_SAID = frozenset(_REPORTING.split())
_BYLINE = re.compile(
    r"(?:By|BY|Written by|Reporting by|Edited by|Author\w*:?|Автор\w*:?|Текст:?|Корреспондент\w*:?|Мәтін:?|Тілші\w*:?)"
    r"(?:\s+[^\W\d_a-zа-яё][\w.’'-]*,?(?:\s+(?:and|и|және))?){1,6}"
)
_PLATFORM = r"(?:telegram|телеграм|whatsapp|facebook|instagram|youtube|tiktok|twitter)"
_CALL = re.compile(
    rf"(?:(?:please\s+)?(?:subscribe|(?:follow|join|find|read)\s+(?:us|our)\b).{{0,60}}\b(?:{_PLATFORM}|newsletter|channels?)\b"
    rf"|(?:подпис(?:ывайтесь|ывайся|аться|ка)|читайте|следите|присоединяйтесь|больше новостей)\b.{{0,60}}"
    rf"\b(?:{_PLATFORM}|канал|рассылк)\w*|.{{0,40}}\b(?:{_PLATFORM}|арнамыз|арнасы)\w*.{{0,40}}\b(?:жазыл|қосыл|оқы)ыңыз)"
    r".{0,30}",
    re.IGNORECASE,
)

_SITE = re.compile(r"\s+(?:[|·»]|::)\s+[^|\d]{1,40}\Z|\s+[-–—]\s+[\w-]+\.[a-z]{2,4}\Z", re.IGNORECASE)  # of a title
_TELLING_TITLE = 4  # words that a title has without its site; shorter ones may be a rubric: "Weather | Almaty"

Atoms = tuple[str, ...]  # lower-case words, telling signs, figures and days, in order


@dataclass(frozen=True, slots=True)
class Report:
    """An article as it is compared."""

    title: str
    text: str  # of the body, without the page's lines
    headline: Atoms
    story: Atoms

    @property
    def outline(self) -> int:
        """A hash of how long the story is and which figures and days it gives: reports that agree have the same."""
        return hash((len(self.story), *(atom for atom in self.story if atom[0] in (_FIGURE, _DAY))))


def report_of(title: str, body: str) -> Report:
    """Read an article for comparing; the costly part, worth keeping while it meets several others."""
    text = story_text(body)
    return Report(title, text, _atoms(title), _atoms(text))


def same_report(one: Report, other: Report) -> bool:
    """Whether the two bodies say the same in the same words, and neither headline says more than they do."""
    if not one.story or not _same_atoms(one.story, other.story, one.text, other.text):
        return False
    return _same_atoms(one.headline, other.headline, one.title, other.title) or _headlines_agree(one, other)


def story_text(body: str) -> str:
    """The lines of `body` that tell its story; all of them where nothing else would be left.

    Left out are notices, buttons, "Read also: …", calls to subscribe, credits and bylines, and the links below a
    heading such as "Related news". A credit or a link that holds a figure stays: it may be a row of a table.
    """
    kept = []
    among_links = False
    for line in split_lines(body):
        if is_section_heading(line.text):
            among_links = True
            continue
        has_figure = _DIGIT.search(line.text) is not None
        among_links = among_links and not ends_sentence(line.text) and not has_figure
        if not (among_links or _is_page_line(line.text, has_figure)):
            kept.append(line.text)
    return "\n".join(kept) or body


def _is_page_line(line: str, has_figure: bool) -> bool:
    if is_button(line) or is_notice(line):
        return True
    return not has_figure and bool(is_credit(line) or _BYLINE.fullmatch(line) or _CALL.fullmatch(line))


def _same_atoms(atoms: Atoms, others: Atoms, text: str, other_text: str) -> bool:
    if len(atoms) != len(others):
        return False
    pairs = [(a, b) for a, b in zip(atoms, others, strict=True) if a != b]
    if any(_spelling(a) != _spelling(b) for a, b in pairs):
        return False
    return not pairs or all(plain(a) in _names(text) and plain(b) in _names(other_text) for a, b in pairs)


def _spelling(name: str) -> str:
    """What two transliterations of a name share: Aliyev, Aliev. A figure or a day is spelt in one way only."""
    return name if name[0] in (_FIGURE, _DAY) else sound(_VOWEL_I.sub("i", plain(name)))


@functools.lru_cache(maxsize=64)
def _names(text: str) -> frozenset[str]:
    """Plain words that stand in `text` with a capital, and nowhere without."""
    return frozenset(plain_words(text)) - frozenset(plain_words(text, lower_case_only=True))


def _headlines_agree(one: Report, other: Report) -> bool:
    """Whether one of two headlines over one body only adds its site, or both state nothing beside the body.

    Nor may they state the opposite of each other.
    """
    if _adds_site(one, other) or _adds_site(other, one):
        return True
    figures, other_figures = ({atom for atom in report.headline if atom[0] == _FIGURE} for report in (one, other))
    if figures and other_figures and figures != other_figures:
        return False
    stated = stated_in(one.text)
    common = plain_words(f"{one.text}\n{other.text}", lower_case_only=True)
    if any(stated.missing(facts_in(title, common, first_word=True)) for title in (one.title, other.title)):
        return False
    return not (contradicts(one.title, other.title) or contradicts(other.title, one.title))


def _adds_site(one: Report, other: Report) -> bool:
    bare = _atoms(_SITE.sub("", one.title))
    return len(bare) >= _TELLING_TITLE and bare == other.headline


def _atoms(text: str) -> Atoms:
    whole = _INITIALS.sub(lambda match: match.group().replace(".", ""), normal(text)).replace("ё", "е")
    atoms: list[str] = []
    end = 0
    for span, days in date_spans(whole):
        atoms += _words_and_figures(whole[end : span.start])
        atoms += [f"{_DAY}{day.year or ''}-{day.month}-{day.day}" for day in days]
        if len(days) > 1 and not _LISTED.search(whole, span.start, span.end):
            atoms.append("-")
        end = span.end
    return (*atoms, *_words_and_figures(whole[end:]))


def _words_and_figures(text: str) -> list[str]:
    lower = written(text)
    atoms: list[str] = []
    end = 0
    for figure in figures_in(lower):
        between = lower[end : figure.start]
        joint = _JOINT.fullmatch(between) if end else None
        atoms += [joint[1]] if joint else _words(between)
        if not joint and _MINUS.search(between):
            atoms.append("-")
        atoms.append(_figure(figure.number))
        end = figure.end
        if figure.scale or figure.number.percent or figure.number.currency:
            ending = _ENDING.match(lower, end)
            end = ending.end() if ending else end
            case = _KAZAKH_CASE.search(lower, figure.start, end)
            atoms += [case[1]] if case else []
    return atoms + _words(lower[end:])


def _figure(number: Number) -> str:
    """A figure by its value; of two readings the one without decimals, lest $1,250 be $1.25."""
    return f"{_FIGURE}{max(number.values)}{'%' if number.percent else ''}{number.currency}"


def _words(text: str) -> list[str]:
    words = (_word(found) for found in _PART.findall(text))
    return [word for word in words if word not in _EMPTY]


@functools.lru_cache(maxsize=100_000)
def _word(part: str) -> str:
    word = "and" if part == "&" else _INSIDE.sub("", part) or part
    if word in _SAID:
        return "said"
    for spelling, usual in _SPELLINGS:
        word = spelling.sub(usual, word)
    return word
