"""Texts -> unit vectors through sentence-transformers on the CPU.

Knows one open model and how it wants its input dressed; nothing of articles, indexes or where weights come from. What
only has to be told from another one need not be open: where its files say enough, it is opened when it is first used.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.errors import EngineFailed, WeightsDamaged, WeightsMissing
from rag.models import Weights, open_weights
from rag.types import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 16  # on two cores longer batches gain nothing and pad more


class SentenceEmbedder:
    """An Embedder over one SentenceTransformer that threads may share.

    A tokenizer keeps padding and truncation as its state, so it serves one thread at a time; the model itself computes
    for many side by side, and a search does not wait for what is being indexed.
    """

    def __init__(self, name: str, weights: Weights) -> None:
        """`name`: what the user calls it by, which may say how it wants its input."""
        self._called = name
        self._weights = weights
        self._tokenizing = threading.Lock()

    @property
    def name(self) -> str:
        """What to open it by again."""
        return self._weights.name

    @cached_property
    def fingerprint(self) -> str:
        """Names weights, source, arithmetic, pooling and prefixes: vectors of two fingerprints must not meet."""
        stated = _stated(self._called, self._weights.folder)
        if stated is None:
            dtype = str(next(self.model.parameters()).dtype).removeprefix("torch.")
            pooling = [type(module).__name__ for module in self.model.children()][1:]
            stated = _fingerprint(dtype, pooling, self._prefixes, self.max_tokens)
        return f"{self._weights.identity}|{stated}"

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        """Longest input in tokens, prefixes and specials included; what is longer is cut."""
        return int(self.model.max_seq_length or 512)

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The open model. Raises WeightsMissing or WeightsDamaged where it doesn't load."""
        return _load(self._called, self._weights.folder)

    @cached_property
    def _prefixes(self) -> tuple[str, str]:
        return _prefixes(self._called, self.model.prompts or {})

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefixes and specials."""
        if not texts:
            return []
        backend: Any = self.model.tokenizer
        with self._tokenizing:
            encoded = backend(list(texts), add_special_tokens=False, verbose=False, return_attention_mask=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found, (n, dim), rows of unit length."""
        return self._embed(texts, self._prefixes[1])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to search with, (n, dim), rows of unit length."""
        return self._embed(texts, self._prefixes[0])

    def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        inputs = [prefix + text.strip() for text in texts]
        by_length = sorted(range(len(inputs)), key=lambda row: -len(inputs[row]))  # like with like: little padding
        vectors = np.zeros((len(inputs), self.dim), dtype=np.float32)
        for start in range(0, len(inputs), _BATCH):
            rows = by_length[start : start + _BATCH]
            vectors[rows] = self._compute([inputs[row] for row in rows])
        return _unit(vectors)

    def _compute(self, inputs: Sequence[str]) -> npt.NDArray[np.float32]:
        """What SentenceTransformer.encode does with a batch, taken apart: its tokenizing needs the lock, no more."""
        import torch

        with self._tokenizing:
            features = self.model.preprocess(list(inputs))
        with torch.inference_mode():
            vectors: npt.NDArray[np.float32] = self.model(features)["sentence_embedding"].float().numpy()
        return vectors


def open_embedder(name: str, cache_dir: Path, *, at_once: bool = True) -> SentenceEmbedder:
    """Open a known model, a sentence-transformers folder or a hub name (loaded from the hub's own cache or the hub).

    Not `at_once`: when it is first used, which takes seconds and a gigabyte, or to know its fingerprint where its files
    don't tell; threads may share it from then on.
    Raises WeightsMissing where a known model is not installed, WeightsDamaged where its files changed or don't load.
    """
    embedder = SentenceEmbedder(name, open_weights(name, cache_dir))
    _ = embedder.model if at_once else embedder.fingerprint
    return embedder


def _load(name: str, folder: Path | None) -> "SentenceTransformer":
    # Heavy imports wait until here: whoever only imports this module (help, settings) pays nothing.
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    location = str(folder) if folder else name
    try:
        model = SentenceTransformer(
            location,
            device="cpu",
            local_files_only=folder is not None,
            model_kwargs={"dtype": getattr(torch, _dtype())},
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if folder is None:
            raise WeightsMissing(f"the hub's {name} can't be loaded as an embedder: {error}") from error
        raise WeightsDamaged(f"embedder {name!r} at {location} doesn't load: {error}") from error
    _pool_in_float32(model)
    return model.eval()


def _stated(name: str, folder: Path | None) -> str | None:
    """What a fingerprint says besides the weights, as the folder's own files have it; None where they don't."""
    if folder is None:
        return None
    try:
        modules = json.loads((folder / "modules.json").read_bytes())
        transformer, *pooling = [module["type"].rpartition(".")[2] for module in modules]
        config = json.loads((folder / modules[0]["path"] / "sentence_bert_config.json").read_bytes())
        own = folder / "config_sentence_transformers.json"
        prompts = json.loads(own.read_bytes()).get("prompts") if own.exists() else None
        if transformer == "Transformer" and isinstance(longest := config["max_seq_length"], int) and longest > 0:
            return _fingerprint(_dtype(), pooling, _prefixes(name, prompts or {}), longest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        pass  # another layout, or a damaged one: opening it tells
    return None


def _fingerprint(dtype: str, pooling: Sequence[str], prefixes: tuple[str, str], max_tokens: int) -> str:
    return f"{dtype}|{'+'.join(pooling)}|{json.dumps(prefixes)}|{max_tokens}"


def _dtype() -> str:
    return "bfloat16" if native_bfloat16() else "float32"


def _pool_in_float32(model: "SentenceTransformer") -> None:
    """Let only the transformer compute in bfloat16: a mean of hundreds of tokens needs more than 8 bits."""
    transformer, *rest = model.children()
    for module in rest:
        module.float()

    def widen(_module: object, _inputs: object, features: dict[str, Any]) -> dict[str, Any]:
        return {**features, "token_embeddings": features["token_embeddings"].float()}

    transformer.register_forward_hook(widen)


def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself; emulated it would be slower than float32. Known on Linux alone."""
    try:
        words = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_bf16", "bf16"})  # the last is ARM's name


def _prefixes(name: str, own: Mapping[str, str | None]) -> tuple[str, str]:
    """(query, passage) prefixes: the model's own prompts, else E5's where the name says E5, else none."""
    prompts = {key: value for key, value in own.items() if value}
    query = prompts.get("query", "")
    passage = next((prompts[key] for key in ("passage", "document", "corpus") if key in prompts), "")
    if query or passage:
        return query, passage
    parts = Path(name).name.lower().replace("_", "-").split("-")
    return ("query: ", "passage: ") if "e5" in parts and "instruct" not in parts else ("", "")


def _unit(vectors: npt.NDArray[np.float32]) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or (norms == 0).any():
        raise EngineFailed(
            "the embedder gave vectors without a direction; its weights may be damaged: derek models verify"
        )
    unit: Vectors = (vectors / norms).astype(np.float32)
    return unit
