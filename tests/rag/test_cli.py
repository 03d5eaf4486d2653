"""The command line: exit codes, one-line errors, and the verbs that look after weights and indexes."""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
import typer
from fakes import HashingEmbedder
from typer.testing import CliRunner, Result

from rag import cli, preflight
from rag.errors import EngineFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEREK_CACHE_DIR", str(tmp_path / "cache"))


def derek(*arguments: str) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(cli.build_app(), arguments)


def test_version() -> None:
    """`--version` names the installed version."""
    assert derek("--version").output == f"derek {metadata.version('derek')}\n"


def test_help_names_every_verb() -> None:
    """Verbs of all packages are there."""
    shown = derek("--help").output
    for verb in ("index", "models", "doctor", "serve", "ask", "search", "articles", "reindex", "eval"):
        assert verb in shown


def test_help_imports_nothing_heavy() -> None:
    """Help and completion stay quick because no library of models or servers is loaded for them."""
    code = (
        "import sys; from rag.cli import build_app; build_app();"
        "print([name for name in ('torch', 'transformers', 'faiss', 'fastapi', 'numpy', 'tantivy', 'lingua')"
        " if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_an_error_is_one_line_and_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derek's own errors show their message alone."""
    monkeypatch.setenv("DEREK_PORT", "eighty")
    result = derek("index", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith("derek: port = 'eighty' from variable DEREK_PORT")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_errors_of_other_verbs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb that another package adds may raise Derek's errors and leave showing them to the root."""

    class Plugin:
        name, value = "plugin", "plugin:add_to"

        @staticmethod
        def load() -> object:
            def add_to(app: typer.Typer) -> None:
                @app.command()
                def fail() -> None:
                    raise EngineFailed("no engine today; try tomorrow")

            return add_to

    monkeypatch.setattr(cli.metadata, "entry_points", lambda group: [Plugin])
    result = derek("fail")
    assert (result.exit_code, result.stderr) == (1, "derek: no engine today; try tomorrow\n")


def test_a_package_that_can_not_be_loaded_does_not_take_the_others_along(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its verbs are missing, which is said, and `doctor` still runs."""

    class Broken:
        name, value = "broken", "broken:add_to"

        @staticmethod
        def load() -> object:
            raise ImportError("no module named nothing")

    monkeypatch.setattr(cli.metadata, "entry_points", lambda group: [Broken])
    result = derek("--version")
    assert result.exit_code == 0
    assert "broken:add_to can't be loaded: no module named nothing" in capsys.readouterr().err


def test_wrong_usage_is_exit_2() -> None:
    """A verb or flag that is not there is told apart from a failure."""
    assert derek("indexes").exit_code == 2
    assert derek("index", "list", "--bogus").exit_code == 2


def test_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends a verb with 130 and no traceback."""
    code = (
        "import signal, time, rag.settings, rag.cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job inherits it ignored
        "rag.settings.load_settings = lambda **flags: (print('in', flush=True), time.sleep(60))\n"
        "import sys; sys.argv = ['derek', 'index', 'list']; rag.cli.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "in\n"
        time.sleep(0.1)  # from the line to the sleep
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert "Traceback" not in process.stderr.read()


def test_index_list_and_verify(seeds_dir: Path, vectors_dir: Path) -> None:
    """A built generation is listed as the one in use and found sound; with a byte changed it is not."""
    from rag.reindex import reindex

    report = reindex(seeds_dir, vectors_dir, HashingEmbedder())
    listed = derek("index", "list", "--vectors-dir", str(vectors_dir))
    assert listed.exit_code == 0
    assert report.generation in listed.output
    assert "*" in listed.output
    sound = derek("index", "verify", "--vectors-dir", str(vectors_dir))
    assert (sound.exit_code, sound.output) == (0, f"{report.generation}: sound\n")
    vectors = next((vectors_dir / report.generation).glob("*.faiss"))
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    damaged = derek("index", "verify", "--vectors-dir", str(vectors_dir))
    assert damaged.exit_code == 1
    assert vectors.name in damaged.stderr


def test_index_rollback_and_prune(seeds_dir: Path, vectors_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back by one, or to the one that is named; the list shows it; pruning leaves it, and what is read just now."""
    from rag.generations import open_generation, writer_lock
    from rag.reindex import reindex

    monkeypatch.setattr("rag.models.open_weights", lambda *_: None)
    folder = ["--vectors-dir", str(vectors_dir)]
    made = []
    for number in range(3):
        (seeds_dir / "more.txt").write_text(f"2026-03-07\nA title\nA body with the number {number}.\n")
        made.append(reindex(seeds_dir, vectors_dir, HashingEmbedder()).generation)
    back = derek("index", "rollback", *folder)
    assert back.exit_code == 0 and back.output.startswith(f"{made[1]}: in use; it stays until")
    lines = [line.split() for line in derek("index", "list", *folder).output.splitlines()[1:]]
    assert [line[:3] for line in lines][1] == ["*", "pinned", made[1]]
    assert [line[0] for line in lines] == [made[2], "*", made[0]]
    assert made[0] in derek("index", "rollback", *folder).output
    last = derek("index", "rollback", *folder)
    assert last.exit_code == 1 and "derek index list" in last.stderr and last.stderr.count("\n") == 1
    assert derek("index", "rollback", made[2], *folder).output == f"{made[2]}: in use\n"
    wrong = derek("index", "rollback", "20200101", *folder)
    assert wrong.exit_code == 1 and "no generation '20200101'" in wrong.stderr
    reader = open_generation(vectors_dir, made[0])
    pruned = derek("index", "prune", "--keep", "1", *folder)
    assert pruned.exit_code == 0
    assert f"{made[1]}: deleted" in pruned.output and f"{made[0]}: left, because it is being read" in pruned.output
    reader.close()
    assert f"{made[0]}: deleted" in derek("index", "prune", "--keep", "1", *folder).output
    assert "Nothing to delete" in derek("index", "prune", *folder).output
    assert derek("index", "prune", "--keep", "0", *folder).exit_code == 2
    with writer_lock(vectors_dir):
        busy = derek("index", "prune", *folder)
        assert busy.exit_code == 1 and "another process" in busy.stderr


def test_rolling_back_to_what_can_not_be_used(
    seeds_dir: Path, vectors_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A damaged generation, or one whose embedder is not there: said with the way out, and the pointer stays."""
    from rag.generations import current_id
    from rag.reindex import reindex

    folder = ["--vectors-dir", str(vectors_dir)]
    old = reindex(seeds_dir, vectors_dir, HashingEmbedder(fingerprint="multilingual-e5-small")).generation
    new = reindex(seeds_dir, vectors_dir, HashingEmbedder()).generation
    missing = derek("index", "rollback", *folder, "--cache-dir", str(tmp_path / "empty"))
    assert missing.exit_code == 1 and "derek models pull multilingual-e5-small" in missing.stderr
    monkeypatch.setattr("rag.models.open_weights", lambda *_: None)
    vectors = vectors_dir / old / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    damaged = derek("index", "rollback", *folder)
    assert damaged.exit_code == 1 and "vectors.faiss: altered" in damaged.stderr
    assert current_id(vectors_dir) == new


def test_index_verbs_without_an_index() -> None:
    """Nothing indexed yet is said with the verb that builds it."""
    assert "derek reindex" in derek("index", "prune").stdout
    assert derek("index", "rollback").exit_code == 1
    assert "derek reindex" in derek("index", "list").stdout
    result = derek("index", "verify")
    assert result.exit_code == 1
    assert "derek reindex" in result.stderr


def test_models_list(tmp_path: Path) -> None:
    """Known models are listed with licence and whether they are there."""
    shown = derek("models", "list").output
    assert preflight.EMBEDDER.name in shown
    assert preflight.LLM.name in shown
    assert "Apache-2.0" in shown
    assert "not there" in shown


def test_models_verify_without_weights() -> None:
    """Every missing model is named, not just the first, and the exit code is 1."""
    result = derek("models", "verify")
    assert result.exit_code == 1
    assert preflight.EMBEDDER.name in result.output
    assert preflight.LLM.name in result.output
    assert "derek models pull" in result.output


def test_preflight_knows_the_default_models() -> None:
    """The models announced before set-up are those that the settings ask for, and their sizes the manifests' own."""
    from rag.models import MANIFESTS
    from rag.settings import Settings

    assert Settings.model_fields["embedder"].default == preflight.EMBEDDER.name
    assert Settings.model_fields["llm"].default == preflight.LLM.name
    for weights in (preflight.EMBEDDER, preflight.LLM):
        assert weights.peak >= MANIFESTS[weights.name].disk
        assert weights.fetched >= MANIFESTS[weights.name].packed.size


def test_doctor_names_the_remedy_of_each_failure() -> None:
    """On an empty machine weights, seeds and index fail, each with its command, and the exit code is 1."""
    result = derek("doctor")
    assert result.exit_code == 1
    assert "FAIL  index: nothing indexed" in result.stdout
    for mend in (f"derek models pull {preflight.LLM.name}", "derek reindex", "mkdir -p"):
        assert mend in result.stdout
    assert "ok    python" in result.stdout


def test_doctor_names_another_port() -> None:
    """A port held by something other than Derek is a failure that names another port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: a connection is refused at once
        port = taken.getsockname()[1]
        result = derek("doctor", "--port", str(port))
    assert f"FAIL  port: 127.0.0.1:{port}" in result.stdout
    assert f"derek serve --port {port + 1}" in result.stdout


def test_the_installed_command() -> None:
    """The script that pip makes is the same command line."""
    script = Path(sys.executable).with_name("derek")
    run = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert run.stdout.startswith("derek ")
