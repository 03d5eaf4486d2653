"""TREC runs and qrels: what is written is read again in the same order, by us and by tools that sort by score."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.readers.trec import read_qrels, read_run, score_run, write_run
from rag.errors import InputError

SCORES = st.lists(st.floats(-1e6, 1e6), max_size=20)


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_a_run_has_trecs_form(tmp_path: Path) -> None:
    """Six fields, ranks from 1, equal scores made to fall; blanks in ids don't part fields."""
    path = tmp_path / "ranking.trec"
    write_run(path, {"q 1": [("a", 0.5), ("b", 0.5)], "q2": []}, "my run")
    assert path.read_text() == "q%201 Q0 a 1 0.5 my%20run\nq%201 Q0 b 2 0.49999997 my%20run\n"
    assert list(tmp_path.iterdir()) == [path]


@settings(deadline=None)  # the disk may be busy
@given(SCORES)
def test_the_order_survives(scores: list[float]) -> None:
    """Whatever the scores: also where they are equal in single precision, or rise."""
    ranked = [(f"d{n}", score) for n, score in enumerate(scores)]
    with TemporaryDirectory() as folder:
        path = Path(folder, "ranking.trec")
        write_run(path, {"other": [("x", 1.0)], "q": ranked}, "tag")
        found = read_run(path).get("q", [])
    assert [document for document, _ in found] == [document for document, _ in ranked]
    single = [np.float32(score) for _, score in found]
    assert all(later < earlier for earlier, later in pairwise(single))


def test_runs_are_ordered_by_score(tmp_path: Path) -> None:
    """As trec_eval orders them, not by the rank column, which decides between equals only."""
    lines = ("q Q0 low 1 0.1 t", "q Q0 b 3 0.9 t", "q Q0 a 2 0.9 t")
    assert read_run(write(tmp_path / "run", *lines)) == {"q": [("a", 0.9), ("b", 0.9), ("low", 0.1)]}


def test_qrels_of_both_forms_are_read(tmp_path: Path) -> None:
    """Four fields as TREC has them, or BEIR's three under their header."""
    expected = {"q1": {"d1": 2, "d2": 0}, "q2": {"d 3": 1}}
    assert read_qrels(write(tmp_path / "a", "q1 0 d1 2", "q1 0 d2 0", "", "q2\t0\td 3\t1")) == expected
    header = "query-id\tcorpus-id\tscore"
    assert read_qrels(write(tmp_path / "b", header, "q1\td1\t2", "q1\td2\t0", "q2\td 3\t1\r")) == expected


def test_faults_are_named(tmp_path: Path) -> None:
    """All of a file's at once."""
    run = write(tmp_path / "run", "q Q0 d 1 0.5 t", "q Q0 d 2 0.4 t", "q Q0 e one 0.4 t", "q Q0 e 1 nan t", "q Q0")
    with pytest.raises(InputError) as caught:
        read_run(run)
    told = str(caught.value).splitlines()
    assert f"{run}:2: document 'd' stands twice in the ranking of query 'q'" in told[0]
    assert [line.split(": ")[0] for line in told[1:]] == [f"{run}:3", f"{run}:4", f"{run}:5"]
    with pytest.raises(InputError, match=r"qrels:2: document 'd' of query 'q' is judged twice, differently"):
        read_qrels(write(tmp_path / "qrels", "q 0 d 1", "q 0 d 0"))
    with pytest.raises(InputError, match="no judgements"):
        read_qrels(write(tmp_path / "empty"))
    with pytest.raises(InputError, match="no rankings"):
        read_run(tmp_path / "empty")


def test_a_run_is_scored_against_qrels() -> None:
    """A judged query that was not run counts 0; one without a relevant document does not count."""
    qrels = {"q1": {"a": 1, "b": 2, "c": 0}, "q2": {"d": 1}, "q3": {"e": 0}}
    run = {"q1": [("c", 0.9), ("a", 0.8), ("b", 0.7)], "q9": [("a", 1.0)]}
    scores = score_run(run, qrels)
    assert scores["hit@1"] == 0
    assert scores["hit@5"] == scores["recall@10"] == 1 / 2
    assert scores["mrr"] == (1 / 2 + 0) / 2
    assert scores["map"] == pytest.approx(((1 / 2 + 2 / 3) / 2 + 0) / 2)
    with pytest.raises(ValueError, match="no query of the qrels"):
        score_run(run, {"q3": {"e": 0}})
