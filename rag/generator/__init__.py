"""Prompts -> drafts: one Protocol (rag.types.Generator), three engines, one door.

Knows how to choose an engine; what each one knows is in its own file. Engines are imported when chosen: torch is not
loaded for a server elsewhere.
"""

from pathlib import Path
from typing import Literal

from rag.errors import WeightsMissing
from rag.models import open_weights
from rag.types import Generator

Engine = Literal["ctranslate2", "transformers", "openai"]


def open_generator(
    engine: Engine, name: str, cache_dir: Path, url: str | None = None, key: str | None = None
) -> Generator:
    """Open `name` (a known name, a folder or a hub name) in `engine`; `url` and `key` are the openai engine's."""
    from rag.generator.ctranslate2_engine import open_ctranslate2

    weights = open_weights(name, cache_dir)
    if weights.folder is None:
        raise WeightsMissing(f"{name} is no folder")
    return open_ctranslate2(name, weights.folder)
