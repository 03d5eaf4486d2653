"""Settings of a whole run: flag > environment (DEREK_*) > derek.toml in the working folder > default.

Knows what may be set, not who uses it: only entry points read settings and pass plain values on. A key that nobody
knows is refused rather than ignored, and secrets are shown in no message.
"""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from rag.errors import SettingsError

FILE = "derek.toml"
PREFIX = "DEREK_"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _home(name: str) -> str:
    return str(Path(name).expanduser()) if name.startswith("~") else name


def _http_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http(s) URL")
    return url.rstrip("/")


def _not_blank(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise ValueError("blank")
    return secret


_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Folder = Annotated[Path, AfterValidator(_absolute)]
_Model = Annotated[_Name, AfterValidator(_home)]
_Secret = Annotated[SecretStr, AfterValidator(_not_blank)]


class Settings(BaseSettings):
    """What a user may set. Frozen; folders are absolute with `~` expanded; a description says what is allowed."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_ignore_empty=True, validate_default=True
    )

    seeds_dir: _Folder = Field(Path("seeds"), description="a folder of seed files")
    vectors_dir: _Folder = Field(Path("vectors"), description="a folder for built indexes")
    cache_dir: _Folder = Field(
        default_factory=lambda: platformdirs.user_cache_path("derek"), description="a folder for model weights"
    )
    runs_dir: _Folder = Field(Path("eval/runs"), description="a folder for runs of question sets")
    keep_generations: int = Field(3, ge=1, le=1000, description="a whole number from 1 to 1000")
    embedder: _Model = Field("multilingual-e5-small", description="a known name, a hub name or a folder")
    llm: _Model = Field("qwen2.5-coder-1.5b-instruct", description="a known name, a hub name or a folder or file")
    engine: Literal["ctranslate2", "transformers", "openai"] = Field(
        "ctranslate2", description="ctranslate2, transformers or openai"
    )
    engine_url: Annotated[_Name, AfterValidator(_http_url)] | None = Field(
        None, description="an http(s) URL, required by the engine openai"
    )
    engine_key: _Secret | None = Field(None, description="a key that the engine openai sends, not blank")
    host: _Name = Field("127.0.0.1", description="an address or host name to listen on")
    port: int = Field(8000, ge=1, le=65535, description="a whole number from 1 to 65535")
    api_key: _Secret | None = Field(None, description="a key that callers must send, not blank")
    watch: bool = Field(False, description="true or false")

    @model_validator(mode="after")
    def _engine_has_its_url(self) -> "Settings":
        if self.engine == "openai" and self.engine_url is None:
            raise ValueError("engine = 'openai' needs engine_url, the address of an OpenAI-compatible server")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then derek.toml; no .env file and no secrets folder."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _read_file())


def load_settings(**flags: object) -> Settings:
    """Settings of this run; flags that are None count as not given.

    Raises SettingsError that names the key, its value, where it was set and what is allowed.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    variables = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    _refuse_unknown(given, variables, _read_file())
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks what the type checker can't
    except ValidationError as error:
        keys = [str(detail["loc"][0]) if detail["loc"] else "" for detail in error.errors()]
        messages = [
            _refusal(key, given) if key else str(detail["ctx"]["error"])
            for key, detail in zip(keys, error.errors(), strict=True)
        ]
    # outside the handler: the original error holds the values, secrets too
    raise SettingsError("; ".join(dict.fromkeys(messages)), field=keys[0] or "engine_url")


def _read_file() -> dict[str, Any]:
    path = Path(FILE)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.absolute()} can't be read as TOML: {error}. Mend the file or move it away."
        ) from None


def _refuse_unknown(flags: dict[str, object], variables: dict[str, str], in_file: dict[str, Any]) -> None:
    known = list(Settings.model_fields)
    for key in flags:
        if key not in known:
            raise SettingsError(f"Unknown flag {_flag(key)}; did you mean {_flag(_nearest(key))}?", field=key)
    for name in sorted(variables):
        key = name[len(PREFIX) :].lower()
        if key not in known:
            raise SettingsError(f"Unknown variable {name}; did you mean {_variable(_nearest(key))}?", field=key)
    for key in in_file:
        if key not in known:
            raise SettingsError(f"Unknown key {key!r} in {_place(key)}; did you mean {_nearest(key)!r}?", field=key)


def _refusal(key: str, flags: dict[str, object]) -> str:
    """One sentence about a value that was refused; the value itself is left out where it may be a secret."""
    where: str
    if key in flags:
        where, value = f"flag {_flag(key)}", flags[key]
    elif any(name.upper() == _variable(key) and text for name, text in os.environ.items()):
        where, value = f"variable {_variable(key)}", os.environ.get(_variable(key), "")
    else:
        where, value = _place(key), _read_file().get(key)
    shown = "" if key.endswith("_key") else f" = {re.sub(r'//[^@/]*@', '//***@', str(value))!r}"
    return f"{key}{shown} from {where}: must be {Settings.model_fields[key].description}"


def _place(key: str) -> str:
    """`derek.toml:line` of a key."""
    pattern = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    for number, line in enumerate(Path(FILE).read_text(encoding="utf-8").splitlines(), start=1):
        if pattern.match(line):
            return f"{FILE}:{number}"
    return FILE


def _nearest(key: str) -> str:
    return difflib.get_close_matches(key.lower(), Settings.model_fields, n=1, cutoff=0.0)[0]


def _variable(key: str) -> str:
    return PREFIX + key.upper()


def _flag(key: str) -> str:
    return "--" + key.replace("_", "-")
