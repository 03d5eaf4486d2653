"""Seed files now against those before: each is told once; one with another name and the same bytes is renamed."""

from hypothesis import given
from hypothesis import strategies as st

from rag.changes import Changes, compare, kind_of

FILES = st.dictionaries(st.sampled_from(["a.txt", "b.txt", "c.txt", "d.md", "e.md"]), st.sampled_from("123"))


def test_one_of_each() -> None:
    """Added, changed, removed and renamed files, each under its own name."""
    before = {"same.txt": "1", "edited.txt": "2", "gone.txt": "3", "old.txt": "4"}
    now = {"same.txt": "1", "edited.txt": "5", "fresh.txt": "6", "sub/new.txt": "4"}
    changes = compare(before, {}, now)
    assert changes == Changes(("fresh.txt",), ("edited.txt",), ("gone.txt",), (("old.txt", "sub/new.txt"),))
    assert changes.gone == ("gone.txt", "edited.txt", "old.txt")
    assert changes.incoming == ("edited.txt", "fresh.txt", "sub/new.txt")


def test_a_copy_is_added() -> None:
    """The same bytes under a second name are an added file, for the first is still there."""
    assert compare({"a.txt": "1"}, {}, {"a.txt": "1", "b.txt": "1"}) == Changes(added=("b.txt",))


def test_another_suffix_is_another_file() -> None:
    """A file that is read in another way is not the same under another name."""
    assert compare({"a.txt": "1"}, {}, {"a.md": "1"}) == Changes(added=("a.md",), removed=("a.txt",))
    assert kind_of("north/a.b.TXT.gz") == ".txt.gz"


def test_skipped_files() -> None:
    """A file that could not be read is looked at again when its bytes are others, and gone when it is."""
    skipped = {"bad.txt": "1", "worse.txt": "2", "gone.txt": "3"}
    changes = compare({}, skipped, {"bad.txt": "1", "worse.txt": "9", "new.txt": "3"})
    assert changes == Changes(added=("new.txt",), changed=("worse.txt",), removed=("gone.txt",))


@given(FILES, FILES)
def test_every_file_is_told_once(before: dict[str, str], now: dict[str, str]) -> None:
    """What is not told of is the same before and now; taking out what is gone and putting in the rest gives now."""
    changes = compare(before, {}, now)
    assert bool(changes) == (before != now)
    left = {file: sha256 for file, sha256 in before.items() if file not in changes.gone}
    assert left | {file: now[file] for file in changes.incoming} == now
    assert not left.keys() & set(changes.incoming)
    for old, new in changes.renamed:
        assert (before[old], kind_of(old)) == (now[new], kind_of(new))
