"""Which files count as seeds, and how their bytes become text."""

import hashlib
import os
from pathlib import Path

import pytest

from rag.errors import SeedError
from rag.limits import Limits
from rag.sources import list_seed_files, read_seed


def write(path: Path, content: bytes = b"text") -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_lists_supported_files_only(tmp_path: Path) -> None:
    """Sub-folders count; READMEs, dotfiles, unfinished files and other suffixes do not; the list is sorted."""
    for name in ("b.txt", "a.TXT", "sub/deep/c.txt", "новости.txt"):
        write(tmp_path / name)
    for name in ("README.txt", "readme.md", ".hidden.txt", ".git/x.txt", "d.txt~", "e.txt.part", "f.tmp", "g.odt", "h"):
        write(tmp_path / name)
    (tmp_path / "folder.txt").mkdir()
    assert list_seed_files(tmp_path) == ["a.TXT", "b.txt", "sub/deep/c.txt", "новости.txt"]


def test_links_that_leave_the_folder_do_not_count(tmp_path: Path) -> None:
    """A link to a seed inside counts; links to the outside, to nothing and in circles do not."""
    seeds = tmp_path / "seeds"
    write(seeds / "a.txt")
    write(tmp_path / "secret.txt")
    (seeds / "inside.txt").symlink_to("a.txt")
    (seeds / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (seeds / "dangling.txt").symlink_to("nowhere.txt")
    (seeds / "circle.txt").symlink_to("circle.txt")
    (seeds / "up").symlink_to(tmp_path, target_is_directory=True)
    assert list_seed_files(seeds) == ["a.txt", "inside.txt"]
    with pytest.raises(SeedError, match="leaves the seeds folder"):
        read_seed(seeds, "outside.txt")
    with pytest.raises(SeedError, match="has a part that is"):
        read_seed(seeds, "../secret.txt")


def test_pipes_are_no_seeds(tmp_path: Path) -> None:
    """What is not a regular file is neither listed nor opened, which could wait for ever."""
    os.mkfifo(tmp_path / "pipe.txt")
    assert list_seed_files(tmp_path) == []
    with pytest.raises(SeedError, match="not a regular file"):
        read_seed(tmp_path, "pipe.txt")


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is named, with the setting that would mend it."""
    with pytest.raises(SeedError, match="DEREK_SEEDS_DIR"):
        list_seed_files(tmp_path / "nowhere")


def test_text_keeps_newlines_and_loses_the_byte_order_mark(tmp_path: Path) -> None:
    """Newlines, no-break spaces and decomposed letters stay; the hash is that of the file's bytes."""
    raw = b"\xef\xbb\xbfone\r\ntwo\rthree\n" + "e\u0301\u00a0\u2011".encode()
    write(tmp_path / "sub/a.txt", raw)
    (source,) = read_seed(tmp_path, "sub/a.txt").sources
    assert source.text == "one\r\ntwo\rthree\ne\u0301\u00a0\u2011"
    assert (source.file, source.sha256) == ("sub/a.txt", hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"line\nbad \xff byte", r"a\.txt:2: byte 9 is not UTF-8"),
        ("привет".encode("cp1251"), "not UTF-8"),
        (b"one\ntwo\x00three", r"a\.txt:2: .*NUL"),
    ],
)
def test_unreadable_content(tmp_path: Path, content: bytes, message: str) -> None:
    """Each kind of content that is no text is refused, naming the file and what is wrong."""
    write(tmp_path / "a.txt", content)
    with pytest.raises(SeedError, match=message) as caught:
        read_seed(tmp_path, "a.txt")
    assert "a.txt" in str(caught.value)


def test_vanished_file(tmp_path: Path) -> None:
    """A file that is gone by the time it is read is named."""
    with pytest.raises(SeedError, match=r"gone\.txt"):
        read_seed(tmp_path, "gone.txt")


def test_file_above_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    """A file above the limit is refused before it is read: a sparse one costs no memory."""
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(Limits().file_bytes + 1)
    with pytest.raises(SeedError, match="limit is 50,000,000"):
        read_seed(tmp_path, "huge.txt")


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A file name of bytes that are not UTF-8 is an error of that file."""
    with pytest.raises(SeedError, match="can't be read; rename"):
        read_seed(tmp_path, "bad\udcff.txt")
    with pytest.raises(SeedError, match="can't be read; rename"):
        read_seed(tmp_path, "nul\0.txt")
