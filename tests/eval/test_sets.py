"""Reading sets: what is refused, and how it is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.readers import find_set, read_set
from eval.sets import Item, select, split_of
from rag.errors import InputError

GOOD: dict[str, Any] = {
    "id": "a", "question": "Who?", "lang": "en", "type": "factoid", "answers": ["Ann"], "must_include": [["Ann"]],
    "gold_docs": [], "evidence": [{"file": "a.txt", "quote": "Ann did."}], "answerable": True,
}  # fmt: skip


def write(path: Path, *lines: object) -> Path:
    """A set of these lines; texts as they are, anything else as JSON."""
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_a_set_is_read_with_its_defaults(tmp_path: Path) -> None:
    """Fields that may be absent are empty, the split comes from the hash, blank lines count as lines."""
    refusal = {"id": "b", "question": "Why?", "lang": "ru", "type": "unanswerable", "answerable": False}
    found = read_set(write(tmp_path / "mine.jsonl", GOOD, "", refusal))
    assert found.name == "mine"
    assert [item.line for item in found.items] == [1, 3]
    assert found.items[0].must_include == (("Ann",),)
    assert found.items[1].answers == ()
    assert found.items[1].split == split_of("b")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (GOOD | {"colour": 1}, "unknown field colour"),
        ({"id": "a"}, "field question, lang, type, answerable is missing"),
        (GOOD | {"question": " "}, "question: not a text"),
        (GOOD | {"answerable": "yes"}, "answerable: neither true nor false"),
        (GOOD | {"split": "train"}, "split: neither"),
        (GOOD | {"answers": "Ann"}, "answers: not a list"),
        (GOOD | {"must_include": [[]]}, "must_include: an empty group"),
        (GOOD | {"evidence": [{"file": "a.txt"}]}, "evidence: neither a quotation nor"),
        (GOOD | {"evidence": []}, "neither gold_docs nor evidence"),
        (GOOD | {"answers": [], "must_include": []}, "neither answers nor must_include"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: object, fault: str) -> None:
    """The message holds file, line and what is wrong."""
    path = write(tmp_path / "set.jsonl", GOOD | {"id": "first"}, line)
    with pytest.raises(InputError, match=rf"set\.jsonl:2: .*{fault}"):
        read_set(path)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Two faults, two lines of the message; a repeated id names the line that has it."""
    path = write(tmp_path / "set.jsonl", GOOD, GOOD, "{")
    with pytest.raises(InputError) as caught:
        read_set(path)
    message = str(caught.value)
    assert f"{path}:2: id 'a' is already used in line 1" in message
    assert f"{path}:3: not JSON" in message


def test_an_empty_or_unreadable_set_is_refused(tmp_path: Path) -> None:
    """No questions, no text, no file."""
    with pytest.raises(InputError, match="no questions"):
        read_set(write(tmp_path / "empty.jsonl"))
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_set(binary)
    with pytest.raises(InputError, match=r"no question set 'nothing'.*seeds"):
        find_set("nothing")


def test_samples_nest() -> None:
    """A smaller sample is part of a larger one, in the set's own order."""
    items = [Item(f"q{n}", "?", "en", "t", False, (), (), (), (), split_of(f"q{n}"), n) for n in range(40)]
    small, large = select(items, sample=5), select(items, sample=12)
    assert set(small) < set(large)
    assert [item.line for item in large] == sorted(item.line for item in large)
    assert len(select(items, "dev")) + len(select(items, "test")) == 40
    assert select(items, "dev", 1000) == select(items, "dev")


@given(st.text(min_size=1))
def test_a_question_is_in_one_split_for_ever(question_id: str) -> None:
    """The split depends on the id alone."""
    assert split_of(question_id) == split_of(question_id)
    assert split_of(question_id) in ("dev", "test")
