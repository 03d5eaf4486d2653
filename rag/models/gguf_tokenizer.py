"""The byte-level BPE tokenizer that a GGUF file carries -> a `tokenizers` Tokenizer.

Knows GGUF's token types and the Qwen2 splitting rule, no tensors.
"""

from collections.abc import Mapping
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from rag.errors import WeightsDamaged

_CONTROL, _USER_DEFINED, _UNUSED = 3, 4, 5  # llama.cpp's llama_token_type
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def build_tokenizer(fields: Mapping[str, Any]) -> Tokenizer:
    """Build it from the file's fields. Raises WeightsDamaged for another kind of tokenizer, KeyError for a lack."""
    kind, rule = fields["tokenizer.ggml.model"], fields["tokenizer.ggml.pre"]
    if (kind, rule) != ("gpt2", "qwen2"):
        raise WeightsDamaged(f"the GGUF file's tokenizer is {kind}/{rule}, only gpt2/qwen2 is known here")
    tokens, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    vocabulary = {token: i for i, token in enumerate(tokens) if types[i] != _UNUSED}
    merges = [(left, right) for left, right in (merge.split(" ") for merge in fields["tokenizer.ggml.merges"])]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    # User-defined tokens count as special too: Derek reads none of them in an article as more than its characters.
    tokenizer.add_special_tokens(
        [
            AddedToken(token, normalized=False, special=True)
            for token, kind in zip(tokens, types, strict=True)
            if kind in (_CONTROL, _USER_DEFINED)
        ]
    )
    return tokenizer
