"""Checks the machine before anything is installed: python, memory, disk and port, and says what will be fetched.

Runs with whatever python there is (`python3 -m rag.preflight`), so it uses the standard library alone and no syntax
newer than 3.7. It knows how large things are, not how they are fetched. Silent when there is nothing left to do.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import NamedTuple

PYTHONS = ((3, 11), (3, 13))  # oldest and newest supported, both inclusive
MEMORY_TO_SET_UP = 8e9  # bytes; turning the language model into the engine's form is the peak
MEMORY_TO_SERVE = 4e9
MEMORY_SLACK = 0.06  # share of a machine's memory that firmware and kernel keep, and that it never reports
PACKAGES_FETCHED, PACKAGES_PEAK = 460e6, 2.3e9  # bytes of wheels; of .venv with them; torch as its CPU build
MINUTES_OF_PACKAGES = 2  # unpacking, on two cores
BITS_PER_SECOND = 50e6  # the line that the estimate of time assumes


class Check(NamedTuple):
    """One thing that was looked at: what was found, what is needed, and the command or step that mends it."""

    name: str
    ok: bool
    found: str
    need: str
    mend: str


class Weights(NamedTuple):
    """What a default model costs: bytes to fetch, bytes on disk while it is set up, minutes of work after fetching."""

    name: str
    role: str
    fetched: float
    peak: float
    minutes: float


EMBEDDER = Weights("multilingual-e5-small", "embedder", 91e6, 0.6e9, 0.5)
LLM = Weights("qwen2.5-coder-1.5b-instruct", "language model", 1.15e9, 3e9, 2)


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Whether this interpreter can run Derek."""
    oldest, newest = PYTHONS
    return Check(
        "python",
        oldest <= tuple(version[:2]) <= newest,
        _dotted(version),
        f"{_dotted(oldest)} to {_dotted(newest)}",
        f"install Python {_dotted(newest)}, then: make run PYTHON=python{_dotted(newest)}",
    )


def check_venv_module() -> Check:
    """Whether a virtual environment can be made; some systems package that apart from python."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        return Check("venv", False, f"no module {error.name}", "venv and ensurepip", "install python3-venv")
    return Check("venv", True, "there", "venv and ensurepip", "")


def check_memory(need: float, found: float | None = None) -> Check:
    """Whether the machine (or the container) has `need` bytes of memory."""
    found = memory() if found is None else found
    return Check(
        "memory",
        found >= need * (1 - MEMORY_SLACK),
        size(found) if found < float("inf") else "unknown",
        size(need),
        "run on a machine with more memory, or set DEREK_ENGINE=openai and a server's DEREK_ENGINE_URL",
    )


def check_disk(folder: Path, need: float, free: float | None = None) -> Check:
    """Whether the filesystem that will hold `folder` has `need` bytes free."""
    free = free_bytes(folder) if free is None else free
    return Check(
        "disk",
        free >= need,
        f"{size(free)} free for {folder}",
        size(need),
        f"free {size(max(0.0, need - free))} there, or set DEREK_CACHE_DIR to a folder on a larger disk",
    )


def check_port(host: str, port: int) -> Check:
    """Whether a server could listen on `host`:`port` now."""
    need, mend = f"{host}:{port} free", f"choose another port: make run PORT={port + 1 if port < 65535 else 8000}"
    if not 1 <= port <= 65535:
        return Check("port", False, "no number of a port", "1 to 65535", "choose another port: make run PORT=8000")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(address)
    except OSError as error:
        return Check("port", False, f"{host}:{port}: {error.strerror or error}", need, mend)
    return Check("port", True, f"{host}:{port} free", need, mend)


def memory() -> float:
    """Bytes of memory this process may use: the machine's, or its control group's limit. Unknown is infinite."""
    limits = [float("inf")]
    with contextlib.suppress(AttributeError, ValueError, OSError):  # not every system counts pages
        limits.append(float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")))
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # version 2, version 1
        try:
            limits.append(float(Path("/sys/fs/cgroup", name).read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return min(limits)


def free_bytes(folder: Path) -> float:
    """Bytes free for this user in the filesystem that holds `folder` or would hold it."""
    stat = os.statvfs(str(_existing(folder)))
    return float(stat.f_bavail * stat.f_frsize)


def cache_folder() -> Path:
    """Where weights are kept, by the same rules as the settings: DEREK_CACHE_DIR, derek.toml, the user's cache."""
    chosen = _setting("cache_dir")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "derek"
    return Path(os.environ.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache").expanduser() / "derek"


def missing_weights(cache: Path) -> list[Weights]:
    """Default models that the settings ask for and that `cache` does not hold complete."""
    wanted = []
    if _setting("embedder") in ("", EMBEDDER.name):
        wanted.append(EMBEDDER)
    if _setting("llm") in ("", LLM.name) and _setting("engine") != "openai":
        wanted.append(LLM)
    return [weights for weights in wanted if not is_installed(cache, weights.name)]


def is_installed(cache: Path, name: str) -> bool:
    """Whether a model is there and complete; its record is written last."""
    return (cache / "models" / name / "record.json").is_file()


def disk_checks(cache: Path, environment: Path, missing: list[Weights], packages: bool) -> list[Check]:
    """One check for each filesystem that will take weights or packages."""
    cache_need = sum(weights.peak for weights in missing) - (tree_bytes(cache) if missing else 0.0)
    needs = [(cache, max(0.0, cache_need)), (environment, PACKAGES_PEAK if packages else 0.0)]
    if _existing(cache).stat().st_dev == _existing(environment).stat().st_dev:
        needs = [(cache, needs[0][1] + needs[1][1])]
    return [check_disk(folder, need) for folder, need in needs if need > 0]


def tree_bytes(folder: Path) -> float:
    """Bytes of the half-fetched and finished files in `folder`; they need not be fetched again."""
    total = 0.0
    for parent, _, names in os.walk(str(folder)):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
            except OSError:  # gone meanwhile
                continue
    return total


def announcement(cache: Path, environment: Path, missing: list[Weights], packages: bool) -> str:
    """What will be fetched, how large, where to, and about how long. Empty when nothing will be."""
    rows = []
    minutes, fetched = 0.0, 0.0
    if packages:
        rows.append(("Python packages", PACKAGES_FETCHED, environment))
        minutes, fetched = minutes + MINUTES_OF_PACKAGES, fetched + PACKAGES_FETCHED
    for weights in missing:
        rows.append((f"{weights.role} {weights.name}", weights.fetched, cache))
        minutes, fetched = minutes + weights.minutes, fetched + weights.fetched
    if not rows:
        return ""
    lines = ["Derek fetches, once:"]
    lines += [f"  {what:<46} {size(amount):>7}  to {folder}" for what, amount, folder in rows]
    line_minutes = fetched * 8 / BITS_PER_SECOND / 60
    lines.append(
        f"  {size(fetched)} in all: about {round(line_minutes + minutes)} minutes on a line of"
        f" {BITS_PER_SECOND / 1e6:.0f} Mbit/s. Stop with Ctrl-C at any moment; it goes on where it was."
    )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print what will be fetched and return 0, or print what is lacking and return 1."""
    parser = argparse.ArgumentParser(prog="python3 -m rag.preflight", description="Checks the machine before set-up.")
    parser.add_argument("--host", default="", help="address the server will listen on")
    parser.add_argument("--port", default="", help="port the server will listen on")
    parser.add_argument("--environment", default=".venv", help="folder of the virtual environment")
    parser.add_argument("--packages", action="store_true", help="python packages are still to be installed")
    parser.add_argument(
        "--to",
        choices=("serve", "test", "develop"),
        default="serve",
        help="test needs no port, develop no weights either",
    )
    given = parser.parse_args(arguments)
    checks = [check_python()] if given.packages else []
    if checks and not checks[0].ok:  # what follows may not even read on so old a python
        return _report(checks)
    environment, cache = Path(given.environment).absolute(), cache_folder()
    missing = [] if given.to == "develop" else missing_weights(cache)
    if given.packages:
        checks.append(check_venv_module())
    checks.append(check_memory(MEMORY_TO_SET_UP if LLM in missing else MEMORY_TO_SERVE))
    checks += disk_checks(cache, environment, missing, given.packages)
    host, port = given.host or _setting("host") or "127.0.0.1", given.port or _setting("port") or "8000"
    if given.to == "serve":
        checks.append(check_port(host, int(port) if port.isdecimal() else 0))
    failed = [check for check in checks if not check.ok]
    if failed:
        return _report(failed)
    text = announcement(cache, environment, missing, given.packages)
    if text:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    return 0


def size(amount: float) -> str:
    """Bytes for people: 91 MB, 1.15 GB, 10 GB."""
    if amount < 0.9995e9:
        return f"{amount / 1e6:.0f} MB"
    return f"{amount / 1e9:.3g} GB"


def _report(failed: list[Check]) -> int:
    for check in failed:
        sys.stderr.write(f"Derek can't start: {check.name}: {check.found}; needed: {check.need}.\n  {check.mend}\n")
    return 1


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _existing(folder: Path) -> Path:
    """`folder` or its nearest ancestor that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _setting(key: str) -> str:
    """A setting as text, or "" where it is not set or can't be read: complaining is left to the settings."""
    if os.environ.get("DEREK_" + key.upper()):
        return os.environ["DEREK_" + key.upper()]
    try:
        import tomllib

        return str(tomllib.loads(Path("derek.toml").read_text(encoding="utf-8")).get(key, ""))
    except (ImportError, OSError, ValueError):
        return ""


if __name__ == "__main__":
    sys.exit(main())
