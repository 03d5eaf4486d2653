"""Whether a question binds a time to the story itself, not to what it tells; and whether it asks for the newest.

Meant to miss rather than to be wrong: a time that is bound narrows the search. "Crimes reported in January" are no
stories of January; "news from January" are.
"""

import re

from rag.types import Span

_NEWS = (
    r"(?:news(?: stor(?:y|ies)| reports?)?|articles?|stor(?:y|ies)|headlines?|publications?|press releases?|coverage)"
)
_NOVOSTI = r"(?:новост\w+|стать(?:я|и|ей|ях|ям|ями|ю)|публикаци\w+|заметк\w+)"
_ZHANALYK = r"(?:жаңалық\w*|мақала\w*)"
_CAME_OUT = r"(?:that|which|were|was|have|has|been|came|out|published|posted|released|written|dated|appeared)"
_REACH = 160  # characters before a time in which a word for news can bind it
_BEFORE = re.compile(
    rf"\b{_NEWS}(?: {_CAME_OUT})*(?: (?:on|in|from|of|for|during))?(?: the)? ?$"
    rf"|\b{_NEWS}\b.{{0,80}}\b(?:published|posted|dated)(?: (?:on|in|from|during))?(?: the)? ?$"
    rf"|\b{_NOVOSTI}(?:,? (?:которые|вышедш\w+|опубликованн\w+|вышли|появивш\w+|появились))*"
    r"(?: (?:от|за|в|во|на))? ?$"
    rf"|\b{_NOVOSTI}.{{0,80}}\b(?:опубликованн\w+|вышедш\w+)(?: (?:в|во|за))? ?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?:['’]s?)? (?:(?:top|main|latest) )?{_NEWS}\b|\s?{_NOVOSTI}"
    rf"|(?: (?:жарияланған|шыққан|жазылған))* {_ZHANALYK}",
    re.IGNORECASE,
)
_WHAT_WAS_SAID = re.compile(
    r"\bwhat(?: has| have| had| was| were| is|['’]s)(?: been)? (?:reported|published|written|in the news)\b"
    r"|\bчто (?:сообщалось|сообщали|писали|писалось|публиковали|публиковалось|было опубликовано)\b"
    r"|\bне (?:хабарланды|жазылды|жарияланды)(?!\w)",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|newest|(?:most )?recent(?:ly)?)\b"
    r"|\bпоследн(?:ие|их|им|ий|яя|юю|ее|его|ей|ими)\b|\bнедавн\w+|\bсвеж\w+ (?:новост|данн|сведени|информаци)"
    r"|\bсоңғы\b|\bжақында\w*",
    re.IGNORECASE,
)


def binds_story(text: str, at: Span) -> bool:
    """Whether the time at `at`, the words that bound it included, is beyond doubt when the story came out."""
    before = _BEFORE.search(text, max(0, at.start - _REACH), at.start)
    return bool(before or _AFTER.match(text, at.end) or _WHAT_WAS_SAID.search(text))


def asks_latest(text: str) -> bool:
    """Whether `text` asks for the newest there is; a stretch such as "the last week" is not meant to be in it."""
    return bool(_LATEST.search(text))
