"""One file put many times, under one name or many: the index is that of one, and nothing is embedded again."""

from pathlib import Path

import pytest
from fakes import HashingEmbedder

from rag.reindex import reindex
from rag.seed_folder.store import SeedStore

TIMES = 10


@pytest.mark.parametrize("name", ["again.txt", "again-{n}.txt", "{n}/again.txt"])
def test_ten_uploads_of_one_file(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, name: str) -> None:
    """Passages and articles stay as many as they were, and no text is embedded twice."""
    store, before = SeedStore(seeds_dir), reindex(seeds_dir, vectors_dir, embedder)
    embedder.embedded.clear()
    for n in range(TIMES):
        with store.receive(name.format(n=n)) as upload:
            upload.write((seeds_dir / "almaty.txt").read_bytes())
            store.put(upload)
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.articles, report.passages) == (before.articles, before.passages)
    assert embedder.embedded == []
    assert report.files == before.files + (1 if name == "again.txt" else TIMES)
