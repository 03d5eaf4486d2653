"""A file of questions that grows a line at a time: ids, what is on the disk, what is refused."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.new import Draft, SeedText, read_seed_texts, worth_asking
from eval.question_file import UNSEEN, QuestionFile
from eval.readers import read_set
from rag.errors import InputError

OLD = {
    "id": "q007", "question": "What is the fare?", "lang": "en", "type": "numeric", "answers": ["120 tenge"],
    "must_include": [["120"]], "evidence": ["The fare is 120 tenge."], "answerable": True,
}  # fmt: skip


@pytest.fixture
def draft(seeds_dir: Path) -> Draft:
    """A draft from the first article of the made-up seeds."""
    return draft_of(read_seed_texts([seeds_dir / "almaty.txt"], seeds_dir, pytest.fail)[0])


def draft_of(seed: SeedText) -> Draft:
    """A draft from its first sentence."""
    span = worth_asking(seed)[0]
    quote = seed.text[span.start : span.end]
    return Draft(seed, span, quote, "How long is the new tram line in Almaty?", "14 kilometres", "en", "numeric")


def test_a_set_is_begun_and_read_back(draft: Draft, tmp_path: Path) -> None:
    """Each line is a question of Derek's own form, its evidence quoted from its file."""
    questions = QuestionFile(tmp_path / "mine.jsonl")
    assert not questions.path.exists()
    assert questions.add(draft) == "q001"
    assert questions.add(replace(draft, question="Та же линия?", lang="ru"), UNSEEN) == "draft-001"
    assert questions.add(draft) == "q002"
    first, second, _ = read_set(questions.path).items
    assert (first.id, first.type, first.answers, first.must_include) == (
        "q001",
        "numeric",
        ("14 kilometres",),
        (("14",),),
    )
    assert (first.evidence[0].file, first.evidence[0].quote) == ("almaty.txt", draft.quote)
    assert "Та же" in questions.path.read_text("utf-8")
    assert second.lang == "ru"
    assert (questions.questions[0], questions.quotes[0]) == (draft.question, draft.quote)


def test_evidence_of_no_file_is_a_quotation(draft: Draft, tmp_path: Path) -> None:
    """An article that no index names by its file is found by its words."""
    questions = QuestionFile(tmp_path / "mine.jsonl")
    questions.add(replace(draft, seed=replace(draft.seed, file=None)))
    assert json.loads(questions.path.read_text())["evidence"] == [draft.quote]
    assert read_set(questions.path).items[0].evidence[0].file is None


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_set_goes_on(draft: Draft, tmp_path: Path, end: str) -> None:
    """What stands there stays byte for byte, ids go on after the highest, a missing newline is made up for."""
    path = tmp_path / "old.jsonl"
    before = json.dumps(OLD) + end
    path.write_text(before)
    assert QuestionFile(path).add(draft) == "q008"
    assert path.read_text("utf-8").startswith(before)
    assert [item.id for item in read_set(path).items] == ["q007", "q008"]


def test_another_hand_in_the_file_is_seen(draft: Draft, tmp_path: Path) -> None:
    """A line added by an editor in between counts; one that breaks the set stops the addition."""
    path = tmp_path / "mine.jsonl"
    questions = QuestionFile(path)
    path.write_text(json.dumps(OLD) + "\n")
    assert questions.add(draft) == "q008"
    with path.open("a") as file:
        file.write("{broken\n")
    held = path.read_bytes()
    with pytest.raises(InputError, match=r"mine\.jsonl:3: not JSON"):
        questions.add(draft)
    assert path.read_bytes() == held


def test_no_sound_place_is_refused(tmp_path: Path) -> None:
    """A broken set by file:line, another suffix, a folder that isn't there; an empty file is a beginning."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(OLD) + "\n" + json.dumps(OLD) + "\n")
    with pytest.raises(InputError, match=r"broken\.jsonl:2: id 'q007' is already used in line 1"):
        QuestionFile(broken)
    for name, said in (("set.json", "a .jsonl file"), ("no/set.jsonl", "make the folder")):
        with pytest.raises(InputError, match=said):
            QuestionFile(tmp_path / name)
    (tmp_path / "empty.jsonl").write_text("\n")
    assert QuestionFile(tmp_path / "empty.jsonl").items == ()


def test_a_full_disk_leaves_the_file_as_it_was(draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No half line stays behind, and the same addition works later."""
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(OLD) + "\n")
    held = path.read_bytes()
    questions = QuestionFile(path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="No space left on device"):
            questions.add(draft)
    assert path.read_bytes() == held
    assert questions.add(draft) == "q008"


def test_what_is_no_question_is_not_added(draft: Draft, tmp_path: Path) -> None:
    """Half a surrogate pair, a blank question or no answer never reach the file."""
    questions = QuestionFile(tmp_path / "mine.jsonl")
    for changed in (
        replace(draft, question="Who \ud800?"),
        replace(draft, question=" "),
        replace(draft, answer="|"),
        replace(draft, type=""),
    ):
        with pytest.raises(ValueError):
            questions.add(changed)
    assert not questions.path.exists()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["list", "numeric"])), max_size=4))
def test_what_was_added_is_read_back(draft: Draft, tmp_path: Path, typed: list[tuple[str, str, str]]) -> None:
    """Whatever is typed: an addition is refused, or the strict reader reads the same question, under its own id."""
    path = tmp_path / "typed.jsonl"
    path.unlink(missing_ok=True)
    questions = QuestionFile(path)
    kept = []
    for question, answer, kind in typed:
        try:
            added = questions.add(replace(draft, question=question, answer=answer, type=kind))
        except ValueError:
            continue
        kept.append((added, question))
    assert [(item.id, item.question) for item in (read_set(path).items if kept else ())] == kept
