"""Going back to an older generation and deleting old ones, as scenarios for `fault_sweep`: only the old ones go."""

from pathlib import Path

from fault_reindex import EMBEDDER, STORY, check_tidy, content_now
from fault_sweep import Scenario

from rag.generations import (
    activate,
    current_id,
    list_generations,
    open_generation,
    prune,
    verify_generation,
    writer_lock,
)
from rag.reindex import reindex

GENERATIONS = 3


def _prepare(home: Path) -> None:
    """Three generations, of one, two and three files."""
    (home / "seeds").mkdir()
    for n in range(1, GENERATIONS + 1):
        (home / "seeds" / f"{n}.txt").write_text(STORY.format(n=n))
        reindex(home / "seeds", home / "vectors", EMBEDDER)
    (home / "oldest").write_text(_ids(home)[0])


def _ids(home: Path) -> list[str]:
    """The generations on disk, oldest first."""
    return [manifest.id for manifest in reversed(list_generations(home / "vectors"))]


def _articles(home: Path, generation_id: str) -> int:
    """How many articles a generation holds, which must be sound."""
    assert verify_generation(home / "vectors", generation_id) == []
    generation = open_generation(home / "vectors", generation_id)
    generation.close()
    return generation.manifest.articles


def _activate(home: Path) -> None:
    with writer_lock(home / "vectors"):
        activate(home / "vectors", (home / "oldest").read_text(), pin=True)
    (home / "told").touch()


def _check_activated(home: Path) -> None:
    """Every generation is there and sound; the newest is in use, or the one that was asked for."""
    ids = _ids(home)
    assert [_articles(home, generation_id) for generation_id in ids] == [1, 2, 3]
    assert current_id(home / "vectors") in ((ids[0],) if (home / "told").exists() else (ids[0], ids[-1]))


def _recover_activated(home: Path) -> None:
    _activate(home)
    _check_activated(home)
    check_tidy(home / "vectors")
    assert reindex(home / "seeds", home / "vectors", EMBEDDER).articles == GENERATIONS
    content_now(home / "vectors")
    check_tidy(home / "vectors")


def _prune(home: Path) -> None:
    with writer_lock(home / "vectors"):
        prune(home / "vectors", 1)


def _check_pruned(home: Path) -> None:
    """The one in use is there and sound, and of the others each is whole or not there."""
    ids = _ids(home)
    assert ids
    assert current_id(home / "vectors") == ids[-1]
    assert [_articles(home, generation_id) for generation_id in ids][-1] == GENERATIONS


def _recover_pruned(home: Path) -> None:
    _prune(home)
    assert len(_ids(home)) == 1
    _check_pruned(home)
    check_tidy(home / "vectors")


FOLDERS = ("vectors",)
ACTIVATE = Scenario(FOLDERS, _prepare, _activate, _check_activated, _recover_activated)
PRUNE = Scenario(FOLDERS, _prepare, _prune, _check_pruned, _recover_pruned)
