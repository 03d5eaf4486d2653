"""A seed file -> what is indexed of it: its texts and the articles in them. Knows no catalog and no passages.

What was parsed once holds for the same bytes under another name: `moved` gives it that name.
"""

from dataclasses import dataclass, replace

from rag.articles import read_articles
from rag.sources import SeedFile
from rag.types import Article, Source


@dataclass(frozen=True, slots=True)
class ParsedSeed:
    """A seed file as it was parsed. `layout` None: it could not be read, and the warning says why."""

    file: str
    sha256: str
    layout: str | None
    sources: tuple[Source, ...] = ()
    articles: tuple[Article, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_seed(seed: SeedFile) -> ParsedSeed:
    """The articles of every text in a seed file, in order. Raises nothing: doubts become warnings."""
    parsed = [read_articles(source) for source in seed.sources]
    return ParsedSeed(
        seed.file,
        seed.sha256,
        layout=", ".join(dict.fromkeys(one.layout for one in parsed)),
        sources=seed.sources,
        articles=tuple(article for one in parsed for article in one.articles),
        warnings=(*seed.warnings, *(warning for one in parsed for warning in one.warnings)),
    )


def unreadable(file: str, sha256: str, why: Exception) -> ParsedSeed:
    """What is kept of a file that could not be read, so that it is not tried again before it has changed."""
    return ParsedSeed(file, sha256, None, warnings=(f"skipped: {why}",))


def moved(parsed: ParsedSeed, file: str) -> ParsedSeed:
    """The same, of the same bytes under another name. Only for what has no warnings: they name the file."""

    def name(old: str) -> str:
        return file + old.removeprefix(parsed.file)

    return replace(
        parsed,
        file=file,
        sources=tuple(replace(source, file=name(source.file)) for source in parsed.sources),
        articles=tuple(replace(article, file=name(article.file), also_in=()) for article in parsed.articles),
    )
