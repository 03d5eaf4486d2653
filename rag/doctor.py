"""Examines an installation: the machine, the weights and their checksums, the index, the port.

Each finding is a value with the command that mends it; showing them is the command line's business.
"""

import json
import urllib.request
from contextlib import suppress
from pathlib import Path

from rag import models
from rag.errors import DerekError, NoGeneration
from rag.generations import current_id, list_generations, verify_generation
from rag.preflight import EMBEDDER as DEFAULT_EMBEDDER
from rag.preflight import LLM as DEFAULT_LLM
from rag.preflight import MEMORY_TO_SERVE, MEMORY_TO_SET_UP, Check, check_disk, check_memory, check_port, check_python

FREE_WHEN_COMPLETE = 0.5e9  # bytes: room for a generation beside the one in use
_SECONDS_TO_ANSWER = 2.0


def examine(
    *, seeds_dir: Path, vectors_dir: Path, cache_dir: Path, wanted: list[str], host: str, port: int
) -> list[Check]:
    """Every check, in the order in which a failure should be mended. `wanted`: known models that are to be there."""
    missing = [name for name in wanted if not _installed(name, cache_dir)]
    peaks = {weights.name: weights.peak for weights in (DEFAULT_EMBEDDER, DEFAULT_LLM)}
    disk_need = sum(peaks.get(name, 0.0) for name in missing) or FREE_WHEN_COMPLETE
    return [
        check_python(),
        check_memory(MEMORY_TO_SET_UP if DEFAULT_LLM.name in missing else MEMORY_TO_SERVE),
        check_disk(cache_dir, disk_need),
        *(check_weights(name, cache_dir) for name in wanted),
        check_seeds(seeds_dir),
        check_index(vectors_dir),
        check_server(host, port),
    ]


def check_weights(name: str, cache_dir: Path) -> Check:
    """Whether a model's files are in the cache and their checksums are right."""
    need, mend = f"in {cache_dir}, checksums right", f"derek models pull {name}"
    try:
        if models.installed(name, cache_dir) is None:
            return Check(f"weights {name}", False, "not there", need, mend)
        problems = models.verify(name, cache_dir)
    except DerekError as error:
        problems = [str(error)]
    return Check(f"weights {name}", not problems, "; ".join(problems) or "checksums right", need, mend)


def check_seeds(seeds_dir: Path) -> Check:
    """Whether there is a folder of seed files."""
    return Check(
        "seeds",
        seeds_dir.is_dir(),
        str(seeds_dir) if seeds_dir.is_dir() else f"no folder {seeds_dir}",
        "a folder of text files",
        f"mkdir -p {seeds_dir}, put .txt files in it, then: derek reindex",
    )


def check_index(vectors_dir: Path) -> Check:
    """Whether the generation in use is there, and whole."""
    need, mend = "a complete generation", "derek reindex"
    try:
        generation = current_id(vectors_dir)
        if generation is None:
            return Check("index", False, f"nothing indexed in {vectors_dir}", need, mend)
        problems = verify_generation(vectors_dir, generation)
        counts = [m for m in list_generations(vectors_dir) if m.id == generation]
    except NoGeneration as error:
        return Check("index", False, str(error), need, mend)
    except DerekError as error:
        return Check("index", False, str(error), need, f"delete {vectors_dir / 'CURRENT'}, then: derek reindex")
    if problems:
        folder = vectors_dir / generation
        return Check("index", False, "; ".join(problems), need, f"delete {folder}, then: derek reindex")
    found = "".join(f", {m.articles} articles, {m.passages} passages" for m in counts)
    return Check("index", True, f"{generation}{found}", need, mend)


def check_server(host: str, port: int) -> Check:
    """Whether the port is free or Derek itself is what listens on it."""
    check = check_port(host, port)
    if check.ok:
        return check
    address = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    with suppress(OSError, ValueError, KeyError, TypeError):  # whatever listens there is not Derek
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{address}:{port}/version", timeout=_SECONDS_TO_ANSWER) as answer:
            version = json.loads(answer.read(10_000))["version"]
        return check._replace(ok=True, found=f"Derek {version} is serving {host}:{port}")
    return check._replace(mend=f"choose another port: derek serve --port {port + 1 if port < 65535 else 8000}")


def _installed(name: str, cache_dir: Path) -> bool:
    with suppress(DerekError):  # a damaged record: reported as such by check_weights
        return models.installed(name, cache_dir) is not None
    return False
