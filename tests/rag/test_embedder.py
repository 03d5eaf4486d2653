"""The embedder: a tiny made-up model for its shapes and edges, the real one for its sense."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from tiny_models import HIDDEN, e5_bytes

import rag.embedder
from rag.embedder import open_embedder
from rag.errors import WeightsDamaged, WeightsMissing
from rag.models.e5 import write_checkpoint
from rag.types import Embedder

pytestmark = pytest.mark.slow
NAME = "multilingual-e5-small"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with a model of one layer, named as no E5 model."""
    path = tmp_path_factory.mktemp("models")
    (path / "packed.bin").write_bytes(e5_bytes())
    write_checkpoint(path / "packed.bin", path / "tiny")
    return path / "tiny"


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Embedder:
    """The tiny model."""
    return open_embedder(str(folder), folder)


def test_vectors_are_unit_float32(tiny: Embedder) -> None:
    """Rows of unit length in the order of the texts, whatever their lengths; none for no text."""
    texts = ["a", "a long text of many letters", "", "b c", "ж"] * 8
    vectors = tiny.embed_passages(texts)
    assert vectors.shape == (len(texts), tiny.dim) == (40, HIDDEN)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[5], atol=1e-2)
    assert tiny.embed_queries([]).shape == (0, HIDDEN)
    assert tiny.count_tokens([]) == []


def test_tokens_are_counted_without_specials(tiny: Embedder) -> None:
    """Three words of one letter are three tokens; surrounding specials are not counted, nor is anything cut."""
    assert tiny.count_tokens(["a b c", "", "ab" * 500]) == [3, 0, 1000]
    assert tiny.max_tokens == 64


def test_prefixes_are_for_e5_alone(folder: Path, tiny: Embedder) -> None:
    """A folder of another name gets no prefixes; one that says E5 does, and has another fingerprint."""
    assert np.allclose(tiny.embed_queries(["a b"]), tiny.embed_passages(["a b"]), atol=1e-5)
    write_checkpoint(folder.parent / "packed.bin", folder.parent / "own" / "e5-tiny")
    e5 = open_embedder(str(folder.parent / "own" / "e5-tiny"), folder)
    assert not np.allclose(e5.embed_queries(["a b"]), e5.embed_passages(["a b"]), atol=1e-5)
    assert e5.fingerprint != tiny.fingerprint


def test_files_and_open_model_agree(folder: Path, tiny: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its files tell of its fingerprint is what the open model would."""
    told = tiny.fingerprint
    monkeypatch.setattr(rag.embedder, "_stated", lambda *_: None)
    assert open_embedder(str(folder), folder).fingerprint == told


def test_threads_may_share_it(tiny: Embedder) -> None:
    """Calls from several threads give what calls one after another give."""
    texts = [f"{letter} {letter}" for letter in "abcdef"]
    expected = [tiny.embed_queries([text]) for text in texts]
    found: dict[int, np.ndarray] = {}
    threads = [
        Thread(target=lambda i=i: found.__setitem__(i, tiny.embed_queries([texts[i]]))) for i in range(len(texts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, vectors in enumerate(expected):
        assert np.array_equal(found[i], vectors)


def test_counting_and_embedding_keep_out_of_each_others_way(tiny: Embedder) -> None:
    """Tokens are counted as ever while others embed, and those embed as ever: padding is theirs alone."""
    texts = ["a", "a b c d e f g h i j k l"]
    expected, over, failed = tiny.embed_passages(texts), Event(), []

    def embed() -> None:
        while not over.is_set():
            try:
                assert np.array_equal(tiny.embed_passages(texts), expected)
            except Exception as error:
                failed.append(error)

    threads = [Thread(target=embed) for _ in range(3)]
    for thread in threads:
        thread.start()
    counts = {tuple(tiny.count_tokens(texts)) for _ in range(2000)}
    over.set()
    for thread in threads:
        thread.join()
    assert counts == {(1, 12)}
    assert failed == []


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    """An empty folder is damaged, a known name that isn't installed missing."""
    with pytest.raises(WeightsDamaged, match="doesn't load"):
        open_embedder(str(tmp_path), tmp_path)
    with pytest.raises(WeightsMissing, match="derek models pull"):
        open_embedder(NAME, tmp_path)
    with pytest.raises(WeightsMissing, match="the hub's someone/nothing"):
        open_embedder("someone/nothing", tmp_path)


@pytest.fixture(scope="module")
def real(need_weights: Callable[[str], Path], cache_dir: Path) -> Embedder:
    """The default embedder from the user's own cache."""
    need_weights(NAME)
    return open_embedder(NAME, cache_dir)


def test_the_default_ones_files_tell_its_fingerprint(
    real: Embedder, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index made when it was open fits the one that is still closed."""
    told = real.fingerprint
    monkeypatch.setattr(rag.embedder, "_stated", lambda *_: None)
    assert open_embedder(NAME, cache_dir).fingerprint == told


def test_a_question_is_nearest_to_its_passage(real: Embedder) -> None:
    """In English, Russian and across the two, a question's own passage has the highest cosine."""
    passages = real.embed_passages(
        [
            "The road from Kyzylorda to Zhezkazgan is 428 kilometres long.",
            "Wheat exports fell by four percent in January, the ministry of agriculture said.",
            "В Петропавловске открыли библиотеку на двести мест.",
        ]
    )
    questions = ["How long is the road to Zhezkazgan?", "What happened to grain exports?", "Где открылась библиотека?"]
    questions += ["Какова длина дороги Кызылорда — Жезказган?", "Where was a library opened?"]
    nearest = (real.embed_queries(questions) @ passages.T).argmax(axis=1)
    assert nearest.tolist() == [0, 1, 2, 0, 2]


def test_the_real_one_has_its_known_shape(real: Embedder) -> None:
    """384 numbers, 512 tokens, its prefixes in the fingerprint."""
    assert (real.dim, real.max_tokens) == (384, 512)
    assert "query: " in real.fingerprint
    assert NAME in real.fingerprint
