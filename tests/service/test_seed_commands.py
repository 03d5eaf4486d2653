"""`derek seeds …` and `derek reindex --dry-run`: what they print, do and refuse."""

import json
from pathlib import Path

import pytest
from fakes import HashingEmbedder
from typer.testing import CliRunner, Result

import rag.embedder
from rag.cli import build_app
from rag.generations import current_id
from rag.reindex import reindex


@pytest.fixture(autouse=True)
def indexed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that point at an index of the made-up seeds."""
    monkeypatch.setattr(rag.embedder, "open_embedder", lambda *_, **__: HashingEmbedder())
    monkeypatch.setenv("DEREK_VECTORS_DIR", str(vectors_dir))
    monkeypatch.setenv("DEREK_SEEDS_DIR", str(seeds_dir))
    reindex(seeds_dir, vectors_dir, embedder)


def derek(*arguments: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(build_app(), arguments)


def done(*arguments: str) -> str:
    """What it printed."""
    result = derek(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_list(seeds_dir: Path) -> None:
    """Each file with what was made of it; new, broken and gone ones are marked."""
    (seeds_dir / "broken.txt").write_bytes(b"\x00")
    (seeds_dir / "new.txt").write_text("2026-03-07\nA story\nIts one sentence.\n")
    (seeds_dir / "ministry.txt").unlink()
    lines = done("seeds", "list").splitlines()
    marks = {line.split()[2]: line.split()[0] for line in lines if "(" in line}
    assert marks == {
        "almaty.txt": "indexed",
        "broken.txt": "-",
        "ministry.txt": "gone",
        "new.txt": "new",
        "north/petropavl.txt": "indexed",
    }
    assert "4 seed files" in lines[-1]
    shown = json.loads(done("seeds", "list", "--json"))
    assert [seed["file"] for seed in shown["seeds"] if seed["error"]] == ["broken.txt"]
    assert shown["gone"] == ["ministry.txt"]


def test_list_without_an_index(tmp_path: Path) -> None:
    """Nothing is indexed, which is no error."""
    assert "indexed" not in done("seeds", "list", "--vectors", str(tmp_path / "none"))


def test_put_delete_restore(tmp_path: Path, seeds_dir: Path) -> None:
    """There, gone, back; other bytes only when told so, and then the old ones are in the trash."""
    mine = tmp_path / "mine.txt"
    mine.write_text("One story.")
    assert "created" in done("seeds", "put", str(mine), "--into", "my/own")
    assert "unchanged" in done("seeds", "put", str(mine), "--into", "my/own")
    mine.write_text("Another story.")
    refused = derek("seeds", "put", str(mine), "--into", "my/own")
    assert refused.exit_code == 1 and "may be replaced" in refused.output
    assert "replaced" in done("seeds", "put", str(mine), "--into", "my/own", "--replace")
    assert (seeds_dir / "my/own/mine.txt").read_text() == "Another story."
    assert "deleted" in done("seeds", "delete", "my/own/mine.txt")
    (newest, older) = json.loads(done("seeds", "trash", "--json"))["trash"]
    assert (newest["why"], older["why"]) == ("deleted", "replaced")
    assert all(entry["id"] in done("seeds", "trash") for entry in (newest, older))
    assert "created" in done("seeds", "restore", older["id"])
    assert derek("seeds", "restore", newest["id"]).exit_code == 1
    assert "replaced" in done("seeds", "restore", newest["id"], "--replace")
    assert (seeds_dir / "my/own/mine.txt").read_text() == "Another story."
    assert done("seeds", "trash").count("One story") == 0 and "1 files" in done("seeds", "trash")


def test_the_last_one_goes_only_when_that_is_meant(seeds_dir: Path, vectors_dir: Path) -> None:
    """`derek reindex` refuses in one line that names the way out, and goes it when asked."""
    good = current_id(vectors_dir)
    for name in ("almaty.txt", "ministry.txt", "north/petropavl.txt"):
        done("seeds", "delete", name)
    refused = derek("reindex")
    assert refused.exit_code == 1 and "--accept-loss" in refused.stderr and "Traceback" not in refused.output
    assert current_id(vectors_dir) == good
    assert "0 files" in done("reindex", "--accept-loss")


def test_refusals(tmp_path: Path, seeds_dir: Path) -> None:
    """One line and exit code 1; the folder is as it was."""
    before = sorted(path for path in seeds_dir.rglob("*") if ".trash" not in path.parts)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "page.exe").write_text("Text.")
    for arguments, words in {
        ("put", str(tmp_path / "empty.txt")): "empty",
        ("put", str(tmp_path / "page.exe")): "ending",
        ("put", str(tmp_path / "missing.txt")): "can't be read",
        ("put", str(tmp_path / "empty.txt"), "--into", ".."): "..",
        ("delete", "../vectors/CURRENT"): "..",
        ("delete", "nothing.txt"): "no such file",
        ("restore", "nothing"): "nothing in the trash",
    }.items():
        result = derek("seeds", *arguments)
        assert result.exit_code == 1 and words in result.output, result.output
        assert len(result.output.strip().splitlines()) == 1
    assert sorted(path for path in seeds_dir.rglob("*") if not {".trash", ".incoming"} & set(path.parts)) == before


def test_dry_run(seeds_dir: Path, vectors_dir: Path) -> None:
    """A line a file, and nothing is built."""
    assert "nothing would change" in done("reindex", "--dry-run")
    before = sorted(vectors_dir.rglob("*"))
    (seeds_dir / "new.txt").write_text("2026-03-07\nA story\nIts one sentence.\n")
    (seeds_dir / "almaty.txt").write_text("2026-03-07\nA story\nIts other sentence.\n")
    (seeds_dir / "ministry.txt").rename(seeds_dir / "prices.txt")
    (seeds_dir / "north/petropavl.txt").unlink()
    lines = done("reindex", "--dry-run").splitlines()
    assert lines == [
        "added: new.txt",
        "changed: almaty.txt",
        "removed: north/petropavl.txt",
        "renamed: ministry.txt -> prices.txt",
    ]
    assert sorted(vectors_dir.rglob("*")) == before
