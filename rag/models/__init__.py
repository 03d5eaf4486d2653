"""Weights: a name -> verified files in the user's cache.

`manifest` says what a model is made of, `fetch` where bytes come from, `e5` and `gguf` how they are turned into what an
engine loads, `record` whether they are still the same, `store` puts a model in place.
"""

from rag.models.store import Weights, installed, open_weights

__all__ = ["Weights", "installed", "open_weights"]
