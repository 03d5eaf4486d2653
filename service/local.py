"""A library opened in this process, for verbs when no server runs. Weights are never fetched here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged

if TYPE_CHECKING:
    from rag.answer import Library
    from rag.settings import Settings


@contextmanager
def opened(settings: "Settings", *, drafting: bool) -> Iterator["Library"]:
    """The library of these settings; its generator only for `drafting`.

    Raises NoGeneration or IndexDamaged, and ModelError where weights are missing.
    """
    from rag.answer import Library
    from rag.embedder import open_embedder
    from rag.generations import open_current

    generation = open_current(settings.vectors_dir)
    try:
        made_with = generation.manifest.embedder_name or settings.embedder
        embedder = open_embedder(made_with, settings.cache_dir)
        if generation.manifest.embedder != embedder.fingerprint:
            raise IndexDamaged(
                f"{settings.vectors_dir}: the index was made with other weights ({generation.manifest.embedder}) than "
                f"{made_with} has now ({embedder.fingerprint}); run `derek reindex`"
            )
        generator = None
        if drafting:
            from rag.generator import open_generator

            key = settings.engine_key.get_secret_value() if settings.engine_key else None
            generator = open_generator(settings.engine, settings.llm, settings.cache_dir, settings.engine_url, key)
        yield Library(generation, embedder, generator)
    finally:
        generation.close()
