"""Settings: who wins, what is refused, and what a refusal says."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.generations import KEPT
from rag.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults(tmp_path: Path) -> None:
    """With nothing set the folders are below the working folder and the server is on loopback."""
    settings = load_settings()
    assert settings.seeds_dir == tmp_path / "seeds"
    assert settings.vectors_dir == tmp_path / "vectors"
    assert settings.cache_dir.name == "derek"
    assert (settings.host, settings.port, settings.engine) == ("127.0.0.1", 8000, "ctranslate2")
    assert settings.embedder == "multilingual-e5-small"
    assert settings.llm == "qwen2.5-coder-1.5b-instruct"
    assert settings.api_key is None
    assert settings.keep_generations == KEPT


def test_flag_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each layer overrides the ones below it, key by key."""
    (tmp_path / "derek.toml").write_text('port = 1001\nhost = "one"\nllm = "file"\n')
    monkeypatch.setenv("DEREK_PORT", "1002")
    monkeypatch.setenv("DEREK_HOST", "two")
    settings = load_settings(port=1003)
    assert (settings.port, settings.host, settings.llm) == (1003, "two", "file")


def test_absent_flags_and_empty_variables_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag of None and a variable set to nothing leave the default in place."""
    monkeypatch.setenv("DEREK_API_KEY", "")
    settings = load_settings(port=None)
    assert settings.port == 8000
    assert settings.api_key is None


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A leading ~ means the home folder, in folders and in models named by folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings(seeds_dir="~/news", llm="~/weights")
    assert settings.seeds_dir == tmp_path / "news"
    assert settings.llm == str(tmp_path / "weights")


def test_frozen() -> None:
    """A run's settings do not change under way."""
    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("\nprot = 1", ["derek.toml:2", "'prot'", "'port'"]),
        ("\n[server]\nport = 1", ["derek.toml:2", "'server'"]),
        ("host = ''", ["derek.toml:1", "host", "address"]),
        ("# one\nport = 70000", ["derek.toml:2", "70000", "from 1 to 65535"]),
        ('engine = "vllm"', ["derek.toml:1", "'vllm'", "ctranslate2, transformers or openai"]),
        ("port =\nhost", ["derek.toml", "TOML", "line 1"]),
        ("port = [1, 2]", ["derek.toml:1", "[1, 2]"]),
    ],
)
def test_bad_file(tmp_path: Path, toml: str, said: list[str]) -> None:
    """A fault in derek.toml is named by its line, its value and what is allowed."""
    (tmp_path / "derek.toml").write_text(toml)
    with pytest.raises(SettingsError) as error:
        load_settings()
    for words in said:
        assert words in str(error.value)


def test_bad_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable's bad value is named with the variable."""
    monkeypatch.setenv("DEREK_PORT", "eighty")
    with pytest.raises(
        SettingsError, match=r"port = 'eighty' from variable DEREK_PORT: must be a whole number"
    ) as error:
        load_settings()
    assert error.value.field == "port"


def test_bad_flag() -> None:
    """A flag's bad value is named with the flag."""
    with pytest.raises(SettingsError, match=r"port = '0' from flag --port"):
        load_settings(port=0)


def test_unknown_variable_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is refused, its value (a secret perhaps) unsaid."""
    monkeypatch.setenv("DEREK_APIKEY", "hush-hush")
    with pytest.raises(SettingsError, match="DEREK_APIKEY; did you mean DEREK_API_KEY") as error:
        load_settings()
    assert "hush-hush" not in str(error.value)


def test_unknown_flag() -> None:
    """A flag that no setting has is refused like any other unknown key."""
    with pytest.raises(SettingsError, match="--seed-dir; did you mean --seeds-dir"):
        load_settings(seed_dir="x")


def test_openai_needs_a_url() -> None:
    """The HTTP engine has no sensible default address."""
    with pytest.raises(SettingsError, match="needs engine_url"):
        load_settings(engine="openai")
    assert load_settings(engine="openai", engine_url="http://localhost:1/v1/").engine_url == "http://localhost:1/v1"


@pytest.mark.parametrize("url", ["localhost:1", "ftp://x", "http://", "file:///etc/passwd"])
def test_engine_url_is_http(url: str) -> None:
    """Only http and https addresses reach the HTTP engine."""
    with pytest.raises(SettingsError, match="http"):
        load_settings(engine_url=url)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys appear neither in the printed settings nor in an error about another key, nor a URL's password in one."""
    monkeypatch.setenv("DEREK_API_KEY", "hush-hush")
    settings = load_settings(engine_key="quiet")
    assert "hush" not in repr(settings)
    assert "quiet" not in f"{settings}{settings.model_dump_json()}"
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "hush-hush"
    with pytest.raises(SettingsError) as error:
        load_settings(port=0, engine_key="   ", engine_url="ftp://me:quiet@example")
    assert "engine_key from flag --engine-key" in str(error.value)
    assert "quiet" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_every_setting_says_what_it_allows() -> None:
    """Refusals are built from the descriptions, so each field has one."""
    assert all(field.description for field in Settings.model_fields.values())
