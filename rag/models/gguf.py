"""A Qwen2 GGUF file -> a CTranslate2 int8 folder, tensor by tensor, without torch.

Run as a child process (`python -m rag.models.gguf FILE FOLDER`), so that its memory goes when it ends. Knows the names
that both formats give a tensor. A GGUF of another architecture is refused: its rotary or norm layout may differ.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import DerekError, WeightsDamaged
from rag.models.gguf_tokenizer import build_tokenizer

ARCHITECTURE = "qwen2"
_ROWS = 2048  # rows dequantised at a time: 2048 x 8960 float32 is 70 MB, and numpy needs a few copies of it


def convert(source: Path, folder: Path) -> None:
    """Write `folder` (created) with model.bin, vocabulary, tokenizer.json. Raises WeightsDamaged for a foreign file."""
    import gguf

    try:
        reader = gguf.GGUFReader(source)
        fields = {name: reader.fields[name].contents() for name in reader.fields}
    except (ValueError, KeyError, IndexError, OSError, OverflowError, MemoryError) as error:
        raise WeightsDamaged(f"{source} can't be read as GGUF: {error}") from error
    architecture = fields.get("general.architecture")
    if architecture != ARCHITECTURE:
        raise WeightsDamaged(
            f"{source} holds the architecture {architecture!r}, only {ARCHITECTURE!r} is converted here: convert it "
            "with ct2-transformers-converter and give the folder's path, or use the engine transformers or openai"
        )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _save_model({tensor.name: tensor for tensor in reader.tensors}, fields, folder)
        build_tokenizer(fields).save(str(folder / "tokenizer.json"))
    except KeyError as error:
        raise WeightsDamaged(f"{source} has no {error}, which a {ARCHITECTURE} model needs") from error
    (folder / "tokenizer_config.json").write_text(json.dumps(_tokenizer_config(fields), indent=2) + "\n")


def _save_model(tensors: Mapping[str, Any], fields: Mapping[str, Any], folder: Path) -> None:
    from ctranslate2.specs import common_spec, transformer_spec

    heads, heads_kv = (fields[f"{ARCHITECTURE}.attention.{name}"] for name in ("head_count", "head_count_kv"))
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        fields[f"{ARCHITECTURE}.block_count"],
        heads,
        activation=common_spec.Activation.SWISH,
        pre_norm=True,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=0,
        rotary_interleave=False,
        rotary_base=fields.get(f"{ARCHITECTURE}.rope.freq_base", 10_000.0),
        num_heads_kv=heads_kv if heads_kv != heads else None,
    )
    decoder = spec.decoder
    decoder.scale_embeddings = False
    _set_rows(
        decoder.embeddings[0] if isinstance(decoder.embeddings, list) else decoder.embeddings,
        [tensors["token_embd.weight"]],
    )
    _set_rows(decoder.projection, [tensors.get("output.weight", tensors["token_embd.weight"])])
    decoder.layer_norm.gamma = _dequantise(tensors["output_norm.weight"])
    for number, layer in enumerate(decoder.layer):
        block = f"blk.{number}"
        layer.self_attention.layer_norm.gamma = _dequantise(tensors[f"{block}.attn_norm.weight"])
        layer.ffn.layer_norm.gamma = _dequantise(tensors[f"{block}.ffn_norm.weight"])
        fused = layer.self_attention.linear[0]
        _set_rows(fused, [tensors[f"{block}.attn_{part}.weight"] for part in "qkv"])
        fused.bias = np.concatenate([_dequantise(tensors[f"{block}.attn_{part}.bias"]) for part in "qkv"])
        _set_rows(layer.self_attention.linear[1], [tensors[f"{block}.attn_output.weight"]])
        _set_rows(layer.ffn.linear_0, [tensors[f"{block}.ffn_gate.weight"]])
        _set_rows(layer.ffn.linear_0_noact, [tensors[f"{block}.ffn_up.weight"]])
        _set_rows(layer.ffn.linear_1, [tensors[f"{block}.ffn_down.weight"]])
    tokens = fields["tokenizer.ggml.tokens"]
    spec.register_vocabulary(tokens)
    spec.config.bos_token = tokens[fields["tokenizer.ggml.bos_token_id"]]
    spec.config.eos_token = tokens[fields["tokenizer.ggml.eos_token_id"]]
    spec.config.unk_token = ""
    spec.config.layer_norm_epsilon = float(fields[f"{ARCHITECTURE}.attention.layer_norm_rms_epsilon"])
    spec.validate()
    spec.save(str(folder))


def _set_rows(layer: Any, parts: list[Any]) -> None:
    """Give a layer the rows of `parts` as int8 with one scale a row, the rounding CTranslate2's own converter uses."""
    rows = sum(int(part.shape[1]) for part in parts)
    weights = np.empty((rows, int(parts[0].shape[0])), dtype=np.int8)
    scales = np.empty((rows,), dtype=np.float32)
    at = 0
    for part in parts:
        for start in range(0, int(part.shape[1]), _ROWS):
            values = _dequantise(part, slice(start, start + _ROWS))
            peaks = np.abs(values).max(axis=1)
            peaks[peaks == 0] = 127.0
            scale = np.float32(127.0) / peaks
            values *= scale[:, None]
            weights[at : at + len(values)] = np.rint(values)
            scales[at : at + len(values)] = scale
            at += len(values)
    layer.weight = weights
    layer.weight_scale = scales


def _dequantise(tensor: Any, rows: slice = slice(None)) -> npt.NDArray[np.float32]:
    import gguf

    values = gguf.quants.dequantize(tensor.data[rows], tensor.tensor_type)
    if not np.isfinite(values).all():
        raise WeightsDamaged(f"tensor {tensor.name} holds numbers that are not finite")
    return np.array(values, dtype=np.float32)


def _tokenizer_config(fields: Mapping[str, Any]) -> dict[str, Any]:
    tokens = fields["tokenizer.ggml.tokens"]
    return {
        "tokenizer_class": "Qwen2Tokenizer",
        "bos_token": tokens[fields["tokenizer.ggml.bos_token_id"]],
        "eos_token": tokens[fields["tokenizer.ggml.eos_token_id"]],
        "pad_token": tokens[fields.get("tokenizer.ggml.padding_token_id", fields["tokenizer.ggml.bos_token_id"])],
        "model_max_length": fields[f"{ARCHITECTURE}.context_length"],
        "chat_template": fields.get("tokenizer.chat_template"),
    }


def main(arguments: list[str]) -> int:
    """The child's entry: converts, or says on standard error in one line why not and returns 1."""
    source, folder = arguments
    try:
        convert(Path(source), Path(folder))
    except (DerekError, OSError, MemoryError) as error:
        sys.stderr.write(f"{error or type(error).__name__}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
