"""The JSON shapes that a client, a page, `--json` and a stored evaluation run all read. Fields are only ever added.

Types alone; `rag.render` makes the values. Offsets count code points of the source text, so that
`text[start_char_index:end_char_index] == cited_text`.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class SentenceJson(TypedDict):
    """A verified sentence; `start` and `end` are offsets into the answer, `citations` numbers of citations."""

    text: str
    start: int
    end: int
    citations: list[int]


class CitationJson(TypedDict):
    """A quotation and where it stands. `support` in [0, 1]."""

    n: int
    article_id: str
    passage_id: str
    title: str
    published_at: str | None
    outlet: str | None
    file: str
    url: str | None
    cited_text: str
    start_char_index: int
    end_char_index: int
    source_sha256: str
    support: float
    also_in: list[str]
    offset_base: NotRequired[Literal["extracted"]]  # left out where offsets count in the file's own text


class RetrievedJson(TypedDict):
    """A passage found for a query; ranks count from 1, null where that list did not hold it."""

    passage_id: str
    article_id: str
    title: str
    published_at: str | None
    outlet: str | None
    file: str
    text: str
    score: float
    dense_rank: int | None
    lexical_rank: int | None


PeriodJson = TypedDict(  # "from" is a word of Python's
    "PeriodJson",
    {"phrase": str, "from": str | None, "to": str | None, "use": Literal["filter", "prefer"], "undone": bool},
)


class AppliedJson(TypedDict, total=False):
    """What narrowed the search or was preferred in it, given or read from the question; what is not set is absent.

    `periods`: the times read; "filter" narrowed the search and is in the dates above, "prefer" only spoke for what came
    out then, `undone` was a filter that left nothing. `now`: what relative times were counted from.
    """

    date_from: str
    date_to: str
    files: list[str]
    outlets: list[str]
    languages: list[str]
    periods: list[PeriodJson]
    latest: bool
    now: str


class UsageJson(TypedDict):
    """Tokens spent in the language model."""

    prompt_tokens: int
    completion_tokens: int


class TimingsJson(TypedDict):
    """Milliseconds a step; `first_token` from the start of generation, where a model wrote."""

    retrieve: float
    generate: float
    ground: float
    total: float
    first_token: NotRequired[float]


class AnswerJson(TypedDict):
    """The answer to one question, with its proof."""

    id: str
    question: str
    language: str
    answer: str
    abstained: bool
    abstain_reason: str | None
    confidence: float
    sentences: list[SentenceJson]
    citations: list[CitationJson]
    retrieved: list[RetrievedJson]
    related: list[CitationJson]
    applied: AppliedJson
    generation: str
    model: str
    usage: UsageJson
    timings_ms: TimingsJson


class SearchTimingsJson(TypedDict):
    """Milliseconds a search took."""

    retrieve: float
    total: float


class SearchJson(TypedDict):
    """Passages found for a query, best first."""

    results: list[RetrievedJson]
    applied: AppliedJson
    generation: str
    timings_ms: SearchTimingsJson


class ArticleJson(TypedDict):
    """One story and its place in its file."""

    id: str
    title: str
    published_at: str | None
    outlet: str | None
    language: str
    file: str
    url: str | None
    source_sha256: str
    start_char_index: int
    end_char_index: int
    also_in: list[str]


class ArticlesJson(TypedDict):
    """One page of the articles that pass a filter; `total` counts them all."""

    total: int
    articles: list[ArticleJson]
    generation: str


class ArticlePassageJson(TypedDict):
    """A passage inside its article."""

    passage_id: str
    text: str
    start_char_index: int
    end_char_index: int


class ArticleDetailJson(ArticleJson):
    """One story with its text as it stands in the file, and the passages it was cut into."""

    text: str
    passages: list[ArticlePassageJson]
    source_sha256: str
    generation: str


class PassageJson(TypedDict):
    """A passage by its id: a retrieved item that nothing was searched for, and its spans in the source text."""

    passage_id: str
    article_id: str
    title: str
    published_at: str | None
    outlet: str | None
    file: str
    text: str
    score: None
    dense_rank: None
    lexical_rank: None
    spans: list[tuple[int, int]]
    source_sha256: str
    generation: str


class GenerationJson(TypedDict):
    """One built index; `active`: it answers now; `pinned`: it does so until a reindex is asked for.

    `embedder` is the fingerprint of the one that made it, `embedder_name` what it is opened by; `files` maps seed files
    to the sha256 of their bytes.
    """

    id: str
    created_at: str
    active: bool
    pinned: bool
    embedder: str
    embedder_name: str
    dim: int
    size_bytes: int
    articles: int
    passages: int
    files: dict[str, str]
    warnings: list[str]


class GenerationsJson(TypedDict):
    """The generations on disk, newest first."""

    generations: list[GenerationJson]


class SeedJson(TypedDict):
    """A seed file as it lies in the folder.

    `sha256`: null where its bytes can't be read. `layout`, `articles`: null where it can't be read, as `error` says, or
    has not been looked into yet. `indexed`: the generation in use holds it with these bytes.
    """

    file: str
    size: int
    modified_at: str
    sha256: str | None
    layout: str | None
    articles: int | None
    warnings: list[str]
    error: str | None
    indexed: bool


class SeedsJson(TypedDict):
    """A page of the seed files, by name; `total` counts all. `gone`: indexed, but not in the folder any more.

    `watching`: this server takes up changes by itself.
    """

    total: int
    seeds: list[SeedJson]
    gone: list[str]
    generation: str | None
    watching: bool


class TrashedJson(TypedDict):
    """A file in the trash, until `expires_at`."""

    id: str
    file: str
    size: int
    sha256: str
    deleted_at: str
    expires_at: str
    why: Literal["deleted", "replaced"]


class TrashJson(TypedDict):
    """What can be restored, newest first."""

    trash: list[TrashedJson]


class SeedChangeJson(TypedDict):
    """What putting or restoring a file did; `trashed` is what stood there before, if anything did."""

    done: Literal["created", "replaced", "unchanged"]
    seed: SeedJson
    trashed: TrashedJson | None


RenamedJson = TypedDict("RenamedJson", {"from": str, "to": str})


class PlanJson(TypedDict):
    """What a reindex would find: seed files by what became of them; `rebuild`: why it would build all anew, or null.

    `warnings` name files that can't be read. `changes`: whether there is anything to do.
    """

    dry_run: Literal[True]
    changes: bool
    added: list[str]
    changed: list[str]
    removed: list[str]
    renamed: list[RenamedJson]
    rebuild: str | None
    warnings: list[str]
