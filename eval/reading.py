"""A run read back from its folder. Knows the files' names, nothing of how a run is made or shown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.records import Record, read_records
from eval.summary import summarise
from rag.errors import InputError

RUN, ANSWERS, METRICS = "run.json", "answers.jsonl", "metrics.json"
_SPENT = (
    ("seconds", "seconds"),
    ("first_token_s", "seconds to the first token"),
    ("prompt_tokens", "tokens of the prompt"),
    ("completion_tokens", "tokens written"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what was run (run.json), each question's record once, and its metrics."""

    name: str
    description: Mapping[str, Any]
    records: tuple[Record, ...]
    summary: Mapping[str, Any]
    complete: bool  # metrics.json is there; otherwise `summary` was made from the records so far


def read_run(runs_dir: Path, name: str) -> Run:
    """Read a run, also one that is not complete; of two records of a question the later one counts.

    Raises InputError where there is no run of this name, or where one of its files can't be read.
    """
    folder = runs_dir / name
    if not (folder / RUN).is_file():
        known = ", ".join(sorted(path.parent.name for path in runs_dir.glob(f"*/{RUN}"))) or "none"
        raise InputError(f"{folder}: no run of this name; there are: {known}", "run")
    records = tuple(read_records(folder / ANSWERS))
    complete = (folder / METRICS).is_file()
    summary = read_object(folder / METRICS) if complete else summarise(records)
    return Run(name, read_object(folder / RUN), records, summary, complete)


def spent(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Time and tokens a question, of those that were counted: what is counted, and its percentiles, mean and n."""
    return [(says, spread) for key, says in _SPENT if "p50" in (spread := summary.get(key) or {})]


def read_object(path: Path, way_out: str = "run the set anew", field: str = "run") -> dict[str, Any]:
    """The JSON object in a file of a run. Raises InputError for `field` that ends in `way_out`."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InputError(f"{path}: can't be read ({exc}); {way_out}", field) from exc
    if not isinstance(values, dict):
        raise InputError(f"{path}: not a JSON object; {way_out}", field)
    return values
