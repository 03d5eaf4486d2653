"""One line of a run: what was asked, what came back, how it was judged. Knows how to be read from a file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.verdicts import Verdict
from rag.errors import InputError


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was ranked, and its article."""

    passage_id: str
    article_id: str
    score: float


@dataclass(slots=True)
class Reply:
    """What the system made of a question.

    `evidence_ranks`: for each gold quotation the rank, from 1, of the first found passage that holds it, None where
    none does; see `fact_ranks`. `answer`: its complete JSON, None where only retrieval was asked or it failed.
    """

    found: list[Found]  # best first
    evidence_ranks: list[int | None]
    answer: dict[str, Any] | None
    verdict: Verdict | None
    error: str | None = None
    seconds: float = 0.0
    cached: bool = False  # some draft came from the cache, so `seconds` says nothing

    @property
    def ranking(self) -> list[str]:
        """Distinct article ids, best first."""
        return list(dict.fromkeys(found.article_id for found in self.found))


@dataclass(frozen=True, slots=True)
class Record:
    """A question of a run with its gold, which the set may lose later, and the reply. `gold`: ids of articles."""

    id: str
    question: str
    type: str
    lang: str
    split: str
    haystack: str | None
    answerable: bool
    answers: list[str]
    must_include: list[list[str]]
    evidence: list[dict[str, str | None]]  # {"file", "quote"}
    gold: list[str]
    reply: Reply
    insights: list[dict[str, Any]] = field(default_factory=list)  # {"text", "docs"}: ids of articles
    must_not_include: list[str] = field(default_factory=list)


def read_records(path: Path, *, mend: bool = False) -> list[Record]:
    """The lines of an answers file in order, none where there is no file; of two for a question the later one.

    A last line without its end was cut off by a killed process: it is left out, and with `mend` cut off the file.
    Raises InputError with file:line for a line that is no record.
    """
    if not path.is_file():
        return []
    data = path.read_bytes()
    complete = data[: data.rfind(b"\n") + 1]
    if mend and len(complete) < len(data):
        with path.open("r+b") as file:
            file.truncate(len(complete))
    records: dict[str, Record] = {}
    for number, line in enumerate(complete.split(b"\n")[:-1], start=1):
        try:
            record = _record(json.loads(line))
        except (ValueError, TypeError, KeyError) as exc:
            raise InputError(f"{path}:{number}: not a record of a run ({exc!r}); run it anew", "run") from exc
        records[record.id] = record
    return list(records.values())


def _record(values: dict[str, Any]) -> Record:
    reply = values["reply"]
    verdict = reply["verdict"]
    known = {
        "found": [Found(**found) for found in reply["found"]],
        "verdict": _verdict(verdict) if verdict else None,
    }
    return Record(**{**values, "reply": Reply(**{**reply, **known})})


def _verdict(values: dict[str, Any]) -> Verdict:
    lists = {name: tuple(values.get(name, ())) for name in ("wrong_numbers", "wrong_names", "forbidden")}
    return Verdict(**{**values, **lists, "missing": tuple(tuple(group) for group in values["missing"])})
