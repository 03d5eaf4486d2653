"""Prompts -> drafts: one Protocol (rag.types.Generator), three engines, one door.

Knows how to choose an engine; what each one knows is in its own file. An engine is imported when it is chosen: nothing
loads torch for a server elsewhere.
"""

from pathlib import Path
from typing import Literal, assert_never

from rag.errors import SettingsError, WeightsMissing
from rag.models import MANIFESTS, open_weights
from rag.types import Generator

Engine = Literal["ctranslate2", "transformers", "openai"]


def open_generator(
    engine: Engine, name: str, cache_dir: Path, url: str | None = None, key: str | None = None
) -> Generator:
    """Open `name` in `engine`; `url` and `key` are the openai engine's (url: up to and with /v1).

    ctranslate2: a known name or a folder with a converted model. transformers: a folder, a .gguf file or a hub name.
    openai: the name by which the server knows its model. Raises WeightsMissing, WeightsDamaged, SettingsError.
    """
    match engine:
        case "ctranslate2":
            from rag.generator.ctranslate2_engine import open_ctranslate2

            folder = open_weights(name, cache_dir).folder
            if folder is None or not (folder / "model.bin").is_file():
                raise WeightsMissing(
                    f"{name} is no folder with a CTranslate2 model (model.bin): convert it with "
                    "ct2-transformers-converter --quantization int8 --copy_files tokenizer.json tokenizer_config.json, "
                    "or use the engine transformers"
                )
            return open_ctranslate2(name, folder)
        case "transformers":
            from rag.generator.transformers_engine import open_transformers

            return open_transformers(name, _checkpoint(name, cache_dir))
        case "openai":
            from rag.generator.openai_engine import open_openai

            if not url:
                raise SettingsError("the engine openai needs a URL, such as http://127.0.0.1:8080/v1", "engine_url")
            return open_openai(name, url, key)
        case _ as unreachable:
            assert_never(unreachable)


def _checkpoint(name: str, cache_dir: Path) -> Path | None:
    """What transformers loads for a name: for a known one the packed file put by hand, as the converted is no use."""
    if name not in MANIFESTS:
        return open_weights(name, cache_dir).folder
    packed = cache_dir / "incoming" / MANIFESTS[name].packed.name
    if not packed.is_file():
        raise WeightsMissing(
            f"the engine transformers needs {name} as {packed} (sha256 {MANIFESTS[name].packed.sha256}): put it there, "
            "or name a transformers folder or a model on the hub instead"
        )
    return packed
