"""The folder of evaluations and the folders of question sets: what they hold, by name.

Reads the files that a run leaves (run.json, metrics.json once it is complete, report.html) and takes them as they are:
what they mean is the evaluation's business. No name leads out of these folders.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError, NotFound

RUN, METRICS, REPORT = "run.json", "metrics.json", "report.html"
_SHOWN = 20  # names in a message

log = logging.getLogger("derek.service")


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation on disk: what was run, and what came out once it is complete."""

    name: str
    folder: Path
    description: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every question was asked and the metrics written."""
        return (self.folder / METRICS).is_file()

    @property
    def metrics(self) -> dict[str, Any] | None:
        """What came out; None where the run is not complete or its file can't be read."""
        return _read(self.folder / METRICS)

    @property
    def report(self) -> Path | None:
        """Its page, where one was written."""
        path = self.folder / REPORT
        return path if path.is_file() else None


def list_runs(runs_dir: Path) -> list[Run]:
    """The evaluations of a folder, latest first; those whose run.json can't be read are left out."""
    runs = [run for path in runs_dir.glob(f"[!.]*/{RUN}") if (run := _run(path.parent)) is not None]
    return sorted(runs, key=lambda run: (str(run.description.get("started_at", "")), run.name), reverse=True)


def find_run(runs_dir: Path, name: str) -> Run:
    """The evaluation of that name, compared with the names that are there. Raises NotFound."""
    folder = next((path.parent for path in runs_dir.glob(f"[!.]*/{RUN}") if path.parent.name == name), None)
    run = _run(folder) if folder else None
    if run is None:
        raise NotFound(f"no evaluation {name[:100]!r}; GET /v1/evaluations lists them", "id")
    return run


def find_set(name: str, folders: Sequence[Path]) -> Path:
    """The question set of that name: a file, or a JSONL file without its suffix, the first folder's first.

    `name` is checked to be a file name by the caller. Raises InputError that lists what there is, also for a set in a
    folder: it brings documents of its own, which this service does not serve.
    """
    for folder in folders:
        for path in (folder / f"{name}.jsonl", folder / name):
            if path.is_file():
                return path
            if path.is_dir():
                raise InputError(
                    f"{name!r} is a folder: such a set brings documents of its own, which are not served here; "
                    f"run it with: derek eval run {name}",
                    "set",
                )
    known = sorted({path.stem for folder in folders for path in folder.glob("[!.]*.jsonl")})
    raise InputError(f"no question set {name!r}; there are: {', '.join(known[:_SHOWN]) or 'none'}", "set")


def _run(folder: Path) -> Run | None:
    description = _read(folder / RUN)
    return Run(folder.name, folder, description) if description is not None else None


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where the file is missing or holds something else. NaN and infinities become null."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda _: None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as exc:
        log.warning("%s can't be read: %s", path, exc)
        return None
    return found if isinstance(found, dict) else None
