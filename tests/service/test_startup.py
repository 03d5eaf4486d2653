"""Getting ready: the order of the steps, what each failure leaves working, and new generations taken up."""

import threading
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from serving import wait_until

from rag.errors import WeightsDamaged
from rag.generations import current_id, writer_lock
from rag.reindex import reindex
from rag.types import Embedder, Generator
from service import startup
from service.readiness import Check, CheckName
from service.startup import Doors, Report, prepare
from service.state import State


def opening(fail: str = "") -> Doors:
    """Doors to stand-ins; the one named fails."""

    def embedder(report: Report) -> Embedder:
        report("fetching the embedder", 1, 2)
        if fail == "embedder":
            raise WeightsDamaged("model.bin: wrong checksum; run `derek models pull`")
        return HashingEmbedder()

    def generator(report: Report) -> Generator:
        report("fetching the language model", 1, 2)
        if fail == "model":
            raise WeightsDamaged("model.bin: wrong checksum; run `derek models pull`")
        if fail == "bug":
            raise KeyError("secret")
        return ScriptedGenerator("x")

    return Doors(embedder, generator)


@pytest.fixture
def fresh(vectors_dir: Path) -> State:
    """A state before anything was loaded."""
    return State(vectors_dir)


def states(state: State) -> dict[CheckName, str]:
    """Of each check."""
    return {name: check.state for name, check in state.readiness.checks.items()}


def test_from_nothing(fresh: State, seeds_dir: Path) -> None:
    """On a fresh machine the index is built before the language model is fetched, so that search works early."""
    told: list[tuple[CheckName, Check]] = []
    fresh.readiness.listener = lambda name, check: told.append((name, check))
    prepare(fresh, seeds_dir, opening())
    assert fresh.readiness.ready
    assert states(fresh) == dict.fromkeys(("embedder", "index", "model", "seeds"), "ok")
    became = [name for name, check in told if check.state == "ok"]
    assert became == ["embedder", "index", "seeds", "model"]
    assert any(check.detail == "embedding passages" and check.done == check.total for _, check in told)


def test_the_last_generation_serves_at_once(fresh: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """Seeds that changed are indexed last: until then the generation that is there answers."""
    old = reindex(seeds_dir, fresh.vectors_dir, embedder).generation
    (seeds_dir / "more.txt").write_text("07.03.2026, 10:15 7\nA title of a story\nA body of one sentence.\n")
    served: list[str | None] = []
    fresh.readiness.listener = lambda name, check: served.append(fresh.generation_id if fresh.readiness.ready else None)
    prepare(fresh, seeds_dir, opening())
    assert old in served
    assert fresh.generation_id == current_id(fresh.vectors_dir) != old


def test_unchanged_seeds_are_not_indexed_again(fresh: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """A second start takes up what is there."""
    old = reindex(seeds_dir, fresh.vectors_dir, embedder).generation
    prepare(fresh, seeds_dir, opening())
    assert fresh.readiness.ready and fresh.generation_id == old


def test_without_the_embedder_nothing_else_is_tried(fresh: State, seeds_dir: Path) -> None:
    """The check says what failed and the way out."""
    prepare(fresh, seeds_dir, opening("embedder"))
    assert states(fresh) == {"embedder": "failed", "index": "waiting", "model": "waiting", "seeds": "waiting"}
    assert "derek models pull" in fresh.readiness.why_not()


def test_without_the_model_search_works(fresh: State, seeds_dir: Path) -> None:
    """The index is built and served although no answer can be drafted."""
    prepare(fresh, seeds_dir, opening("model"))
    assert states(fresh) == {"embedder": "ok", "index": "ok", "model": "failed", "seeds": "ok"}
    with fresh.library() as library:
        assert library.generator is None


def test_a_bug_is_told_without_internals(fresh: State, seeds_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A step that breaks in a way nobody foresaw fails its check; the log has the reason."""
    prepare(fresh, seeds_dir, opening("bug"))
    assert states(fresh)["model"] == "failed"
    assert "secret" not in fresh.readiness.why_not()
    assert any(record.exc_info for record in caplog.records)


def test_missing_seeds_are_named(fresh: State, tmp_path: Path) -> None:
    """No folder, no index: the check says which folder."""
    prepare(fresh, tmp_path / "nowhere", opening())
    assert states(fresh)["index"] == states(fresh)["seeds"] == "failed"
    assert "nowhere" in fresh.readiness.checks["index"].detail
    assert not fresh.readiness.ready


def test_emptied_seeds_cost_nothing(fresh: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """A folder that is not mounted: the start says so, and the last generation serves."""
    made = reindex(seeds_dir, fresh.vectors_dir, embedder)
    for path in seeds_dir.rglob("*.txt"):
        path.unlink()
    prepare(fresh, seeds_dir, opening())
    check = fresh.readiness.checks["seeds"]
    assert check.state == "failed" and "gate 'size'" in check.detail
    assert (fresh.generation_id, fresh.readiness.ready) == (made.generation, True)


def test_another_process_that_indexes_is_waited_for(
    fresh: State, seeds_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes the first index, this one waits and then takes up that one's generation."""
    monkeypatch.setattr(startup, "POLL_S", 0.01)
    with writer_lock(fresh.vectors_dir):
        prepare(fresh, seeds_dir, opening())
    assert states(fresh)["index"] == "waiting"
    thread = startup.in_background("watch", lambda: startup.watch(fresh))
    report = reindex(seeds_dir, fresh.vectors_dir, embedder)
    wait_until(lambda: fresh.readiness.ready)
    assert fresh.generation_id == report.generation
    fresh.close()
    thread.join(20)


def test_a_damaged_index_is_built_again(fresh: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """A generation with a missing part is never served; a new one takes its place."""
    old = reindex(seeds_dir, fresh.vectors_dir, embedder).generation
    (fresh.vectors_dir / old / "vectors.faiss").unlink()
    prepare(fresh, seeds_dir, opening())
    assert fresh.readiness.ready and fresh.generation_id != old


def test_a_watching_thread_may_report(fresh: State, seeds_dir: Path) -> None:
    """A report from another thread than the step's own, after the end, does nothing rather than break that thread."""
    broke: list[BaseException] = []

    def embedder(report: Report) -> Embedder:
        def watch() -> None:
            try:
                report("fetching the embedder", 2, 2)
            except BaseException as exc:
                broke.append(exc)

        fresh.stop()
        startup.in_background("watch", watch).join(20)
        report("fetching the embedder", 2, 2)
        raise AssertionError("went on after the end")

    prepare(fresh, seeds_dir, Doors(embedder, opening().generator))
    assert broke == [] and states(fresh)["embedder"] == "waiting"


def test_closing_ends_the_steps(fresh: State, seeds_dir: Path) -> None:
    """Once the service ends, the next report of a step ends it too."""
    fresh.stop()
    prepare(fresh, seeds_dir, opening())
    assert states(fresh)["embedder"] == "waiting"


def test_a_model_at_hand_loads_beside_the_embedder(fresh: State, seeds_dir: Path) -> None:
    """Nothing has to be fetched, so neither waits for the other: here the embedder comes only after the model."""
    loaded = threading.Event()

    def embedder(report: Report) -> Embedder:
        assert loaded.wait(30)
        return HashingEmbedder()

    def generator(report: Report) -> Generator:
        loaded.set()
        return ScriptedGenerator("x")

    prepare(fresh, seeds_dir, Doors(embedder, generator, model_at_hand=lambda: True))
    assert fresh.readiness.ready
