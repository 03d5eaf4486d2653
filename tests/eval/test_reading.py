"""A run read back from its folder."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from runs import a_record, right, wrong

from eval.reading import read_run, spent
from eval.records import Record
from rag.errors import InputError


def _write(runs_dir: Path, name: str, *records: Record, metrics: str | None = None) -> None:
    folder = runs_dir / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"name": name, "set": {"name": "trams"}}), "utf-8")
    lines = (json.dumps(asdict(record), ensure_ascii=False) + "\n" for record in records)
    (folder / "answers.jsonl").write_text("".join(lines), "utf-8")
    if metrics is not None:
        (folder / "metrics.json").write_text(metrics, "utf-8")


def test_a_run_that_is_not_complete_is_read_all_the_same(tmp_path: Path) -> None:
    """Its metrics are those of the questions so far; of two records of a question the later one counts."""
    _write(tmp_path, "mine", a_record("1", wrong()), a_record("2", right()), a_record("1", right()))
    run = read_run(tmp_path, "mine")
    assert not run.complete
    assert [record.id for record in run.records] == ["1", "2"]
    assert run.summary["overall"]["right"]["value"] == 1.0
    assert spent(run.summary)[0][0] == "seconds"


def test_metrics_of_a_complete_run_are_as_written(tmp_path: Path) -> None:
    """They are not computed again."""
    _write(tmp_path, "mine", a_record("1"), metrics='{"questions": 7}')
    run = read_run(tmp_path, "mine")
    assert run.complete and run.summary == {"questions": 7}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """No such run: the others are listed. A file that is no JSON object: its path and the way out."""
    with pytest.raises(InputError, match="no run of this name; there are: none"):
        read_run(tmp_path, "mine")
    _write(tmp_path, "mine", a_record("1"), metrics="{")
    _write(tmp_path, "other", a_record("1"), metrics="[]")
    with pytest.raises(InputError, match="there are: mine, other"):
        read_run(tmp_path, "third")
    with pytest.raises(InputError, match=r"metrics\.json: can't be read .*run the set anew"):
        read_run(tmp_path, "mine")
    with pytest.raises(InputError, match=r"metrics\.json: not a JSON object"):
        read_run(tmp_path, "other")
