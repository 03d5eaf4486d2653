"""A source text -> its articles: title, date, language, outlet and the spans that may be quoted.

Chooses the layout by what each one finds in the text, never by the file's name. A file of no known layout is one
article, with a warning; one whose records state their articles needs no layout. Knows nothing of passages or indexes.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.languages import detect_language
from rag.layouts.body import article_url, quotable_pieces
from rag.layouts.date_line import DateLine
from rag.layouts.furniture import shared_lines
from rag.layouts.headlines import Headline, Layout, with_bodies
from rag.layouts.lines import Line, clean_title, is_paragraph, split_lines
from rag.layouts.outlets import page_publisher, reporting_agency
from rag.layouts.timed_line import TimedLine
from rag.layouts.title_date import TitleDate
from rag.types import Article, Record, Source, Span

LAYOUTS: tuple[Layout, ...] = (DateLine(), TimedLine(), TitleDate())
NO_LAYOUT = "one article"
_ID_DIGITS = 16
_LONG_TITLE = 200  # characters of a first line that is no title, shown in its place
_REMNANT = 300  # characters of running text before the first headline that make it a story, not a site's header


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What the parser saw in a file; each warning names the file, where it can the line, and what was expected."""

    articles: tuple[Article, ...]
    layout: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """An article in lines: where it starts, its title, and the lines below its headline."""

    start: int
    title: Line
    published_at: str | None
    lines: Sequence[Line]


def read_articles(source: Source) -> ParsedFile:
    """Split a source text into its articles, in the order of the file. Raises nothing: doubts become warnings."""
    if source.records is not None:
        return _stated(source, source.records)
    lines = split_lines(source.text)
    if not lines:
        return ParsedFile((), NO_LAYOUT, (*source.warnings, f"{source.file}: nothing but blanks; no article read"))
    warnings = list(source.warnings)
    layout, headlines = _choose_layout(lines)
    if layout is None:
        warnings.append(_no_layout_warning(source.file))
        blocks: list[_Block] = [_plain_block(lines)]
        header: Sequence[Line] = ()
    else:
        blocks, header = _blocks(lines, headlines, source.file, warnings)
    shared = shared_lines([block.lines for block in blocks], header)
    publisher = page_publisher(header, lines)
    found = [(block.title.number, _article(block, source, shared, publisher, warnings)) for block in blocks]
    return ParsedFile(_once(found, source.file, warnings), layout.name if layout else NO_LAYOUT, tuple(warnings))


def read_file(sources: Sequence[Source], warnings: Sequence[str] = ()) -> ParsedFile:
    """The articles of all texts that one seed file holds (an archive: several), each text's own layouts named."""
    parsed = [read_articles(source) for source in sources]
    return ParsedFile(
        tuple(article for one in parsed for article in one.articles),
        ", ".join(dict.fromkeys(one.layout for one in parsed)),
        (*warnings, *(warning for one in parsed for warning in one.warnings)),
    )


def article_text(article: Article, source_text: str) -> str:
    """The article's own text: its quotable pieces joined by single newlines."""
    return joined(article.body, source_text)


def joined(pieces: Sequence[Span], source_text: str) -> str:
    """The pieces of a source text that make one article's own, joined by single newlines."""
    return "\n".join(source_text[piece.start : piece.end] for piece in pieces)


def article_id_of(title: str, published_at: str | None, body: str) -> str:
    """The id of an article, wherever it stands: a hash of its title, date and body, read without case and spacing."""
    parts = (_folded(title), published_at or "", _folded(body))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]


def _stated(source: Source, records: Sequence[Record]) -> ParsedFile:
    """The articles of a file whose records say themselves what they are."""
    warnings = list(source.warnings)
    found = []
    for record in records:
        text = joined(record.body, source.text)
        article = Article(
            article_id=article_id_of(record.title, record.published_at, text),
            title=record.title,
            published_at=record.published_at,
            language=detect_language(text),
            outlet=record.outlet,
            url=record.url,
            file=source.file,
            source_sha256=source.sha256,
            span=Span(record.start, record.body[-1].end),
            body=record.body,
            extracted=source.extracted,
        )
        found.append((record.line, article))
    return ParsedFile(_once(found, source.file, warnings), source.layout or NO_LAYOUT, tuple(warnings))


def _once(found: Sequence[tuple[int, Article]], file: str, warnings: list[str]) -> tuple[Article, ...]:
    """The articles, each with its line, without those that stand in the file twice."""
    articles: dict[str, Article] = {}
    for line, article in found:
        if article.article_id in articles:
            warnings.append(f"{file}:{line}: the same article again; read once")
        articles.setdefault(article.article_id, article)
    return tuple(articles.values())


def _choose_layout(lines: Sequence[Line]) -> tuple[Layout | None, list[Headline]]:
    """The layout with most headlines that have a body; of equals the one whose first headline comes first."""
    best: tuple[Layout | None, list[Headline]] = (None, [])
    best_score = (0, 0, 0)
    for layout in LAYOUTS:
        headlines = layout.headlines(lines)
        if not headlines or _is_chance_find(lines, headlines):
            continue
        score = (sum(with_bodies(headlines, lines)), len(headlines), -headlines[0].first)
        if best[0] is None or score > best_score:
            best, best_score = (layout, headlines), score
    return best


def _is_chance_find(lines: Sequence[Line], headlines: Sequence[Headline]) -> bool:
    """Whether a single headline stands so late in running text that it is more likely a part of it."""
    before = _running_text(lines[: headlines[0].first])
    return len(headlines) == 1 and before >= _REMNANT and 2 * before > sum(len(line.text) for line in lines)


def _running_text(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines if is_paragraph(line.text))


def _blocks(
    lines: Sequence[Line], headlines: Sequence[Headline], file: str, warnings: list[str]
) -> tuple[list[_Block], Sequence[Line]]:
    ends = [headline.first for headline in headlines[1:]] + [len(lines)]
    blocks = [
        _Block(lines[own.first].start, own.title, own.published_at, lines[own.body : end])
        for own, end in zip(headlines, ends, strict=True)
    ]
    before = lines[: headlines[0].first]
    if _running_text(before) < _REMNANT:
        return blocks, before
    warnings.append(f"{file}:{before[0].number}: text without a headline before the first one; read as its own article")
    return [_plain_block(before), *blocks], ()


def _plain_block(lines: Sequence[Line]) -> _Block:
    """The first line as title and the rest as body; all of it body where the first line is too long for a title."""
    first = lines[0]
    if len(first.text) <= 2 * _LONG_TITLE:
        return _Block(first.start, first, None, lines[1:])
    cut = first.text.rfind(" ", _LONG_TITLE // 2, _LONG_TITLE)
    text = first.text[: cut if cut > 0 else _LONG_TITLE]
    return _Block(first.start, Line(first.number, first.start, first.start + len(text), text), None, lines)


def _article(
    block: _Block, source: Source, shared: frozenset[str], publisher: str | None, warnings: list[str]
) -> Article:
    title = clean_title(block.title.text)
    is_opening = block.lines[:1] and block.lines[0].start == block.title.start  # the title is cut from the body itself
    body = quotable_pieces(block.lines, "" if is_opening else title, shared, source.text)
    if not body:
        warnings.append(f"{source.file}:{block.title.number}: a title without a body; the title itself is quoted")
        body = (Span(block.title.start, block.title.end),)
    text = joined(body, source.text)
    return Article(
        article_id=article_id_of(title, block.published_at, text),
        title=title,
        published_at=block.published_at,
        language=detect_language(text),
        outlet=publisher or reporting_agency(text),
        url=article_url(block.lines),
        file=source.file,
        source_sha256=source.sha256,
        span=Span(min(block.start, body[0].start), body[-1].end),
        body=body,
        extracted=source.extracted,
    )


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _no_layout_warning(file: str) -> str:
    expected = "; or ".join(layout.expects for layout in LAYOUTS)
    return f"{file}: no known layout, read as one article without date (expected {expected})"
