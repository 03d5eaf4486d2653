"""Public sets in a folder: documents of their own, questions tied to a part of them."""

from pathlib import Path
from typing import Any

import pytest
from jsonl import write_jsonl

from eval.readers import read_set
from eval.sets import Document, Evidence, Insight, QuestionSet
from rag.errors import InputError

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "d1", "title": "Trams", "text": "The tram is red.", "date": "2026-03-04", "haystack": "north", "lang": "en"},
    {"id": "d2", "title": "", "text": "The bus is blue.", "haystack": "south", "source": "a newspaper"},
    {"id": "d3", "title": None, "text": "The ferry is grey.", "haystack": "south"},
]
QUESTION: dict[str, Any] = {
    "id": "q1", "question": "Which colour is the tram?", "lang": "en", "type": "colour", "answers": ["red"],
    "gold_docs": ["d1"], "evidence": ["The tram is red."], "answerable": True, "group": "g", "near_doc": "d2",
}  # fmt: skip


def read(folder: Path, *questions: object, documents: object = DOCUMENTS, field: str = "question") -> QuestionSet:
    """The set of these lines, written to `folder` and read."""
    assert isinstance(documents, list)
    write_jsonl(folder / "corpus.jsonl", *documents)
    write_jsonl(folder / "questions.jsonl", *questions)
    return read_set(folder, field)


def test_a_set_brings_its_documents(tmp_path: Path) -> None:
    """Documents in order, fields of the set's makers passed over, the name that of the folder."""
    found = read(tmp_path / "public", QUESTION)
    assert found.name == "public"
    assert found.documents[0] == Document("d1", "Trams", "The tram is red.", "2026-03-04", "north")
    assert found.documents[1] == Document("d2", "", "The bus is blue.", None, "south")
    assert found.documents[2].title == ""
    assert found.items[0].gold_docs == ("d1",)
    assert found.place(found.items[0]) == f"{tmp_path / 'public' / 'questions.jsonl'}:1"


def test_the_checksum_is_of_both_files(tmp_path: Path) -> None:
    """Another document or another question makes it another set."""
    first = read(tmp_path, QUESTION)
    assert read(tmp_path, QUESTION).sha256 == first.sha256
    assert read(tmp_path, QUESTION | {"type": "other"}).sha256 != first.sha256
    assert read(tmp_path, QUESTION, documents=DOCUMENTS[:1]).sha256 != first.sha256


@pytest.mark.parametrize(
    ("fields", "haystack"),
    [
        ({"haystack": "north"}, "north"),
        ({}, "north"),
        ({"gold_docs": ["d2", "d3"], "evidence": []}, "south"),
        ({"gold_docs": ["d1", "d2"]}, None),
        ({"haystack": None, "gold_docs": ["d2"], "evidence": []}, "south"),
    ],
)
def test_a_question_is_asked_of_a_haystack(tmp_path: Path, fields: dict[str, Any], haystack: str | None) -> None:
    """Of the one it names, else of the one that all its gold is in, else of the whole corpus."""
    assert read(tmp_path, QUESTION | fields).items[0].haystack == haystack


def test_without_haystacks_the_whole_corpus_is_asked(tmp_path: Path) -> None:
    """Nothing is made up where documents name none."""
    plain = [{name: value for name, value in document.items() if name != "haystack"} for document in DOCUMENTS]
    assert read(tmp_path, QUESTION, documents=plain).items[0].haystack is None


@pytest.mark.parametrize(("given", "split"), [("dev", "dev"), ("heldout", "test"), ("validation", "test")])
def test_what_is_not_dev_is_test(tmp_path: Path, given: str, split: str) -> None:
    """A split of an unknown name is not tuned on."""
    assert read(tmp_path, QUESTION | {"split": given}).items[0].split == split


def test_a_file_of_evidence_is_a_document(tmp_path: Path) -> None:
    """It becomes gold, its quotation one of the gold documents."""
    item = read(tmp_path, QUESTION | {"gold_docs": [], "evidence": [{"file": "d2", "quote": "is blue"}]}).items[0]
    assert (item.gold_docs, item.evidence) == (("d2",), (Evidence(None, "is blue"),))


def test_quotations_alone_make_gold(tmp_path: Path) -> None:
    """Every document that holds one is gold, of the haystack that is asked; and gold tells the haystack."""
    quoted = QUESTION | {"gold_docs": [], "evidence": ["is red", "is blue"]}
    item = read(tmp_path, quoted).items[0]
    assert (item.gold_docs, item.haystack) == (("d1", "d2"), None)
    item = read(tmp_path, quoted | {"evidence": ["The "], "haystack": "south"}).items[0]
    assert (item.gold_docs, item.haystack) == (("d2", "d3"), "south")
    assert read(tmp_path, quoted | {"evidence": ["is grey"]}).items[0].haystack == "south"


def test_only_retrieval_may_be_asked(tmp_path: Path) -> None:
    """A question with gold documents needs no answers here."""
    assert read(tmp_path, QUESTION | {"answers": []}).items[0].answers == ()


def test_another_field_can_be_asked(tmp_path: Path) -> None:
    """As in the public samples that bring a translation."""
    translated = QUESTION | {"question": "Какого цвета трамвай?", "lang": "ru", "question_en": "Which colour is it?"}
    assert read(tmp_path, translated, field="question_en").items[0].question == "Which colour is it?"
    with pytest.raises(InputError, match=r"questions\.jsonl:1: no field 'question_en' to ask"):
        read(tmp_path, QUESTION, field="question_en")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"gold_docs": ["d1", "d9"]}, "gold document 'd9' is not in corpus.jsonl"),
        ({"haystack": "west"}, "no document of corpus.jsonl is in 'west'"),
        ({"haystack": "south"}, "asked of 'south', but a gold document is not in it"),
        ({"haystack": 7}, "haystack: not a text"),
        ({"evidence": ["The bus is blue."]}, "no gold document holds 'The bus is blue.' word for word"),
        ({"gold_docs": [], "haystack": "south"}, "no gold document holds 'The tram is red.' word for word"),
        ({"split": 1}, "split: not a text"),
        ({"gold_docs": [], "evidence": []}, "neither gold_docs nor evidence"),
    ],
)
def test_a_faulty_question_is_named(tmp_path: Path, fields: dict[str, Any], fault: str) -> None:
    """With the file, the line and what is wrong."""
    with pytest.raises(InputError, match=rf"questions\.jsonl:2: .*{fault}"):
        read(tmp_path, QUESTION, QUESTION | {"id": "q2"} | fields)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"id": "d1", "text": "again"}, "id 'd1' is already used in line 1"),
        ({"title": "no id", "text": "x"}, "id: not a text"),
        ({"id": "d9", "title": " ", "text": " "}, "text: not a text, or a blank one"),
        ({"id": "d9", "text": ["x"]}, "text: not a text"),
        ({"id": "d9", "text": "a\0b"}, "text: holds a NUL character"),
        ({"id": "d9", "text": "x", "date": "last week"}, "date: 'last week' is not ISO 8601"),
        ("nonsense", "not JSON"),
    ],
)
def test_a_faulty_document_is_named(tmp_path: Path, document: object, fault: str) -> None:
    """Nothing is read from a set with a broken corpus."""
    with pytest.raises(InputError, match=rf"corpus\.jsonl:4: .*{fault}"):
        read(tmp_path, QUESTION, documents=[*DOCUMENTS, document])


def test_a_document_of_a_title_alone_is_its_title(tmp_path: Path) -> None:
    """Public corpora have such."""
    found = read(tmp_path, QUESTION, documents=[*DOCUMENTS, {"id": "d9", "title": "Trolleybuses", "text": ""}])
    assert found.documents[-1].text == "Trolleybuses"


def test_faults_of_both_files_are_told_together(tmp_path: Path) -> None:
    """One look at the message shows all there is to mend; an empty file is a fault too."""
    with pytest.raises(InputError, match=r"(?s)corpus\.jsonl:1: .*questions\.jsonl:1: "):
        read(tmp_path, "{", documents=["{"])
    with pytest.raises(InputError, match=r"corpus\.jsonl:1: no documents"):
        read(tmp_path, documents=[])


def test_a_folder_without_questions_is_no_set(tmp_path: Path) -> None:
    """The message says what is expected."""
    with pytest.raises(InputError, match=r"corpus\.jsonl is missing; expected"):
        read_set(tmp_path)
    write_jsonl(tmp_path / "corpus.jsonl", *DOCUMENTS)
    with pytest.raises(InputError, match=r"no question set; expected .*questions\.jsonl or queries\.jsonl with qrels/"):
        read_set(tmp_path)


def test_insights_are_read_with_their_documents(tmp_path: Path) -> None:
    """Fields of their makers are passed over; one without documents, or with others than gold, is a fault."""
    insights = [{"text": "It is red.", "docs": ["d1"], "name": "Colour"}]
    (item,) = read(tmp_path / "set", QUESTION | {"insights": insights}).items
    assert item.insights == (Insight("It is red.", ("d1",)),)
    for number, (wrong, said) in enumerate(
        [
            (["It is red."], "not {text, docs}"),
            ([{"text": "It is red."}], "insights.docs: not a list"),
            ([{"text": "It is red.", "docs": []}], "insights.docs: none"),
            ([{"text": " ", "docs": ["d1"]}], "insights.text: not a text"),
            ([{"text": "It is red.", "docs": ["d2"]}], "insights: a document that is not among gold_docs"),
        ]
    ):
        with pytest.raises(InputError, match=said):
            read(tmp_path / str(number), QUESTION | {"insights": wrong})
