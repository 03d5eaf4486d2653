"""The nouns of Derek on one screen: values that travel between the steps, and the doors a user may replace.

Knows nothing of files, models or HTTP. Offsets count Unicode code points of a source text, so that
`text[span.start:span.end]` is the quoted string in Python.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]  # (n, dim), rows of unit length
Rows = npt.NDArray[np.int64]  # (n,) ordinals of passages in one generation
Mode = Literal["generate", "extract"]
AbstainReason = Literal["no_results", "low_relevance", "not_supported", "false_premise"]
StopCheck = Callable[[], bool]  # true once nobody waits for the result any more


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range [start, end) of code points in a source text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Record:
    """An article that a structured seed file states itself: its fields, and where it stands in the extracted text."""

    line: int  # in the file, from 1
    title: str
    published_at: str | None
    outlet: str | None
    url: str | None
    start: int  # of the title
    body: Span


@dataclass(frozen=True, slots=True)
class Source:
    """A seed file as it was read: its path below the seeds folder (with `/`), the hash of its bytes, its text.

    `records` None: a plain text, whose articles are still to be found. Otherwise `text` was extracted from the file.
    """

    file: str
    sha256: str
    text: str
    records: tuple[Record, ...] | None = None
    warnings: tuple[str, ...] = ()  # lines of the file that could not be read


@dataclass(frozen=True, slots=True)
class Article:
    """One story. `span` reaches from its headline block to its end; `body` are the pieces that may be quoted."""

    article_id: str
    title: str
    published_at: str | None  # YYYY-MM-DD or YYYY-MM-DDTHH:MM, local time
    language: str  # ISO 639-1 of the body
    outlet: str | None
    url: str | None
    file: str
    source_sha256: str
    span: Span
    body: tuple[Span, ...]
    also_in: tuple[str, ...] = ()
    extracted: bool = False  # offsets count in a text extracted from the file, not in the file's own


@dataclass(frozen=True, slots=True)
class Passage:
    """The indexed unit: `text` is the source text at `span`, whole sentences, inside one piece of one article."""

    passage_id: str
    article_id: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a searcher narrows by. Dates are ISO dates, both inclusive; an empty tuple means "any"."""

    date_from: str | None = None
    date_to: str | None = None
    files: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A time that a question names: `phrase` as it stands there, ISO days, both inclusive, None for an open end.

    "filter": only what came out then is asked for. "prefer": it may be when the event was, so it only speaks for what
    came out then. `undone`: it was read as a filter that left nothing, so it only prefers.
    """

    phrase: str
    start: str | None
    end: str | None
    use: Literal["filter", "prefer"] = "prefer"
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question after reading it: its language, the filters given with it, and what its own words say of time.

    `now`: the ISO date-time that relative words were counted from; without it they were not read. `latest`: the newest
    is asked for.
    """

    text: str
    language: str
    filters: Filters = field(default_factory=Filters)
    periods: tuple[Period, ...] = ()
    latest: bool = False
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage found for a query. Ranks count from 1 in each list before fusion, None where it was not found."""

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    similarity: float  # cosine between query and passage vectors


@dataclass(frozen=True, slots=True)
class Prompt:
    """One turn for an instruction-following model."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote, unverified. `first_token_s` is seconds from the call to its first token."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    first_token_s: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation: `cited_text` is the source text at `span`. `support` in [0, 1]."""

    n: int
    passage: Passage
    article: Article
    cited_text: str
    span: Span
    support: float


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A verified sentence: `span` is its place in the answer, `citations` the numbers that prove it."""

    text: str
    span: Span
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens spent in the language model for one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent in each step of one answer; `first_token` counts from the start of generation."""

    retrieve: float = 0.0
    generate: float = 0.0
    ground: float = 0.0
    total: float = 0.0
    first_token: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of the read path. Abstained: `answer` is one sentence of refusal, `sentences` and `citations` empty."""

    id: str
    question: Question
    answer: str
    abstain_reason: AbstainReason | None
    confidence: float
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Retrieved, ...]
    related: tuple[Citation, ...]
    generation: str
    model: str
    usage: Usage
    timings: Timings
    draft: str | None = None  # what the model wrote before verification; never leaves the process over HTTP
    prompt: str | None = None  # what it was given to write from; the same

    @property
    def abstained(self) -> bool:
        """Whether the question was refused."""
        return self.abstain_reason is not None


class Embedder(Protocol):
    """Turns texts into unit vectors; queries and passages may be embedded differently."""

    @property
    def name(self) -> str:
        """What to open it by again: a known name, a hub name or a folder."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names weights and settings: vectors of two fingerprints must not meet."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longest input in tokens, prefixes and specials included."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefixes and specials."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found, (n, dim)."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to search with, (n, dim)."""
        ...


class Generator(Protocol):
    """Writes text after a prompt. One call at a time: whoever shares a generator between threads queues."""

    @property
    def model(self) -> str:
        """The model's name as shown in answers."""
        ...

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Decode greedily until the model ends or `max_tokens`; raises Cancelled once `stop()` is true."""
        ...

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """P(yes) / (P(yes) + P(no)) of the next token, one step; None where an engine can't tell."""
        ...
