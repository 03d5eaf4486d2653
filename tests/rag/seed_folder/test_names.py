"""Names of seed files: what is refused and why, and that what is accepted is really listed."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.seed_folder.names import MAX_NAME, existing_name, new_name, place_of
from rag.sources import list_seed_files

REFUSED = {
    "": "empty",
    "../a.txt": ". or ..",
    "a/../../b.txt": ". or ..",
    "./a.txt": ". or ..",
    "/etc/a.txt": "absolute",
    "C:/a.txt": "absolute",
    "C:a.txt": "absolute",
    "..\\a.txt": "backslash",
    "a\\b.txt": "backslash",
    "a//b.txt": "empty part",
    "a.txt/": "empty part",
    "%2e%2e/a.txt": ". or ..",
    "a%2f..%2f..%2fb.txt": ". or ..",
    "%5c%5chost%5ca.txt": "backslash",
    "a%00.txt": "control character",
    ".hidden.txt": "hidden",
    ".trash/x.txt": "hidden",
    "a/.b/c.txt": "hidden",
    "README.txt": "README",
    "a/readme_first.txt": "README",
    "a.txt~": "unfinished",
    "a.txt.part": "unfinished",
    "a.txt.tmp": "unfinished",
    "a.exe": "ending",
    "a": "ending",
    "txt": "ending",
    "a\x00.txt": "control character",
    "a\n.txt": "control character",
    "a" + chr(0xD800) + ".txt": "control character",
    "a\ufffd.txt": "UTF-8",
}
NOT_NEW = {
    "con.txt": "device",
    "aux/a.txt": "device",
    "news/LPT1.old.txt": "device",
    "com¹.txt": "device",
    " a.txt": "blank",
    "a /b.txt": "blank",
    "a./b.txt": "dot",
    "a\u202etxt.txt": "invisible",
    "a\u200b.txt": "invisible",
    "x" * 240 + ".txt": "too long",
    "й" * 120 + ".txt": "too long",
    "/".join(["folder"] * 80) + "/a.txt": "too long",
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_refused(name: str, reason: str) -> None:
    """With a reason, whether a file of that name is there or not."""
    with pytest.raises(InputError, match=reason) as caught:
        existing_name(name)
    assert caught.value.field == "name"


@pytest.mark.parametrize(("name", "reason"), NOT_NEW.items())
def test_refused_for_new_files(name: str, reason: str) -> None:
    """What other systems can't hold may be deleted or replaced where it is, but is not made anew."""
    assert existing_name(name) == name
    with pytest.raises(InputError, match=reason):
        new_name(name)


@pytest.mark.parametrize(
    "name", ["a.txt", "a/b/c.jsonl", "жаңалық/бүгін.txt", "100 %.txt", "50%25.txt", "a..b.txt", "console.txt", "A.TXT"]
)
def test_accepted(name: str) -> None:
    """Sub-folders, any script, signs that lead nowhere."""
    assert new_name(name) == name


def test_new_names_are_composed() -> None:
    """One name, however its letters were put together."""
    assert new_name(unicodedata.normalize("NFD", "ёй.txt")) == "ёй.txt"


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3).map("/".join), st.sampled_from(["", ".txt"]))
def test_what_is_accepted_is_listed(tmp_path_factory: pytest.TempPathFactory, stem: str, ending: str) -> None:
    """No name is accepted that leads out of the folder or would never be indexed."""
    try:
        name = new_name(stem + ending)
    except InputError:
        return
    root = tmp_path_factory.mktemp("seeds")
    path = place_of(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Text.")
    assert path.resolve().is_relative_to(root.resolve())
    assert list_seed_files(root) == [name]
    assert len(name) <= MAX_NAME


def test_where_a_name_may_not_lead(tmp_path: Path) -> None:
    """Through links, below files, onto folders and pipes."""
    root = tmp_path / "seeds"
    (root / "folder.txt").mkdir(parents=True)
    (root / "file.txt").write_text("Text.")
    (root / "link.txt").symlink_to(root / "file.txt")
    (root / "out.txt").symlink_to(tmp_path / "nowhere.txt")
    (root / "away").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.txt")
    for name, reason in {
        "folder.txt": "is a folder",
        "file.txt/a.txt": "is a file",
        "link.txt": "is a link",
        "out.txt": "is a link",
        "away/a.txt": "is a link",
        "pipe.txt": "no regular file",
    }.items():
        with pytest.raises(InputError, match=reason):
            place_of(root, name)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """Where seeds lie is the user's affair."""
    (tmp_path / "real").mkdir()
    (tmp_path / "seeds").symlink_to(tmp_path / "real")
    assert place_of(tmp_path / "seeds", "a/b.txt") == tmp_path / "seeds/a/b.txt"
