"""One line of a run: what was asked, what came back, how it was judged. Knows how to be read from a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.verdicts import Verdict
from rag.errors import InputError


@dataclass(slots=True)
class Reply:
    """What one system made of a question. `answer`: its JSON, None where only retrieval was asked or it failed."""

    ranking: list[str]  # distinct article ids, best first
    answer: dict[str, Any] | None
    verdict: Verdict | None
    error: str | None
    seconds: float = 0.0
    cached: bool = False  # some draft came from the cache, so `seconds` says nothing


@dataclass(frozen=True, slots=True)
class Record:
    """A question of a run with its gold articles, Derek's reply, and the prototype's where it stood beside."""

    id: str
    type: str
    lang: str
    answerable: bool
    question: str
    gold: list[str]
    derek: Reply
    prototype: Reply | None


def read_records(path: Path, *, mend: bool = False) -> list[Record]:
    """The lines of an answers file in order, none where there is no file; of two for a question both.

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
    records = []
    for number, line in enumerate(complete.split(b"\n")[:-1], start=1):
        try:
            records.append(_record(json.loads(line)))
        except (ValueError, TypeError, KeyError) as exc:
            raise InputError(f"{path}:{number}: not a record of a run ({exc!r}); run it anew", "run") from exc
    return records


def _record(values: dict[str, Any]) -> Record:
    beside = values["prototype"]
    replies = {"derek": _reply(values["derek"]), "prototype": _reply(beside) if beside else None}
    return Record(**{**values, **replies})


def _reply(values: dict[str, Any]) -> Reply:
    verdict = values["verdict"]
    return Reply(**{**values, "verdict": _verdict(verdict) if verdict else None})


def _verdict(values: dict[str, Any]) -> Verdict:
    lists = {name: tuple(values[name]) for name in ("wrong_numbers", "wrong_names")}
    return Verdict(**{**values, **lists, "missing": tuple(tuple(group) for group in values["missing"])})
