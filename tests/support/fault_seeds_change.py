"""Reindexes while somebody writes to a seed file: at every call that touches the file, in every way an editor saves.

Run as `python fault_seeds_change.py`. What is published must be one reading of each file, under its own checksum; the
next run must bring what the file is in the end. Writes how often it was changed to standard output.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count, product
from pathlib import Path

from calls import Call
from fakes import HashingEmbedder
from syscalls import Answer, Then, in_child, watch

from rag.errors import DerekError
from rag.generations import current_id, open_current, verify_generation
from rag.reindex import reindex
from rag.types import Filters

EMBEDDER = HashingEmbedder()
STORY = "2026-03-0{n}\nA bridge is opened in Semey\nBridge number {n} in Semey is {n}50 metres long.\n"
BEFORE, AFTER = STORY.format(n=2), STORY.format(n=2) + "\n" + STORY.format(n=7) * 2
INDEXED, NEW = "2.txt", "3.txt"  # one that is as it was when it was indexed, one that was not there then


def replace(path: Path) -> None:
    """Save beside it, then rename."""
    path.with_name(".new").write_text(AFTER)
    path.with_name(".new").replace(path)


def rewrite(path: Path) -> None:
    """Save in place: emptied, then written."""
    path.write_text(AFTER)


def append(path: Path) -> None:
    """Write on at its end."""
    with path.open("a") as file:
        file.write(AFTER[len(BEFORE) :])


def shorten(path: Path) -> None:
    """Leave nothing but the headline."""
    os.truncate(path, BEFORE.index("Bridge number"))


def remove(path: Path) -> None:
    """Delete it."""
    path.unlink()


WAYS: tuple[Callable[[Path], None], ...] = (replace, rewrite, append, shorten, remove)


def prepare(home: Path) -> None:
    """Two files, indexed; then one more."""
    (home / "seeds").mkdir()
    (home / "seeds" / INDEXED).write_text(BEFORE)
    (home / "seeds" / "1.txt").write_text(STORY.format(n=1))
    reindex(home / "seeds", home / "vectors", EMBEDDER)
    (home / "seeds" / NEW).write_text(BEFORE.replace("Semey", "Aqtau"))


def act(home: Path) -> None:
    """Reindex; to be refused is no loss."""
    try:
        reindex(home / "seeds", home / "vectors", EMBEDDER)
    except DerekError as exc:
        sys.stderr.write(f"refused: {exc}\n")


def texts_of(vectors: Path) -> dict[str, str]:
    """The text that is indexed of each file, of which each checksum must be its own."""
    current = current_id(vectors)
    assert current is not None
    assert verify_generation(vectors, current) == []
    generation = open_current(vectors)
    texts = {file: generation.catalog.source_text(sha256) for file, sha256 in generation.manifest.files.items()}
    for file, text in texts.items():
        assert hashlib.sha256(text.encode()).hexdigest() == generation.manifest.files[file], file
    _, articles = generation.catalog.articles(Filters(), None, 1000, 0)
    for article in articles:
        text = generation.catalog.source_text(article.source_sha256)
        assert article.source_sha256 == generation.manifest.files[article.file]
        for passage in generation.catalog.passages_of(article.article_id):
            assert " ".join(passage.text.split()) in " ".join(text.split())
    generation.close()
    return texts


def check(home: Path) -> None:
    """Whole now; after the next run, as the files are."""
    assert texts_of(home / "vectors")["1.txt"] == STORY.format(n=1)
    reindex(home / "seeds", home / "vectors", EMBEDDER)
    assert texts_of(home / "vectors") == {path.name: path.read_text() for path in (home / "seeds").glob("*.txt")}


def change_at(nth: int, way: Callable[[Path], None], path: Path, home: Path) -> bool:
    """Let the file change just before the nth call that touches it; whether there was such a call."""
    met = 0

    def meet(call: Call) -> Answer:
        nonlocal met
        if call.path == path:
            met += 1
            if met == nth:
                way(path)
        return Then.GO_ON

    assert watch(partial(act, home), [home / "seeds"], meet, reads=True).status == 0, f"{way.__name__} at {nth}"
    return met >= nth


def main() -> None:
    """Every way at every call."""
    changed: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        pristine, home = Path(folder).resolve() / "pristine", Path(folder).resolve() / "now"
        pristine.mkdir()
        assert in_child(lambda: prepare(pristine)) == 0
        for way, name in product(WAYS, (INDEXED, NEW)):
            for nth in count(1):
                shutil.copytree(pristine, home)
                happened = change_at(nth, way, home / "seeds" / name, home)
                assert in_child(lambda: check(home)) == 0, f"{way.__name__} {name} at {nth}"
                shutil.rmtree(home)
                if not happened:
                    changed[f"{way.__name__} {name}"] = nth - 1
                    break
    sys.stdout.write(json.dumps(changed))


if __name__ == "__main__":
    main()
