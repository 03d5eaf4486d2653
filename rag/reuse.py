"""A vector for each new passage: one that was computed before for the same text and embedder, else the embedder's.

Vectors are known by the hash of what was embedded, in whichever sound generation on disk. Knows nothing of files.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from rag.errors import IndexDamaged
from rag.generation import VECTORS
from rag.generations import list_generations, opened_catalog, verify_generation
from rag.index import VectorIndex
from rag.types import Embedder, Rows, Vectors

_BATCH = 32  # texts embedded at a time


def known_vectors(
    keys: Sequence[bytes], vectors_dir: Path, embedder: Embedder, checked: str | None
) -> tuple[Vectors, Rows]:
    """The vectors of these content keys, (n, dim), zeros where none is known, and the places of those zeros.

    Generations are asked newest first, until nothing is missing; one that has something is read whole before it is
    believed, but for `checked`, which was.
    """
    vectors = np.zeros((len(keys), embedder.dim), np.float32)
    missing = np.arange(len(keys))
    for generation_id in _of_embedder(vectors_dir, embedder):
        if len(missing) == 0:
            break
        try:
            with opened_catalog(vectors_dir, generation_id) as catalog:
                rows = catalog.rows_of_keys({keys[place] for place in missing.tolist()})
                if not rows or (generation_id != checked and verify_generation(vectors_dir, generation_id)):
                    continue
                held = [place for place in missing.tolist() if keys[place] in rows]
                index = VectorIndex.load(vectors_dir / generation_id / VECTORS)
                vectors[held] = index.vectors(np.array([rows[keys[place]] for place in held], np.int64))
        except IndexDamaged:
            continue
        missing = np.setdiff1d(missing, held)
    return vectors, missing


def _of_embedder(vectors_dir: Path, embedder: Embedder) -> list[str]:
    wanted = (embedder.fingerprint, embedder.dim)
    return [one.id for one in list_generations(vectors_dir) if (one.embedder, one.dim) == wanted]


def embed_missing(
    vectors: Vectors, missing: Rows, keys: Sequence[bytes], texts: Callable[[Rows], list[str]], embedder: Embedder
) -> Iterator[int]:
    """Fill the places that are missing, a batch of texts at a time, each text once; yields how many texts are left.

    `texts`: what is embedded for the passages at some of the places. Raises what the embedder raises.
    """
    places: dict[bytes, list[int]] = {}
    for place in missing.tolist():
        places.setdefault(keys[place], []).append(place)
    alike = list(places.values())
    for start in range(0, len(alike), _BATCH):
        batch = alike[start : start + _BATCH]
        computed = embedder.embed_passages(texts(np.array([same[0] for same in batch], np.int64)))
        for same, vector in zip(batch, computed, strict=True):
            vectors[same] = vector
        yield len(alike) - start - len(batch)
