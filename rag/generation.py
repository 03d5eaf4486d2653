"""One generation: a built index in a folder of its own, complete or not there. Knows nothing of how it was made.

<id>/manifest.json         written last: a folder without it is not a generation
<id>/catalog.sqlite        sources, articles, passages
<id>/vectors.faiss         a vector a row: of a passage, or of one that is gone (a tombstone)
<id>/words/                the word index, a document a passage

Which generations there are, and which is in use, is the business of `rag.generations`.
"""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_origin, get_type_hints

from rag.catalog import Catalog
from rag.errors import IndexDamaged, NoGeneration
from rag.index import VectorIndex
from rag.leases import Lease
from rag.lexical import WordIndex

FORMAT = 5  # of the files in a generation; another number is not opened
CATALOG, VECTORS, WORDS, MANIFEST = "catalog.sqlite", "vectors.faiss", "words", "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and what it was made from."""

    id: str
    created_at: str  # ISO 8601, UTC
    format: int
    recipe: int  # of parsing and cutting; see rag.reindex
    embedder: str  # fingerprint
    dim: int
    files: dict[str, str]  # seed file -> sha256 of its bytes
    articles: int
    passages: int
    warnings: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)  # file of the generation -> sha256
    embedder_name: str = ""  # what to open the embedder by
    skipped: dict[str, str] = field(default_factory=dict)  # seed file that could not be read -> sha256 of its bytes
    grouped: int = 0  # articles that another one stands for


class Generation:
    """A generation opened for reading; safe to share between threads. It is on disk until it is closed.

    Raises NoGeneration where there is none in `folder`, IndexDamaged where a part is amiss.
    """

    def __init__(self, folder: Path) -> None:
        with ExitStack() as opened:
            opened.callback(lease(folder).close)
            self.folder = folder
            self.manifest = read_manifest(folder)
            self.catalog = Catalog(folder / CATALOG)
            opened.callback(self.catalog.close)
            removed = self.catalog.tombstones()
            self.vectors = VectorIndex.load(folder / VECTORS, removed)
            self.words = WordIndex.load(folder / WORDS)
            counts = {len(self.vectors) - len(removed), len(self.words), len(self.catalog), self.manifest.passages}
            if len(counts) > 1 or self.vectors.dim != self.manifest.dim:
                raise IndexDamaged(
                    f"{folder}: vectors, words, catalog and manifest disagree on the passages ({sorted(counts)}) or on "
                    "the vectors' length; run `derek reindex`"
                )
            self._opened = opened.pop_all()

    @property
    def id(self) -> str:
        """The generation's name, newest last when sorted."""
        return self.manifest.id

    def close(self) -> None:
        """Release the files and the lease."""
        self._opened.close()


def lease(folder: Path) -> Lease:
    """Keeps a generation's folder from being deleted until it is closed, or until this process ends.

    Raises NoGeneration where there is no generation in it, IndexDamaged where its manifest can't be opened.
    """
    try:
        return Lease(folder / MANIFEST)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NoGeneration(f"{folder}: no {MANIFEST}, so no complete generation; run `derek reindex`") from exc
    except OSError as exc:
        raise IndexDamaged(f"{folder / MANIFEST}: can't be opened ({exc}); run `derek reindex`") from exc


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation's folder, every part that it names being there.

    Raises NoGeneration where there is no manifest, IndexDamaged where it is none of this Derek's or a part is missing.
    """
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise IndexDamaged(f"{path}: format {values['format']!r}, this Derek reads {FORMAT}; run `derek reindex`")
        manifest = Manifest(**values)
        for name, hint in get_type_hints(Manifest).items():
            if not isinstance(getattr(manifest, name), get_origin(hint) or hint):
                raise TypeError(f"{name} is of the wrong type")
    except FileNotFoundError as exc:
        raise NoGeneration(f"{folder}: no {MANIFEST}, so no complete generation; run `derek reindex`") from exc
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as exc:
        raise IndexDamaged(f"{path}: not a manifest of Derek's ({exc!r}); run `derek reindex`") from exc
    if manifest.id != folder.name:
        raise IndexDamaged(f"{path}: of generation {manifest.id!r}; delete this copy or give it that name again")
    for name in manifest.parts:
        if not (folder / name).is_file():
            raise IndexDamaged(f"{folder / name}: missing; run `derek reindex`")
    return manifest
