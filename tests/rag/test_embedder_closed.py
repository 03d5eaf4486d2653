"""What is known of an embedder before it is opened."""

import json
from pathlib import Path

import pytest

import rag.embedder
from rag.embedder import open_embedder
from rag.errors import WeightsDamaged


@pytest.fixture(autouse=True)
def no_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening one is told by an error."""

    def opened(*_: object) -> None:
        raise WeightsDamaged("opened")

    monkeypatch.setattr(rag.embedder, "_load", opened)


def fingerprint(folder: Path) -> str:
    """Of the model in this folder, without the part that names the weights."""
    return open_embedder(str(folder), folder, at_once=False).fingerprint.split("|", 3)[-1]


def test_its_files_tell_its_fingerprint(closed_model: Path) -> None:
    """Arithmetic, pooling, prefixes, length; each in it as the files have it."""
    dtype, pooling, prefixes, longest = fingerprint(closed_model).split("|")
    assert (pooling, json.loads(prefixes), longest) == ("Pooling+Normalize", ["", ""], "128")
    assert dtype in ("float32", "bfloat16")
    own = {"prompts": {"query": "ask: ", "document": "text: "}}
    (closed_model / "config_sentence_transformers.json").write_text(json.dumps(own))
    assert json.loads(fingerprint(closed_model).split("|")[2]) == ["ask: ", "text: "]
    e5 = closed_model.rename(closed_model.with_name("e5-tiny"))
    (e5 / "config_sentence_transformers.json").unlink()
    assert json.loads(fingerprint(e5).split("|")[2]) == ["query: ", "passage: "]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("modules.json", None),
        ("modules.json", "["),
        ("modules.json", "[]"),
        ("modules.json", '[{"type": "StaticEmbedding", "path": ""}]'),
        ("sentence_bert_config.json", None),
        ("sentence_bert_config.json", "{}"),
        ("sentence_bert_config.json", '{"max_seq_length": null}'),
        ("config_sentence_transformers.json", "[]"),
    ],
)
def test_where_they_don_t_it_is_opened(closed_model: Path, file: str, content: str | None) -> None:
    """A file that is missing, broken or of another kind of model is never guessed at."""
    (closed_model / file).unlink() if content is None else (closed_model / file).write_text(content)
    with pytest.raises(WeightsDamaged, match="opened"):
        fingerprint(closed_model)


def test_at_once_means_now(closed_model: Path) -> None:
    """Whoever serves wants to know at the start that it opens."""
    with pytest.raises(WeightsDamaged, match="opened"):
        open_embedder(str(closed_model), closed_model)
