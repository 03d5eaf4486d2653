"""Jobs: their states from first to last, what is remembered of them, the routes that show, follow and cancel them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import listening, wait_until
from starlette.testclient import TestClient

from rag.errors import Cancelled, DerekError, NotFound
from service import jobs as module
from service.job_store import Job, JobStore, ReindexProgress, ReindexResult
from service.jobs import Jobs, Task, seconds_left
from service.problems import Problem
from service.state import State

NOTHING: ReindexProgress = {
    "files_done": 0,
    "files_total": 0,
    "passages_done": 0,
    "passages_total": 0,
    "seconds_left": None,
}
RESULT: ReindexResult = {
    "generation": "g",
    "changed": True,
    "files": 1,
    "articles": 1,
    "passages": 1,
    "embedded": 1,
    "reused": 0,
    "warnings": [],
}
JOB_KEYS = [
    "id",
    "kind",
    "request",
    "state",
    "progress",
    "waiting_for",
    "error",
    "result",
    "created_at",
    "started_at",
    "finished_at",
]


class Work:
    """Work that goes on until it is let go, or told to stop."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.files = 0

    def __call__(self, task: Task) -> ReindexResult:
        """Shows the files that a test says are done."""
        self.begun.set()
        shown = 0
        while not self.go.wait(0.005):
            task.check()
            if self.files != shown:
                shown = self.files
                task.show({**NOTHING, "files_done": shown, "files_total": 9})
        return RESULT


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    """Jobs over an empty folder; what still runs at the end is stopped."""
    closing = threading.Event()
    yield Jobs(tmp_path / "jobs", closing)
    closing.set()


@pytest.fixture
def work() -> Iterator[Work]:
    """Work that is let go at the end."""
    work = Work()
    yield work
    work.go.set()


def ended(jobs: Jobs, job: Job) -> Job:
    """The job once it has ended, its record written."""
    wait_until(lambda: jobs.get(job.id).finished and jobs.close(0.01))
    return jobs.get(job.id)


def failing(error: Exception) -> module.Work:
    """Work that raises."""

    def work(task: Task) -> ReindexResult:
        raise error

    return work


def test_from_queued_to_succeeded(jobs: Jobs, work: Work) -> None:
    """A job runs at once, shows how far it is, and ends with a result and its times."""
    job = jobs.start("reindex", work, NOTHING)
    assert (job.state, job.started_at, job.finished_at) == ("queued", None, None) or job.state == "running"
    assert work.begun.wait(20)
    work.files = 3
    wait_until(lambda: jobs.get(job.id).progress == {**NOTHING, "files_done": 3, "files_total": 9})
    assert jobs.get(job.id).state == "running"
    work.go.set()
    done = ended(jobs, job)
    assert (done.state, done.result, done.error) == ("succeeded", RESULT, None)
    assert done.started_at and done.finished_at and job.created_at <= done.started_at <= done.finished_at


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DerekError("seeds: gone; make the folder"), "seeds: gone; make the folder"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
        (KeyError("secret"), "something broke inside Derek; the log says what"),
    ],
)
def test_a_failure_is_told(jobs: Jobs, error: Exception, told: str) -> None:
    """In Derek's own words or the system's; of what nobody foresaw nothing is shown."""
    job = ended(jobs, jobs.start("reindex", failing(error), NOTHING))
    assert (job.state, job.error, job.result) == ("failed", told, None)


def test_one_of_a_kind(jobs: Jobs, work: Work) -> None:
    """A second of the same kind is refused with the address of the first; one of another kind runs beside it."""
    first = jobs.start("reindex", work, NOTHING)
    with pytest.raises(Problem) as refused:
        jobs.start("reindex", work, NOTHING)
    assert (refused.value.code, refused.value.headers) == ("job_conflict", {"Location": f"/v1/jobs/{first.id}"})
    other = jobs.start("evaluation", work, {"questions_done": 0, "questions_total": 0, "seconds_left": None})
    work.go.set()
    assert ended(jobs, first).state == ended(jobs, other).state == "succeeded"
    assert ended(jobs, jobs.start("reindex", work, NOTHING)).state == "succeeded"


def test_of_many_starters_one_wins(jobs: Jobs, work: Work) -> None:
    """Started from many threads at once, one job runs."""
    started, refused = [], []

    def start() -> None:
        try:
            started.append(jobs.start("reindex", work, NOTHING))
        except Problem as exc:
            refused.append(exc)

    threads = [threading.Thread(target=start) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(started), len(refused)) == (1, 19)


def test_cancelling_is_idempotent(jobs: Jobs, work: Work) -> None:
    """Twice is as once; what has ended stays as it ended."""
    job = jobs.start("reindex", work, NOTHING)
    jobs.cancel(job.id)
    jobs.cancel(job.id)
    assert ended(jobs, job).state == "cancelled"
    assert jobs.cancel(job.id).state == "cancelled"
    work.go.set()
    done = ended(jobs, jobs.start("reindex", work, NOTHING))
    assert jobs.cancel(done.id) == done


def test_a_waiting_job_is_queued(jobs: Jobs) -> None:
    """Work that has to wait says for what, and can be cancelled while it waits."""

    def waiting(task: Task) -> ReindexResult:
        while True:
            task.wait("another process is indexing", 0.2)

    job = jobs.start("reindex", waiting, NOTHING)
    wait_until(lambda: jobs.get(job.id).state == "queued" and jobs.get(job.id).waiting_for)
    assert jobs.get(job.id).waiting_for == "another process is indexing"
    jobs.cancel(job.id)
    done = ended(jobs, job)
    assert (done.state, done.waiting_for) == ("cancelled", None)


def test_the_service_ends_its_jobs(tmp_path: Path, work: Work) -> None:
    """They stop, are marked interrupted, and none begins any more."""
    closing = threading.Event()
    jobs = Jobs(tmp_path / "jobs", closing)
    job = jobs.start("reindex", work, NOTHING)
    assert work.begun.wait(20)
    closing.set()
    assert jobs.close(20)
    assert jobs.get(job.id).state == "interrupted"
    with pytest.raises(Problem, match="shutting down"):
        jobs.start("reindex", work, NOTHING)
    assert Jobs(tmp_path / "jobs", threading.Event()).get(job.id) == jobs.get(job.id)


def test_work_that_hears_nothing_does_not_keep_the_service(tmp_path: Path) -> None:
    """Waiting for it has an end; after a restart its job is interrupted all the same."""
    closing, begun, go = threading.Event(), threading.Event(), threading.Event()
    jobs = Jobs(tmp_path / "jobs", closing)

    def deaf(task: Task) -> ReindexResult:
        begun.set()
        go.wait(60)
        return RESULT

    job = jobs.start("reindex", deaf, NOTHING)
    assert begun.wait(20)
    closing.set()
    assert not jobs.close(0.05)
    again = Jobs(tmp_path / "jobs", threading.Event()).get(job.id)
    assert again.state == "interrupted" and again.finished_at
    go.set()
    assert jobs.close(20)


def test_records_survive_a_restart(tmp_path: Path, work: Work) -> None:
    """What had ended is as it was, the newest first; a new job may begin at once."""
    jobs = Jobs(tmp_path / "jobs", threading.Event())
    work.go.set()
    done = [ended(jobs, jobs.start("reindex", work, NOTHING)) for _ in range(3)]
    again = Jobs(tmp_path / "jobs", threading.Event())
    assert again.all() == done[::-1] == jobs.all()
    assert ended(again, again.start("reindex", work, NOTHING)).state == "succeeded"


_WRITER = """
import sys, time
from pathlib import Path
from service.job_store import Job, JobStore
progress = {"questions_done": 3, "questions_total": 9, "seconds_left": 1.5}
job = Job(id="20260301T100000000000Z-0000", kind="evaluation", state="running", progress=progress, created_at="2026")
JobStore(Path(sys.argv[1])).write(job)
print("written", flush=True)
time.sleep(600)
"""


def test_a_killed_servers_job_is_interrupted(tmp_path: Path) -> None:
    """While another server runs it, it runs, and is that server's to cancel; once that one is killed it does not."""
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout
    with writer, writer.stdout:
        assert writer.stdout.readline() == b"written\n"
        jobs = Jobs(tmp_path, threading.Event())
        (job,) = jobs.all()
        assert job.state == "running"
        with pytest.raises(Problem, match="cancel it there"):
            jobs.cancel(job.id)
        writer.kill()
        writer.wait()
        (job,) = jobs.all()
    assert (job.state, job.progress["seconds_left"]) == ("interrupted", 1.5)
    assert job.finished_at and job.finished_at.startswith("20")
    assert jobs.cancel(job.id).state == "interrupted"


def test_old_records_go(tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept, in memory and on disk alike."""
    monkeypatch.setattr(module, "KEPT", 3)
    jobs = Jobs(tmp_path / "jobs", threading.Event())
    work.go.set()
    done = [ended(jobs, jobs.start("reindex", work, NOTHING)) for _ in range(6)]
    assert jobs.all() == done[:-4:-1]
    assert len(list((tmp_path / "jobs").glob("*.json"))) == 3
    with pytest.raises(NotFound):
        jobs.get(done[0].id)


def test_a_long_one_is_not_forgotten(tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many jobs of another kind end meanwhile."""
    monkeypatch.setattr(module, "KEPT", 2)
    jobs = Jobs(tmp_path / "jobs", threading.Event())
    long = jobs.start("evaluation", work, {"questions_done": 0, "questions_total": 0, "seconds_left": None})
    for _ in range(4):
        job = jobs.start("reindex", lambda task: RESULT, NOTHING)
        wait_until(lambda job=job: jobs.get(job.id).finished)
    assert [job.id for job in jobs.all()][-1] == long.id
    work.go.set()
    assert ended(jobs, long).state == "succeeded"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"job": {}}', b"\xff", b'{"job": {"id": "x"}, "process": [1, 2]}', b"[" * 100_000],
)
def test_a_spoilt_record_is_left_out(tmp_path: Path, jobs: Jobs, work: Work, content: bytes) -> None:
    """The others are listed, and asking for it is asking for nothing."""
    work.go.set()
    done = ended(jobs, jobs.start("reindex", work, NOTHING))
    name = "99990101T000000000000Z-0000"
    (tmp_path / "jobs" / f"{name}.json").write_bytes(content)
    copy = json.loads((tmp_path / "jobs" / f"{done.id}.json").read_text())
    (tmp_path / "jobs" / "copied-0000.json").write_text(json.dumps(copy))
    assert jobs.all() == [done]
    with pytest.raises(NotFound):
        jobs.get(name)


def test_a_folder_that_cannot_be_written_stops_no_job(tmp_path: Path, work: Work) -> None:
    """The job runs and is shown; only its record is lost."""
    (tmp_path / "jobs").write_text("a file where the folder should be")
    jobs = Jobs(tmp_path / "jobs", threading.Event())
    work.go.set()
    assert ended(jobs, jobs.start("reindex", work, NOTHING)).state == "succeeded"
    assert len(jobs.all()) == 1


def test_a_failed_write_leaves_the_older_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Complete or as it was, and nothing half-written stays."""
    store = JobStore(tmp_path)
    job = Job(id="a", kind="reindex", state="failed", progress=NOTHING, error="x" * 100, created_at="2026")
    store.write(job)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write(job.model_copy(update={"error": "y"}))
    assert store.read("a") == job
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_time_left() -> None:
    """In proportion; unknown before anything is done."""
    assert seconds_left(10.0, 5, 20) == 40.0
    assert seconds_left(10.0, 0, 20) is None
    assert seconds_left(10.0, 5, 0) == 0.0


@pytest.mark.parametrize("job_id", ["none", "%2e%2e%2fCURRENT", "a" * 5000, "%00", "..%2f..%2fetc%2fpasswd"])
@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("GET", "/events"), ("DELETE", "")])
def test_unknown_jobs_are_not_found(client: TestClient, method: str, tail: str, job_id: str) -> None:
    """Whatever an id looks like, and whatever is asked of it."""
    answer = client.request(method, f"/v1/jobs/{job_id}{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_jobs_over_http(client: TestClient, state: State, work: Work) -> None:
    """Listed, shown, cancelled; 202 while it still ends, 200 afterwards, with no content type and no body."""
    assert client.get("/v1/jobs").json() == {"jobs": []}
    job = state.jobs.start("reindex", work, NOTHING)
    shown = client.get(f"/v1/jobs/{job.id}").json()
    assert list(shown) == JOB_KEYS
    assert client.get("/v1/jobs").json() == {"jobs": [client.get(f"/v1/jobs/{job.id}").json()]}
    assert client.delete(f"/v1/jobs/{job.id}").status_code in (200, 202)
    ended(state.jobs, job)
    again = client.delete(f"/v1/jobs/{job.id}")
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")


def events(stream: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with its data."""
    name = ""
    for line in stream.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_a_job_is_followed_to_its_end(state: State, work: Work) -> None:
    """`progress` with the job at each change, `done` last, and then the stream ends."""
    job = state.jobs.start("reindex", work, NOTHING)
    seen = []
    with listening(state) as port, httpx.Client(trust_env=False, timeout=20) as client:
        url = f"http://127.0.0.1:{port}/v1/jobs/{job.id}/events"
        with client.stream("GET", url) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for name, shown in events(stream):
                seen.append((name, shown["progress"]["files_done"], shown["state"]))
                assert list(shown) == JOB_KEYS
                if shown["progress"]["files_done"] == 2:
                    work.go.set()
                else:
                    work.files = 2
        assert seen[-1] == ("done", 2, "succeeded")
        assert {name for name, _, _ in seen[:-1]} == {"progress"} and len(seen) > 2
        with client.stream("GET", url) as stream:  # one that has ended is told at once
            assert [name for name, _ in events(stream)] == ["done"]


def test_a_follower_that_leaves_changes_nothing(state: State, work: Work) -> None:
    """The job goes on, others follow it, and the server still ends at once."""
    job = state.jobs.start("reindex", work, NOTHING)
    with listening(state) as port, httpx.Client(trust_env=False, timeout=20) as client:
        url = f"http://127.0.0.1:{port}/v1/jobs/{job.id}/events"
        for _ in range(3):
            with client.stream("GET", url) as stream:
                assert next(events(stream))[0] == "progress"
        assert state.jobs.get(job.id).state == "running"
        work.go.set()
        with client.stream("GET", url) as stream:
            assert list(events(stream))[-1][1]["state"] == "succeeded"


def test_followers_do_not_hold_up_the_end(state: State, work: Work) -> None:
    """When the service ends, the stream tells of the interruption and ends too."""
    job = state.jobs.start("reindex", work, NOTHING)
    with (
        listening(state) as port,
        httpx.stream("GET", f"http://127.0.0.1:{port}/v1/jobs/{job.id}/events", trust_env=False, timeout=20) as stream,
    ):
        following = events(stream)
        assert next(following)[0] == "progress"
        state.stop()
        assert [(name, shown["state"]) for name, shown in following][-1] == ("done", "interrupted")


def test_stopping_shows_in_the_task(jobs: Jobs) -> None:
    """`check` raises once the job should stop, and not before."""
    seen: list[bool] = []

    def work(task: Task) -> ReindexResult:
        task.check()
        wait_until(task.stopped)
        with pytest.raises(Cancelled):
            task.check()
        seen.append(True)
        raise Cancelled("as told")

    job = jobs.start("reindex", work, NOTHING)
    jobs.cancel(job.id)
    ended(jobs, job)
    assert seen in ([True], [])  # none where it was cancelled before it began
