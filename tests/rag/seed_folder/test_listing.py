"""What lies in the seeds folder, against what is indexed of it."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from fakes import HashingEmbedder

from rag.errors import InputError, NotFound, SeedError
from rag.generation import Generation
from rag.generations import open_current
from rag.limits import Limits
from rag.reindex import reindex
from rag.seed_folder import listing
from rag.seed_folder.listing import ListedSeed, SeedListing


@pytest.fixture
def generation(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> Iterator[Generation]:
    """The made-up seeds and a file that can't be read, indexed."""
    (seeds_dir / "broken.txt").write_bytes(b"a\0b")
    reindex(seeds_dir, vectors_dir, embedder)
    generation = open_current(vectors_dir)
    yield generation
    generation.close()


@pytest.fixture
def listed(seeds_dir: Path) -> SeedListing:
    """A listing that has read nothing yet."""
    return SeedListing(seeds_dir, Limits())


def by_file(seeds: tuple[ListedSeed, ...]) -> dict[str, ListedSeed]:
    """Seeds by name."""
    return {seed.file: seed for seed in seeds}


def test_indexed_files(listed: SeedListing, generation: Generation, seeds_dir: Path) -> None:
    """Size, checksum, layout and articles of each; what can't be read says why."""
    page = listed.page(generation, 50, 0)
    assert (page.total, page.gone) == (4, ())
    seeds = by_file(page.seeds)
    almaty = seeds["almaty.txt"]
    raw = (seeds_dir / "almaty.txt").read_bytes()
    assert (almaty.size, almaty.sha256) == (len(raw), sha256(raw).hexdigest())
    assert (almaty.articles, almaty.warnings, almaty.error, almaty.indexed) == (2, (), None, True)
    assert almaty.layout and almaty.layout != seeds["ministry.txt"].layout
    broken = seeds["broken.txt"]
    assert (broken.layout, broken.articles, broken.indexed) == (None, None, False)
    assert broken.error and broken.error.startswith("broken.txt:1: ")


def test_without_an_index_it_is_the_same_but_for_indexed(
    listed: SeedListing, generation: Generation, seeds_dir: Path
) -> None:
    """Parsing says what the index says."""
    with_index = SeedListing(seeds_dir, Limits()).page(generation, 50, 0).seeds
    without = listed.page(None, 50, 0).seeds
    assert not any(seed.indexed for seed in without)
    for one, other in zip(with_index, without, strict=True):
        assert (one.file, one.sha256, one.layout, one.articles, one.warnings, one.error) == (
            other.file,
            other.sha256,
            other.layout,
            other.articles,
            other.warnings,
            other.error,
        )


def test_changed_new_and_gone(listed: SeedListing, generation: Generation, seeds_dir: Path) -> None:
    """Told apart at the next look."""
    listed.page(generation, 50, 0)
    (seeds_dir / "almaty.txt").write_text("2026-03-04\nA title of a story\nA body of one sentence.\n")
    (seeds_dir / "new.txt").write_text("No layout here.")
    (seeds_dir / "ministry.txt").unlink()
    page = listed.page(generation, 50, 0)
    seeds = by_file(page.seeds)
    assert (seeds["almaty.txt"].indexed, seeds["almaty.txt"].articles) == (False, 1)
    assert (seeds["new.txt"].indexed, seeds["new.txt"].articles, bool(seeds["new.txt"].warnings)) == (False, 1, True)
    assert page.gone == ("ministry.txt",)


def test_nothing_is_read_twice(listed: SeedListing, generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it looks the same from outside; and what is indexed is not parsed at all."""
    monkeypatch.setattr(listing, "read_seed", None)
    first = listed.page(generation, 50, 0)
    monkeypatch.setattr(listing, "checksum", None)
    assert listed.page(generation, 50, 0) == first


def test_a_page_parses_no_more_than_it_may(seeds_dir: Path, listed: SeedListing) -> None:
    """The rest is listed with its checksum, and looked into when it is asked for again."""
    first = listed.page(None, 50, 0, most=2).seeds
    assert [seed.articles for seed in first] == [2, 2, None]
    assert first[2].sha256 and first[2].error is None
    assert [seed.articles for seed in listed.page(None, 50, 0).seeds] == [2, 2, 1]


def test_pages(listed: SeedListing, generation: Generation) -> None:
    """In the order of the names, each once."""
    pages = [listed.page(generation, 2, offset) for offset in (0, 2, 4)]
    names = [seed.file for page in pages for seed in page.seeds]
    assert names == sorted(names) and len(names) == 4
    assert {page.total for page in pages} == {4}


def test_one(listed: SeedListing, generation: Generation) -> None:
    """By its name; names that can't be are refused, others not found."""
    assert listed.one("north/petropavl.txt", generation) == listed.page(generation, 50, 3).seeds[0]
    with pytest.raises(NotFound):
        listed.one("other.txt", generation)
    with pytest.raises(InputError):
        listed.one("../vectors/CURRENT", generation)


def test_no_folder(tmp_path: Path) -> None:
    """Says so."""
    with pytest.raises(SeedError, match="does not exist"):
        SeedListing(tmp_path / "none", Limits()).page(None, 50, 0)
