"""An evaluation as a job: `derek eval run` in a child process, which asks this service like any other client.

Knows the child's command line, what it prints (a JSON object a line) and how it is ended; nothing of questions.
"""

import json
import logging
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from rag.errors import DerekError
from service.job_store import EvaluationProgress, EvaluationResult
from service.jobs import Task
from service.places import Places
from service.requests import EvaluationBody
from service.runs import METRICS

GRACE_S = 5.0  # for a child that was interrupted to put away what it has
NOTHING: EvaluationProgress = {"questions_done": 0, "questions_total": 0, "seconds_left": None}
_LOOK_S = 0.1  # between two looks at the child
_LINE = 65_536  # bytes; a longer line is read in pieces
_KEPT_LINES, _TOLD = 50, 4_000  # of what the child says on stderr: lines kept, characters told
_MANY = 10**9  # a count or a time beyond is nonsense
_MARK = "derek: "  # how the command line begins what it says of an error

log = logging.getLogger("derek.service")


def command_of(body: EvaluationBody, name: str, questions: Path, places: Places) -> list[str]:
    """The child's command line. The key is not on it: other users of the machine can read command lines."""
    return [
        *places.command,
        *("eval", "run", str(questions), "--name", name, "--url", places.url, "--mode", body.mode),
        *("--split", body.split, *(("--sample", str(body.sample)) if body.sample else ())),
        *("--report", "--progress", "json", "--runs-dir", str(places.runs_dir)),
        *(("--resume",) if body.resume else ()),
    ]


def evaluate(task: Task, command: Sequence[str], name: str, places: Places) -> EvaluationResult:
    """Run the child until it ends, showing how far it is; ended with its own children when the job is stopped.

    Raises DerekError with the child's last words where it fails, OSError where it can't be started, Cancelled.
    """
    with _running(command, _environment(places.api_key)) as child:
        shown = NOTHING
        while child.process.poll() is None:
            task.check()
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(_LOOK_S)
            if child.progress is not shown:
                shown = child.progress
                task.show(shown)
    if child.process.returncode or not (places.runs_dir / name / METRICS).is_file():
        task.check()  # it may have been interrupted before it could say anything
        raise DerekError(child.why())
    task.show(child.progress)
    return {"evaluation": name}


class _Child:
    """A child process, and two threads that read what it prints."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.progress = NOTHING
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._readers = [self._read(process.stdout, self._take), self._read(process.stderr, self._listen)]

    def why(self) -> str:
        """What it said of its failure, else how it ended."""
        said = "\n".join(self._said).strip()
        mark = max(said.rfind("\n" + _MARK) + 1, 0)
        if said.startswith(_MARK, mark):
            return said[mark + len(_MARK) :][:_TOLD]
        log.warning("an evaluation ended with %s: %s", self.process.returncode, said[-_TOLD:])
        last = f": {said.splitlines()[-1][:_TOLD]}" if said else ""
        return f"the evaluation ended with status {self.process.returncode} and is not complete{last}"

    def end(self) -> None:
        """Interrupt it if it still runs, kill it where that does not help, and let go of its pipes."""
        if self.process.poll() is None:
            self._signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_S)
        self._signal(signal.SIGKILL)  # also what it started and left behind
        self.process.wait()
        for reader in self._readers:
            reader.join(1.0)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # ended meanwhile
            os.killpg(self.process.pid, number)

    def _read(self, stream: IO[bytes] | None, take: Callable[[bytes], None]) -> threading.Thread:
        assert stream is not None

        def read() -> None:
            with stream, suppress(OSError, ValueError):
                while line := stream.readline(_LINE):
                    take(line)

        thread = threading.Thread(target=read, name="derek-evaluation-reader", daemon=True)
        thread.start()
        return thread

    def _take(self, line: bytes) -> None:
        self.progress = _progress(line) or self.progress

    def _listen(self, line: bytes) -> None:
        self._said.append(line.decode("utf-8", "replace").rstrip())


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[_Child]:
    """The child in a process group of its own, ended with the block whatever happens in it."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    )
    child = _Child(process)
    try:
        yield child
    finally:
        child.end()


def _environment(api_key: str | None) -> dict[str, str]:
    key = {"DEREK_API_KEY": api_key} if api_key else {}
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **key}


def _progress(line: bytes) -> EvaluationProgress | None:
    """What a line says of progress; None where it says something else, or nothing that makes sense."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    done, total, left = found.get("done"), found.get("total"), found.get("seconds_left")
    if type(done) is not int or type(total) is not int or not 0 <= done <= total < _MANY:
        return None
    if not isinstance(left, int | float) or not 0 <= left < _MANY:  # NaN is not
        left = None
    return {
        "questions_done": done,
        "questions_total": total,
        "seconds_left": None if left is None else round(float(left), 1),
    }
