"""Preflight: what is refused before anything is fetched, what is announced, and that it needs no package."""

import ast
import socket
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from rag import preflight
from rag.preflight import EMBEDDER, LLM

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and an empty cache on a machine that has enough of everything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEREK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(preflight, "memory", lambda: 16e9)
    monkeypatch.setattr(preflight, "free_bytes", lambda folder: 50e9)
    return tmp_path


def install(cache: Path, name: str) -> None:
    """A model's folder as it looks when complete."""
    (cache / "models" / name).mkdir(parents=True)
    (cache / "models" / name / "record.json").write_text("{}")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("version", "ok"),
    [((3, 8, 18), False), ((3, 10, 13), False), ((3, 11, 0), True), ((3, 13, 9), True), ((3, 14, 0), False)],
)
def test_python_versions(version: tuple[int, ...], ok: bool) -> None:
    """Python 3.11 to 3.13 is supported, and a refusal says how to name another interpreter."""
    check = preflight.check_python(version)
    assert check.ok is ok
    assert "PYTHON=python3.13" in check.mend


def test_runs_on_an_old_python() -> None:
    """The file is read by Pythons as old as 3.7 and imports the standard library alone."""
    for name in ("preflight.py", "torch_index.py"):
        tree = ast.parse((ROOT / "rag" / name).read_text(), feature_version=(3, 7))
        imported = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= set(sys.stdlib_module_names)


def test_needs_no_package() -> None:
    """It runs from a clone with no site-packages at all."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = [{str(ROOT)!r}]; import rag.preflight"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_announces_sizes_places_and_time(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A first set-up says what it fetches, how large, where to, and about how long."""
    assert preflight.main(["--packages", "--to", "test"]) == 0
    said = capsys.readouterr().out
    for words in ("Python packages", LLM.name, "1.15 GB", "91 MB", str(bare / "cache"), str(bare / ".venv"), "minutes"):
        assert words in said


def test_silent_when_everything_is_there(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With packages and weights in place nothing is printed, even where the disk is nearly full."""
    install(bare / "cache", EMBEDDER.name)
    install(bare / "cache", LLM.name)
    assert preflight.main(["--port", str(free_port())]) == 0
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_too_little_memory(bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """4 GB are too few to set the language model up, and the need is named."""
    monkeypatch.setattr(preflight, "memory", lambda: 4e9)
    assert preflight.main(["--to", "test"]) == 1
    captured = capsys.readouterr()
    assert "memory: 4 GB; needed: 8 GB" in captured.err
    assert captured.out == ""


def test_little_memory_is_enough_to_serve(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the language model is set up less memory will do."""
    install(bare / "cache", LLM.name)
    monkeypatch.setattr(preflight, "memory", lambda: 4.2e9)
    assert preflight.main(["--to", "test"]) == 0


def test_a_machine_sold_as_8_gb_will_do() -> None:
    """Firmware and kernel keep a share of 8 GB that the machine never reports."""
    assert preflight.check_memory(8e9, 7.6e9).ok
    assert not preflight.check_memory(8e9, 7.0e9).ok


def test_full_disk(bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk too small for weights and packages together is refused, the folder and the lack named."""
    monkeypatch.setattr(preflight, "free_bytes", lambda folder: 3e9)
    assert preflight.main(["--packages", "--to", "test"]) == 1
    said = capsys.readouterr().err
    assert "disk: 3 GB free" in said
    assert str(bare / "cache") in said
    assert "DEREK_CACHE_DIR" in said


def test_what_is_fetched_already_counts(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-fetched files lower the need: they lie on the disk already."""
    cache = bare / "cache"
    cache.mkdir()
    with (cache / "part").open("wb") as file:
        file.truncate(2_000_000_000)  # a hole: takes no room
    need = EMBEDDER.peak + LLM.peak
    monkeypatch.setattr(preflight, "free_bytes", lambda folder: need - 1.9e9)
    assert all(check.ok for check in preflight.disk_checks(cache, bare, [EMBEDDER, LLM], packages=False))
    monkeypatch.setattr(preflight, "free_bytes", lambda folder: need - 2.1e9)
    assert not all(check.ok for check in preflight.disk_checks(cache, bare, [EMBEDDER, LLM], packages=False))


def test_port_in_use(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken is named before anything is fetched, with the way to another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert preflight.main(["--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port}" in said
    assert "make run PORT=" in said


def test_an_address_that_is_not_here() -> None:
    """A host that can't be listened on is a failed check, not a traceback."""
    assert not preflight.check_port("203.0.113.1", 8000).ok
    assert not preflight.check_port("127.0.0.1", 70000).ok


def test_other_models_are_not_announced(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of one's own or an engine elsewhere needs no default weights."""
    monkeypatch.setenv("DEREK_ENGINE", "openai")
    (bare / "derek.toml").write_text('embedder = "./mine"\n')
    assert preflight.missing_weights(bare / "cache") == []


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="other systems run Linux inside")
def test_cache_folder_is_the_settings_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the settings module it finds the same cache folder as with it."""
    monkeypatch.chdir(tmp_path)
    assert preflight.cache_folder() == platformdirs.user_cache_path("derek")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert preflight.cache_folder() == platformdirs.user_cache_path("derek")
    (tmp_path / "derek.toml").write_text('cache_dir = "one"\n')
    assert preflight.cache_folder() == tmp_path / "one"
    monkeypatch.setenv("DEREK_CACHE_DIR", "two")
    assert preflight.cache_folder() == tmp_path / "two"


@pytest.mark.parametrize(("amount", "said"), [(0, "0 MB"), (91e6, "91 MB"), (1.15e9, "1.15 GB"), (10e9, "10 GB")])
def test_sizes_for_people(amount: float, said: str) -> None:
    """Sizes are in decimal units of at most three digits."""
    assert preflight.size(amount) == said
