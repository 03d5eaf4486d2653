"""Which paths may name a seed file."""

import unicodedata

import pytest

from rag.seed_names import fault_of, is_left_out


@pytest.mark.parametrize(
    "path",
    [
        "a.txt",
        "новости/день 1.txt",
        unicodedata.normalize("NFD", "йод.txt"),
        "10:30.txt",
        "console.txt",
        "a..b.md",
        "新闻.md",
    ],
)
def test_the_users_own_names(path: str) -> None:
    """Any script, blanks, either form of Unicode, and words that only begin like a device."""
    assert fault_of(path) is None


@pytest.mark.parametrize(
    "path",
    ["", "/a.txt", "../a.txt", "a/../b.txt", "a//b.txt", "./a.txt", "C:a.txt", "a\\b.txt", "con.txt", "LPT1.md",
     "aux/a.txt", "a\0.txt", "a\x7f.txt", "a\u202eb.txt", "bad\udcff.txt", "я" * 128],
)  # fmt: skip
def test_names_that_may_not_be(path: str) -> None:
    """Each has a reason, which ends a sentence about the name."""
    assert fault_of(path)


@pytest.mark.parametrize(
    "path", ["README.md", "sub/readme.txt", ".a.txt", ".git/a.txt", "a.txt~", "a.txt.part", "a.tmp"]
)
def test_what_is_left_out(path: str) -> None:
    """In the folder and in archives alike."""
    assert is_left_out(path)
    assert not is_left_out("sub/news.txt")
