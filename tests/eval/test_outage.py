"""Whether the bench that looks for mixed generations would see one, and that a real server over fakes gives it none."""

import asyncio
import io
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from rich.console import Console
from serving import SENTENCE, listening

from eval.outage.__main__ import measure
from eval.outage.findings import Findings, Reindex, complaint_of, figures, table
from eval.outage.load import Query, Reply
from eval.outage.stories import A_FILE, Shelf, Story, Told, told_by
from rag.reindex import reindex
from service.state import State

FIRST, SECOND, OTHER = Story("Bakadulo", 1), Story("Bakadulo", 2), Story("Chofege", 1)


@pytest.fixture
def shelf(seeds_dir: Path) -> Shelf:
    """Changing files beside the made-up seeds."""
    return Shelf(seeds_dir)


def indexed_stories(seeds_dir: Path) -> set[Told]:
    """What the folder's own files tell, article by article."""
    files = [path for path in seeds_dir.rglob("*.txt") if "ferr" in path.read_text()]
    articles = [(path, text) for path in files for text in path.read_text().split("\n\n")]
    return {told_by(path.relative_to(seeds_dir).as_posix(), text) for path, text in articles}


def test_a_shelf_knows_what_stands_in_its_folder(seeds_dir: Path, shelf: Shelf) -> None:
    """After each step, and each step brings a file's worth of passages that were not there before."""
    for nth in range(12):
        before = {told.story for told in shelf.held}
        shelf.step(nth)
        assert {told for told in shelf.held if told.story} == indexed_stories(seeds_dir)
        assert len({told.story for told in shelf.held} - before) == A_FILE
    assert len(set(shelf.all_names)) == len(shelf.all_names)


@pytest.mark.parametrize("story", [FIRST, SECOND, OTHER])
def test_a_passage_tells_its_edition(story: Story) -> None:
    """However its lines are broken; the rest of a corpus tells nothing."""
    assert told_by("a.txt", story.text.replace(" to Kuryk, ", " to\nKuryk, ")) == Told("a.txt", story)
    assert told_by("a.txt", "The tram carried 5 passengers.") == Told("a.txt", None)


def test_a_mixture_of_two_editions_is_neither() -> None:
    """The number of one and the rest of another."""
    mixed = FIRST.text.replace(FIRST.passengers, SECOND.passengers)
    assert told_by("a.txt", mixed).story not in (FIRST, SECOND)


@pytest.mark.parametrize(
    ("generation", "told", "complaint"),
    [
        ("g1", {Told("a.txt", FIRST)}, None),
        ("g1", {Told("a.txt", FIRST), Told("old.txt", None)}, None),
        ("g1", {Told("a.txt", FIRST), Told("a.txt", SECOND)}, "which was not in the files"),
        ("g1", {Told("a.txt", FIRST), Told("gone.txt", None)}, "which was not in the files"),
        ("g1", {Told("b.txt", FIRST)}, "which was not in the files"),
        ("g1", {Told("old.txt", None)}, "did not find"),
        ("g2", {Told("old.txt", None)}, None),
        ("g3", {Told("old.txt", None)}, "nobody made"),
    ],
)
def test_an_answer_is_held_against_its_generation(generation: str, told: set[Told], complaint: str | None) -> None:
    """Of another edition, of a file that has gone, of the file's old name, not found though there, of no generation."""
    held = {"g1": frozenset({Told("a.txt", FIRST), Told("old.txt", None)}), "g2": frozenset({Told("old.txt", None)})}
    reply = Reply("search", Query("ferry Bakadulo", "Bakadulo"), 0.1, None, generation, frozenset(told))
    found = complaint_of(reply, held)
    assert (found is None) if complaint is None else (found is not None and complaint in found)


def test_figures_count_failures_and_tell_the_tail() -> None:
    """A request that failed has no time, and is told with its reason."""
    quiet = [Reply("search", Query("q"), seconds, None, "g", frozenset()) for seconds in (0.1, 0.2, 0.3)]
    busy = [Reply("search", Query("q"), 0.4, None, "g", frozenset()), Reply("search", Query("q"), 9.0, "500 broke")]
    findings = Findings(quiet, busy, [Reindex("added", "g", 6, 2.5)], {"g": frozenset()})
    shown = figures(findings)
    assert shown["search failed"] == (0, 1, "")
    assert shown["search p50"][:2] == (200, 400)
    assert shown["search longest"][:2] == (300, 400)
    assert shown["ask p50"][:2] == (None, None)
    assert findings.failed == ["search 'q': 500 broke"]
    assert findings.slower == pytest.approx(0.4 / 0.298)  # p99 of 0.1, 0.2, 0.3 lies 0.98 of the way to the last
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(table(findings))
    assert "2.5" in console.export_text()


def test_a_server_is_never_caught_mixing(
    seeds_dir: Path, vectors_dir: Path, shelf: Shelf, embedder: HashingEmbedder
) -> None:
    """A real one over fakes, under load, while its files change eight times: all answered, each from one generation."""
    reindex(seeds_dir, vectors_dir, embedder)
    state = State(vectors_dir)
    state.use_embedder(embedder)
    state.use_generator(ScriptedGenerator(SENTENCE, yes=0.99))
    state.refresh()
    quiet = Console(file=io.StringIO())
    with listening(state) as port:
        url = f"http://127.0.0.1:{port}"
        findings = asyncio.run(measure(url, shelf, ["Which tram is new?"], 8, 0.5, 20, "generate", quiet))
    assert findings.failed == []
    assert findings.inconsistent == []
    assert len(findings.reindexes) == 8
    assert len(findings.held) == 9
    assert min(len([r for r in findings.busy if r.kind == kind]) for kind in ("search", "ask")) > 0
