"""A write is complete or absent."""

from pathlib import Path

import pytest

from rag.durable import PART, write_whole, written_whole


def test_a_write_replaces_what_stood_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    """Text is UTF-8, newlines as given."""
    path = tmp_path / "note.json"
    write_whole(path, b"old")
    write_whole(path, "дерек\r\n")
    assert path.read_bytes() == "дерек\r\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_halfway_changes_nothing(tmp_path: Path) -> None:
    """The old bytes stay, and no half-written file."""
    path = tmp_path / "note.json"
    write_whole(path, b"old")
    with pytest.raises(RuntimeError), written_whole(path) as file:
        file.write(b"half of the n")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_no_obstacle(tmp_path: Path) -> None:
    """The next write takes its place."""
    path = tmp_path / "note.json"
    path.with_name(path.name + PART).write_bytes(b"half")
    write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"new"
