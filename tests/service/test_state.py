"""The generation in use: taken up, kept open while it is needed, refused where it does not fit."""

from pathlib import Path

import pytest
from fakes import HashingEmbedder

from rag.generation import Generation
from rag.reindex import reindex
from rag.types import Filters
from service.problems import Problem
from service.state import State


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of generations, in the order in which they were closed."""
    ids: list[str] = []
    close = Generation.close

    def noted(self: Generation) -> None:
        ids.append(self.id)
        close(self)

    monkeypatch.setattr(Generation, "close", noted)
    return ids


def more(seeds_dir: Path, name: str = "more.txt") -> None:
    """One more seed file."""
    (seeds_dir / name).write_text("07.03.2026, 10:15 7\nA title of a story\nA body of one sentence.\n")


def test_a_replaced_generation_stays_open_while_used(
    state: State, seeds_dir: Path, embedder: HashingEmbedder, closed: list[str]
) -> None:
    """A request keeps what it began with; the old generation closes with its last holder."""
    first = state.generation_id
    with state.library() as one, state.library() as two:
        more(seeds_dir)
        reindex(seeds_dir, state.vectors_dir, embedder)
        closed.clear()
        state.refresh()
        assert state.generation_id != first
        assert one.generation is two.generation and one.generation.id == first
        assert one.generation.catalog.articles(Filters(), None, 10, 0)[0] > 0
        with state.library() as three:
            assert three.generation.id == state.generation_id
        assert closed == []
    assert closed == [first]
    state.close()
    assert len(closed) == 2


def test_an_unchanged_pointer_changes_nothing(state: State) -> None:
    """Looking again opens nothing."""
    with state.library() as before:
        state.refresh()
        with state.library() as after:
            assert after.generation is before.generation


def test_another_embedders_generation_is_refused(state: State, seeds_dir: Path) -> None:
    """Vectors of two embedders never meet: the service goes on with the generation that fits."""
    fits = state.generation_id
    reindex(seeds_dir, state.vectors_dir, HashingEmbedder(fingerprint="another"))
    state.refresh()
    assert state.generation_id == fits


def test_a_damaged_generation_is_refused(
    state: State, seeds_dir: Path, embedder: HashingEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    """The last good one goes on, and the log says once what is wrong."""
    good = state.generation_id
    more(seeds_dir)
    report = reindex(seeds_dir, state.vectors_dir, embedder)
    (state.vectors_dir / report.generation / "vectors.faiss").write_bytes(b"no index")
    state.refresh()
    state.refresh()
    assert state.generation_id == good
    assert len([record for record in caplog.records if "not taking up" in record.getMessage()]) == 1


def test_a_folder_that_was_emptied_changes_nothing(state: State, tmp_path: Path) -> None:
    """The generation in use goes on although its folder has been moved away."""
    good = state.generation_id
    state.vectors_dir.rename(tmp_path / "elsewhere")
    state.refresh()
    assert state.generation_id == good
    with state.library() as library:
        assert library.generation.catalog.articles(Filters(), None, 10, 0)[0] > 0


def test_without_an_index_there_is_no_library(vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """The refusal is a problem with a time to come back."""
    state = State(vectors_dir)
    state.use_embedder(embedder)
    state.refresh()
    with pytest.raises(Problem) as refused, state.library():
        pass
    assert refused.value.code == "not_ready" and "Retry-After" in refused.value.headers
    state.close()
