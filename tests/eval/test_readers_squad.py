"""Sets in SQuAD's form."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.readers import read_set
from eval.sets import QuestionSet
from rag.errors import InputError

LIGHTHOUSE = Path(__file__).parent / "samples" / "lighthouse.json"
CONTEXT = "The bridge is old. It was built in 1702, and again in 1702 after the fire. Nobody paid."


def one(question: dict[str, Any]) -> dict[str, Any]:
    """A file of one paragraph with one question."""
    return {"data": [{"title": "Old_bridge", "paragraphs": [{"context": CONTEXT, "qas": [question]}]}]}


def asked(answers: Any, **fields: Any) -> dict[str, Any]:
    """A question with these answers."""
    return {"id": "b1", "question": "When was the bridge built?", "answers": answers, **fields}


def read(folder: Path, values: object, indent: int | None = 1) -> QuestionSet:
    """The set written to a file and read."""
    path = folder / "bridge.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values, indent=indent))
    return read_set(path)


def test_the_sample_is_read() -> None:
    """A paragraph is a document under its article's title; evidence is the sentence of the first answer."""
    found = read_set(LIGHTHOUSE)
    assert (found.name, len(found.documents), len(found.items)) == ("lighthouse", 4, 10)
    assert found.documents[1].id == "Lighthouse_of_Varnholm-1"
    assert found.documents[1].title == "Lighthouse of Varnholm"
    last = next(item for item in found.items if item.id == "varnholm-last")
    assert (last.gold_docs, last.answers, last.lang) == (("Lighthouse_of_Varnholm-1",), ("3 May 1968",), "en")
    assert last.evidence[0].quote == "The last keeper, Jonas Eik, left the station on 3 May 1968."
    assert f'"{last.id}"' in LIGHTHOUSE.read_text().splitlines()[last.line - 1]


def test_what_is_impossible_has_no_gold() -> None:
    """Not even the plausible answer of SQuAD 2.0."""
    refused = [item for item in read_set(LIGHTHOUSE).items if not item.answerable]
    assert len(refused) == 3
    assert {(item.type, item.answers, item.gold_docs, item.evidence) for item in refused} == {
        ("unanswerable", (), (), ())
    }


def test_answers_are_distinct_and_in_order(tmp_path: Path) -> None:
    """Annotators often agree."""
    answers = [{"text": text, "answer_start": CONTEXT.index(text)} for text in ("1702", "in 1702", "1702")]
    assert read(tmp_path, one(asked(answers))).items[0].answers == ("1702", "in 1702")


@pytest.mark.parametrize("start", [60, 0, -1, 9999])
def test_an_offset_that_is_off_is_put_right(tmp_path: Path, start: int) -> None:
    """The nearest occurrence counts."""
    item = read(tmp_path, one(asked([{"text": "1702", "answer_start": start}]))).items[0]
    assert item.evidence[0].quote == "It was built in 1702, and again in 1702 after the fire."


def test_a_file_of_one_line_is_read_as_well(tmp_path: Path) -> None:
    """Published files have no line breaks; questions of one id are told apart all the same."""
    question = asked([{"text": "1702", "answer_start": 35}])
    values = one(question)
    assert read(tmp_path, values, indent=None).items[0].line == 1
    values["data"][0]["paragraphs"][0]["qas"].append(question)
    with pytest.raises(InputError, match=r"bridge\.json:1: paragraph 0 of 'Old_bridge': id 'b1' is already used"):
        read(tmp_path, values, indent=None)


def test_articles_of_one_title_make_documents_of_their_own(tmp_path: Path) -> None:
    """Ids go on counting."""
    values = one(asked([], is_impossible=True))
    values["data"].append({"title": "Old_bridge", "paragraphs": [{"context": "Another one.", "qas": []}]})
    assert [document.id for document in read(tmp_path, values).documents] == ["Old_bridge-0", "Old_bridge-1"]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ('{"data":\n [}', "2: not JSON"),
        ("[" * 100_000, "1: JSON nested too deeply"),
        ([], "1: not SQuAD's form: the file has no list 'data'"),
        ({"data": [{"title": "T"}]}, "1: not SQuAD's form: article 'T' has no list 'paragraphs'"),
        ({"data": [{"title": 3}]}, "1: title: not a text"),
        ({"data": []}, "1: no questions"),
        ({"data": [{"title": "T", "paragraphs": [{"qas": []}]}]}, "1: paragraph 0 of 'T': context: not a text"),
        ({"data": [{"title": "T", "paragraphs": [{"context": "x"}]}]}, "7: paragraph 0 of 'T': qas: not a list"),
        (one(asked([])), "10: .*question 'b1': neither impossible nor answered"),
        (one(asked([{"text": "1802", "answer_start": 3}])), "10: .*'1802' does not stand in the paragraph"),
        (one(asked(["1702"])), r"10: .*not \{text, answer_start\}"),
        (one(asked([], is_impossible="yes")), "10: .*is_impossible: neither true nor false"),
        (one({"id": "b1", "answers": []}), "10: .*no field 'question' to ask"),
        (one({"question": "?"}), "id: not a text"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, values: object, fault: str) -> None:
    """With the line of the question, as far as there is one."""
    with pytest.raises(InputError, match=rf"bridge\.json:{fault}" if fault[0].isdigit() else fault):
        read(tmp_path, values)
