"""Sets in BEIR's layout."""

import shutil
from pathlib import Path

import pytest
from jsonl import write_jsonl

from eval.readers import read_set
from rag.errors import InputError

ORCHARD = Path(__file__).parent / "samples" / "orchard"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample that may be changed."""
    return shutil.copytree(ORCHARD, tmp_path / "orchard")


def test_the_sample_is_read() -> None:
    """Relevance above 0 is gold; a query without gold is left out; nothing says what a right answer is."""
    found = read_set(ORCHARD)
    assert (found.name, len(found.documents), len(found.items)) == ("orchard", 8, 7)
    assert found.items[0].gold_docs == ("d1",)
    assert found.items[1].gold_docs == ("d2", "d8")
    assert {item.split for item in found.items} == {"test"}
    assert {(item.lang, item.type, item.answerable, item.answers) for item in found.items} == {
        ("en", "retrieval", True, ())
    }
    assert found.place(found.items[1]) == f"{ORCHARD / 'queries.jsonl'}:2"


def test_which_judgements_are_taken(folder: Path) -> None:
    """test.tsv before dev.tsv, dev.tsv before others, any other only where it is alone; dev.tsv makes dev questions."""
    qrels = folder / "qrels"
    (qrels / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq3\td3\t1\n")
    (qrels / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq4\td4\t1\n")
    assert len(read_set(folder).items) == 7
    (qrels / "test.tsv").unlink()
    assert [(item.id, item.split) for item in read_set(folder).items] == [("q3", "dev")]
    (qrels / "dev.tsv").unlink()
    assert [(item.id, item.split) for item in read_set(folder).items] == [("q4", "test")]
    (qrels / "more.tsv").write_text("")
    with pytest.raises(
        InputError, match=r"expected test\.tsv, dev\.tsv or a single \.tsv file, found more\.tsv, train"
    ):
        read_set(folder)
    shutil.rmtree(qrels)
    with pytest.raises(InputError, match=r"found no \.tsv file"):
        read_set(folder)


def test_faults_are_named(folder: Path) -> None:
    """Judgements of documents and queries that are not there, and lines that are none."""
    with (folder / "qrels" / "test.tsv").open("a") as file:
        file.write("q1\td99\t1\nq77\td1\t1\nq1\td3\thigh\nq1\n")
    with (folder / "queries.jsonl").open("a") as file:
        file.write('{"_id": "q1", "text": "again"}\n{"_id": "q2x"}\n')
    with pytest.raises(InputError) as caught:
        read_set(folder)
    told = str(caught.value).splitlines()
    assert [line.split(f"{folder}/")[1].split(": ", 1)[0] for line in told] == [
        "qrels/test.tsv:12", "qrels/test.tsv:14", "qrels/test.tsv:15", "queries.jsonl:9", "qrels/test.tsv:13",
    ]  # fmt: skip
    assert "document 'd99' is not in corpus.jsonl" in told[0]
    assert "relevance 'high' is not a whole number" in told[1]
    assert "1 fields, expected" in told[2]
    assert "id 'q1' is already used in line 1" in told[3]
    assert "query 'q77' is not in queries.jsonl" in told[4]


def test_a_set_in_which_nothing_is_relevant_is_refused(folder: Path) -> None:
    """There would be nothing to ask."""
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t0\n")
    with pytest.raises(InputError, match=r"test\.tsv:1: no relevant document"):
        read_set(folder)


def test_another_field_can_be_asked(folder: Path) -> None:
    """A query without it is a fault only where the query is asked."""
    write_jsonl(folder / "queries.jsonl", {"_id": "q1", "text": "x", "text_en": "When to prune?"}, {"_id": "q8"})
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    assert [item.question for item in read_set(folder, "text_en").items] == ["When to prune?"]
    with pytest.raises(InputError, match=r"queries\.jsonl:1: no field 'text_de' to ask; there are _id, text, text_en"):
        read_set(folder, "text_de")
