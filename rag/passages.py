"""An article -> its passages: whole sentences, sized by the embedder's own tokens, never across cut-out matter.

Knows nothing of models: tokens are counted by the function it is given. Title, date and outlet help the embedding but
are no part of a passage's text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.sentences import is_list_item, split_sentences
from rag.types import Article, Passage, Span

CountTokens = Callable[[Sequence[str]], list[int]]

MAX_INPUT_TOKENS = 512  # what the embedders in use read; the rest of a longer input would be lost unseen
_LONG_SENTENCE = 400  # tokens up to which a sentence above the limit stays whole
_RESERVED = 16  # tokens for an embedder's prefix and specials, and for tokens that joining may add
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip  # English whatever the process's locale: vectors must not depend on it
_SHOWN_TITLE = 200  # characters of a title that go into the embedding
_LIST_BREAK = 0.25  # cost of parting two items of a list, against 1 for an empty passage
_LINE_BREAK = 0.0  # cost of parting two lines
_SENTENCE_BREAK = 0.08  # cost of parting two sentences of one line
_LEAD_BREAK = 2.0  # cost of parting a list from the line that introduces it


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or list item, its tokens, and the cost of ending a passage after it."""

    span: Span
    tokens: int
    break_cost: float


def split_passages(
    article: Article, source_text: str, count_tokens: CountTokens, max_tokens: int = 160
) -> list[Passage]:
    """The article's passages in order, each at most `max_tokens` (of one longer sentence: at most 400).

    Passages of a piece are about equally long; a list stays with the line that introduces it. Raises ValueError if
    `max_tokens` is below 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    heading = count_tokens([_heading(article)])[0]
    longest = max(1, min(_LONG_SENTENCE, MAX_INPUT_TOKENS - _RESERVED - heading))
    limit = min(max_tokens, longest)
    passages: list[Passage] = []
    offset = 0  # of the piece in the article's own text, whose pieces are joined by single newlines
    for piece in article.body:
        units = _units(piece, source_text, count_tokens, limit, longest)
        for group in _groups(units, limit):
            span = Span(group[0].span.start, group[-1].span.end)
            start = offset + span.start - piece.start
            passages.append(
                Passage(
                    passage_id=f"{article.article_id}-{start}-{start + span.end - span.start}",
                    article_id=article.article_id,
                    span=span,
                    text=source_text[span.start : span.end],
                )
            )
        offset += piece.end - piece.start + 1
    return passages


def embedding_text(article: Article, passage: Passage) -> str:
    """What is embedded and word-indexed for a passage: title, date and outlet of its article, then all of its text."""
    return f"{_heading(article)}\n{passage.text}"


def _heading(article: Article) -> str:
    title = article.title
    if len(title) > _SHOWN_TITLE:
        cut = title.rfind(" ", 0, _SHOWN_TITLE)
        title = title[: cut if cut > 0 else _SHOWN_TITLE]
    when = _spelled_out(article.published_at) if article.published_at else None
    return "\n".join(filter(None, (title, ", ".join(filter(None, (when, article.outlet))))))


def _spelled_out(published_at: str) -> str:
    """4 March 2026: the way questions name a day."""
    day = date.fromisoformat(published_at[:10])
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _units(piece: Span, source_text: str, count_tokens: CountTokens, limit: int, longest: int) -> list[_Unit]:
    text = source_text[piece.start : piece.end]
    spans = split_sentences(text)
    tokens = count_tokens([text[span.start : span.end] for span in spans])
    sized = [
        part
        for span, count in zip(spans, tokens, strict=True)
        for part in _cut(text, span, count, longest, count_tokens)
    ]
    units: list[_Unit] = []
    for place, (span, count) in enumerate(sized):
        following = sized[place + 1][0] if place + 1 < len(sized) else None
        cost = _break_cost(text, span, following) if following else 0.0
        units.append(_Unit(Span(piece.start + span.start, piece.start + span.end), count, cost))
    return units


def _cut(text: str, span: Span, tokens: int, longest: int, count_tokens: CountTokens) -> list[tuple[Span, int]]:
    """A sentence, halved at blanks until no part is above `longest` tokens (or it is one character)."""
    if tokens <= longest or span.end - span.start < 2:
        return [(span, tokens)]
    middle = (span.start + span.end) // 2
    blank = text.rfind(" ", span.start + 1, middle)
    at = blank if blank > span.start else middle
    halves = [half for half in (_trimmed(text, span.start, at), _trimmed(text, at, span.end)) if half]
    if len(halves) < 2:
        return [(half, count_tokens([text[half.start : half.end]])[0]) for half in halves] or [(span, tokens)]
    counts = count_tokens([text[half.start : half.end] for half in halves])
    return [
        part
        for half, count in zip(halves, counts, strict=True)
        for part in _cut(text, half, count, longest, count_tokens)
    ]


def _break_cost(text: str, span: Span, following: Span) -> float:
    item = is_list_item(text[span.start : span.start + 8])
    next_item = is_list_item(text[following.start : following.start + 8])
    if next_item and not item:
        return _LEAD_BREAK
    if text[span.end - 1] == ":":
        return _LEAD_BREAK
    if item and next_item:
        return _LIST_BREAK
    new_line = any(char in "\r\n\u2028\u2029" for char in text[span.end : following.start])
    return _LINE_BREAK if new_line else _SENTENCE_BREAK


def _groups(units: Sequence[_Unit], limit: int) -> list[Sequence[_Unit]]:
    """Split units into runs of at most `limit` tokens (a longer unit alone): few, about equally full, well cut.

    Minimises 1 + (empty share)^2 + cost of the break, summed over the runs, by dynamic programming from the end.
    """
    count = len(units)
    best: list[tuple[float, int]] = [(0.0, count)] * (count + 1)  # (cost from here on, where the first run ends)
    for start in range(count - 1, -1, -1):
        tokens = 0
        options: list[tuple[float, int]] = []
        for end in range(start + 1, count + 1):
            tokens += units[end - 1].tokens
            if tokens > limit and end > start + 1:
                break
            empty = max(0.0, 1 - tokens / limit)
            after = units[end - 1].break_cost if end < count else 0.0
            options.append((1 + empty * empty + after + best[end][0], end))
        best[start] = min(options)
    groups: list[Sequence[_Unit]] = []
    start = 0
    while start < count:
        end = best[start][1]
        groups.append(units[start:end])
        start = end
    return groups


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
