"""What callers may send: strict pydantic models, and their way into `rag`'s own values.

Strict: `"5"` is no number, `true` no 1, an unknown field an error. The command line validates through the same models.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from rag.types import Filters

MAX_QUESTION = 2_000  # characters, trimmed
MAX_TOP_K = 50
MAX_LISTED = 1_000
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"  # of runs and question sets: leads nowhere but into their folder
_MAX_NAMES = 100  # of files, outlets or languages in one filter
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)


def _plain(text: str) -> str:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r":
            raise ValueError(f"holds U+{ord(char):04X}, a control character; send plain text")
    return text


def _iso_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError("must be a date as YYYY-MM-DD")
    try:
        date.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(f"must be a real date as YYYY-MM-DD ({exc})") from None
    return text


def _iso_date_time(text: str) -> str:
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("must be an ISO 8601 date-time, such as 2026-03-10T09:30")
    try:
        datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(f"must be a real date-time ({exc})") from None
    return text


def _not_reversed(date_to: str | None, info: ValidationInfo) -> str | None:
    date_from = info.data.get("date_from")
    if date_to is not None and date_from is not None and date_to < date_from:
        raise ValueError(f"date_to {date_to} is before date_from {date_from}")
    return date_to


QuestionText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION),
    AfterValidator(_plain),
]
IsoDate = Annotated[str, AfterValidator(_iso_date), Field(json_schema_extra={"format": "date"})]
IsoDateTime = Annotated[str, AfterValidator(_iso_date_time), Field(json_schema_extra={"format": "date-time"})]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_plain)]
FileName = Annotated[str, StringConstraints(pattern=FILE_NAME)]
Names = Annotated[list[Name], Field(max_length=_MAX_NAMES)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
TopK = Annotated[int, Field(ge=1, le=MAX_TOP_K)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class FiltersBody(_Body):
    """Narrows a search. Dates are inclusive; an empty list means any."""

    date_from: IsoDate | None = None
    date_to: IsoDate | None = None
    files: Names = []
    outlets: Names = []
    languages: Annotated[list[Language], Field(max_length=_MAX_NAMES)] = []

    _dates = field_validator("date_to")(_not_reversed)

    def filters(self) -> Filters:
        """The same as `rag` knows it."""
        return Filters(self.date_from, self.date_to, tuple(self.files), tuple(self.outlets), tuple(self.languages))


class SearchBody(_Body):
    """What is asked of /v1/search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "new railway line", "top_k": 5}]})

    query: QuestionText
    top_k: TopK = 5
    filters: FiltersBody | None = None


class AskBody(_Body):
    """What is asked of /v1/ask."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "How long will the new railway line be?"}]})

    question: QuestionText
    top_k: Annotated[TopK, Field(description="How many passages `retrieved` shows.")] = 5
    filters: FiltersBody | None = None
    mode: Annotated[Literal["generate", "extract"], Field(description="`extract` quotes, without a model.")] = (
        "generate"
    )
    stream: bool = False
    now: Annotated[
        IsoDateTime | None,
        Field(description="What “yesterday” and days without a year count from; by default the current time."),
    ] = None


class ReindexBody(_Body):
    """What is asked of /v1/reindex.

    `accept_loss`: publish even if most passages go though files stay, or all files are gone.
    """

    accept_loss: bool = False
    dry_run: Annotated[bool, Field(description="Only say what would change.")] = False


class RestoreBody(_Body):
    """What is asked of /v1/trash/{id}/restore."""

    replace: Annotated[bool, Field(description="Another file of that name may be replaced; it goes to the trash.")] = (
        False
    )


class EmptyBody(_Body):
    """What is sent where the address says it all."""


class EvaluationBody(_Body):
    """What is asked of /v1/evaluations."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"set": "seeds", "mode": "extract", "sample": 20}]})

    set: Annotated[FileName, Field(description="Name of a question set: one that came with Derek, or of the folder.")]
    name: Annotated[FileName | None, Field(description="Name of the evaluation; by default set, mode and time.")] = None
    mode: Annotated[Literal["generate", "extract"], Field(description="`extract` quotes, without a model.")] = (
        "generate"
    )
    split: Annotated[Literal["dev", "test", "all"], Field(description="Tune on dev, report test.")] = "all"
    sample: Annotated[int | None, Field(ge=1, lt=2**31, description="Only that many questions; samples nest.")] = None
    resume: Annotated[bool, Field(description="Go on with the evaluation of that name, which was stopped.")] = False


class PageQuery(BaseModel):
    """Which part of a list. Not strict: in an address everything is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = 50
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0


class PutQuery(BaseModel):
    """The query of PUT /v1/seeds/{name}. Not strict: in an address everything is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    replace: Annotated[bool, Field(description="Another file of that name may be replaced; it goes to the trash.")] = (
        False
    )


class ArticlesQuery(BaseModel):
    """The query of /v1/articles. Not strict: in an address everything is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = 50
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(_plain)] | None = None
    date_from: IsoDate | None = None
    date_to: IsoDate | None = None
    file: Name | None = None
    outlet: Name | None = None

    _dates = field_validator("date_to")(_not_reversed)

    def filters(self) -> Filters:
        """The same as `rag` knows it."""
        files = (self.file,) if self.file is not None else ()
        outlets = (self.outlet,) if self.outlet is not None else ()
        return Filters(self.date_from, self.date_to, files, outlets)


class RangeQuery(BaseModel):
    """A part of a source text, in code points."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    start: Annotated[int, Field(ge=0, lt=2**63)] = 0
    end: Annotated[int, Field(ge=0, lt=2**63)] | None = None
