"""Sets in Derek's own form, and how a set is found: what is refused, and how it is said."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from jsonl import write_jsonl

from eval.readers import SHIPPED, find_set, read_set
from eval.sets import split_of
from rag.errors import InputError

GOOD: dict[str, Any] = {
    "id": "a", "question": "Who?", "lang": "en", "type": "factoid", "answers": ["Ann"], "must_include": [["Ann"]],
    "gold_docs": [], "evidence": [{"file": "a.txt", "quote": "Ann did."}], "answerable": True,
}  # fmt: skip


def test_a_set_is_read_with_its_defaults(tmp_path: Path) -> None:
    """Fields that may be absent are empty, the split comes from the hash, blank lines count as lines."""
    refusal = {"id": "b", "question": "Why?", "lang": "ru", "type": "unanswerable", "answerable": False}
    path = write_jsonl(tmp_path / "mine.jsonl", GOOD, "", refusal)
    found = read_set(path)
    assert (found.name, found.path, found.documents) == ("mine", path, ())
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [item.line for item in found.items] == [1, 3]
    assert found.items[0].must_include == (("Ann",),)
    assert found.items[1].answers == ()
    assert found.items[1].split == split_of("b")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "not a JSON object"),
        (GOOD | {"colour": 1}, "unknown field colour"),
        ({"id": "a"}, "field question, lang, type, answerable is missing"),
        (GOOD | {"question": " "}, "question: not a text"),
        (GOOD | {"question": "Who\ud800?"}, "question: holds a NUL character or half a surrogate pair"),
        (GOOD | {"answerable": "yes"}, "answerable: neither true nor false"),
        (GOOD | {"split": "train"}, "split: neither"),
        (GOOD | {"split": ["dev"]}, "split: neither"),
        (GOOD | {"answers": "Ann"}, "answers: not a list"),
        (GOOD | {"must_include": [[]]}, "must_include: an empty group"),
        (GOOD | {"must_not_include": "Bob"}, "must_not_include: not a list"),
        (GOOD | {"must_not_include": ["\u200b"]}, "must_not_include: a text without a visible character"),
        (GOOD | {"evidence": [{"file": "a.txt"}]}, "evidence: neither a quotation nor"),
        (GOOD | {"evidence": []}, "neither gold_docs nor evidence"),
        (GOOD | {"answers": [], "must_include": []}, "neither answers nor must_include"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: object, fault: str) -> None:
    """The message holds file, line and what is wrong."""
    path = write_jsonl(tmp_path / "set.jsonl", GOOD | {"id": "first"}, line)
    with pytest.raises(InputError, match=rf"set\.jsonl:2: .*{fault}"):
        read_set(path)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Two faults, two lines of the message; a repeated id names the line that has it."""
    path = write_jsonl(tmp_path / "set.jsonl", GOOD, GOOD, "{")
    with pytest.raises(InputError) as caught:
        read_set(path)
    message = str(caught.value)
    assert f"{path}:2: id 'a' is already used in line 1" in message
    assert f"{path}:3: not JSON" in message


def test_of_many_faults_ten_are_shown(tmp_path: Path) -> None:
    """The message ends with how many more there are."""
    with pytest.raises(InputError, match=r"set\.jsonl:10: .*\n… and 5 more$"):
        read_set(write_jsonl(tmp_path / "set.jsonl", *["{"] * 15))


def test_another_field_can_be_asked(tmp_path: Path) -> None:
    """A translation is asked in its own language; a line without it is a fault that names what there is."""
    both = GOOD | {"question": "Кто это сделал?", "lang": "ru", "question_en": "Who did it?"}
    item = read_set(write_jsonl(tmp_path / "set.jsonl", both), "question_en").items[0]
    assert (item.question, item.lang) == ("Who did it?", "en")
    path = write_jsonl(tmp_path / "half.jsonl", both, GOOD | {"id": "b"})
    with pytest.raises(InputError, match=r"half\.jsonl:2: no field 'question_en' to ask; there are .*must_include"):
        read_set(path, "question_en")
    with pytest.raises(InputError, match=r"half\.jsonl:1: unknown field question_en"):
        read_set(path)


def test_an_empty_or_unreadable_set_is_refused(tmp_path: Path) -> None:
    """No questions, no text, no known form."""
    with pytest.raises(InputError, match="no questions"):
        read_set(write_jsonl(tmp_path / "empty.jsonl"))
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_set(binary)
    with pytest.raises(InputError, match="UTF-8"):
        read_set(tmp_path / "missing.jsonl")
    with pytest.raises(InputError, match=r"set\.csv: no question set; expected a \.jsonl file"):
        read_set(tmp_path / "set.csv")


def test_a_set_is_found_by_path_or_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of some other kind does not hide the shipped set of its name; one with a corpus is a set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    assert find_set("seeds") == SHIPPED / "seeds.jsonl"
    assert find_set("hostile") == SHIPPED / "hostile"
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match="other: no question set; expected"):
        find_set("other")
    write_jsonl(tmp_path / "public" / "corpus.jsonl")
    assert find_set("public") == Path("public")
    assert find_set(str(write_jsonl(tmp_path / "own.jsonl"))) == tmp_path / "own.jsonl"
    with pytest.raises(InputError, match=r"no question set 'nothing'.*hostile, seeds"):
        find_set("nothing")
