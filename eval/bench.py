"""`python -m eval.bench`: how fast and how large Derek is on this machine, on real questions. `make bench` runs it.

Indexes the seeds into a folder of its own, starts the service on it as a user would, asks over HTTP and reads the
clock and the process table; nothing of the service is imported. With --engines it also sets the engine CTranslate2
against transformers.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from eval.metrics.estimates import percentile
from eval.readers import find_set, read_set
from eval.run import write_json
from eval.sets import Item, select
from rag.errors import DerekError, EngineFailed
from rag.limits import Limits

READY_WITHIN_S = 300
ASK_WITHIN_S = 300
SEARCHES = 3  # rounds over the questions


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `value` in `unit`; None where this system doesn't tell."""

    name: str
    value: float | None
    unit: str


def main(
    questions: Annotated[int, typer.Option(min=1, help="How many questions are asked.")] = 20,
    engines: Annotated[
        str | None,
        typer.Option(
            metavar="CHECKPOINT", help="Set CTranslate2 against this transformers checkpoint (folder, hub name)."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the figures there too.")] = None,
) -> None:
    """Measure indexing, start, search, asks and memory; settings come from the environment and derek.toml."""
    from rag.settings import load_settings

    console = Console(stderr=True)
    try:
        settings = load_settings()
        items = select([i for i in read_set(find_set("seeds")).items if i.answerable], "dev", questions)
        with tempfile.TemporaryDirectory(prefix="derek-bench-") as folder:
            vectors_dir = Path(folder) / "vectors"
            console.print("indexing the seeds …")
            figures = [
                index_speed(settings.seeds_dir, vectors_dir, settings.embedder, settings.cache_dir, settings.limits)
            ]
            console.print("starting the service twice, asking …")
            figures += service_speed(vectors_dir, items)
            if engines:
                from eval.engines import compare, record_prompts

                console.print("engines, turn by turn …")
                prompts = record_prompts(items, vectors_dir, settings.embedder, settings.cache_dir)
                figures += [Figure(*line) for line in compare(prompts, settings.llm, settings.cache_dir, engines)]
    except DerekError as error:
        console.print(f"bench: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    Console().print(table(figures))
    if out:
        write_json(out, {figure.name: {"value": figure.value, "unit": figure.unit} for figure in figures})


def index_speed(seeds_dir: Path, vectors_dir: Path, embedder_name: str, cache_dir: Path, limits: Limits) -> Figure:
    """Passages a second of a whole first indexing: parse, cut, embed, write, publish; loading weights not counted."""
    from rag.embedder import open_embedder
    from rag.reindex import reindex

    embedder = open_embedder(embedder_name, cache_dir)
    embedder.embed_queries(["warm up"])
    started = time.perf_counter()
    report = reindex(seeds_dir, vectors_dir, embedder, limits=limits)
    return Figure("index", report.passages / (time.perf_counter() - started), "passages/s")


def service_speed(vectors_dir: Path, items: Sequence[Item]) -> list[Figure]:
    """Start the service twice (the second start is the warm one), search and ask every question, read its memory."""
    with running_service(vectors_dir):
        pass
    with running_service(vectors_dir) as (client, pid, ready_s):
        posts = [partial(client.post, "/v1/search", json={"query": item.question}) for item in items]
        searches = [timed(post)[0] for _ in range(SEARCHES) for post in posts]
        asks = [timed(partial(client.post, "/v1/ask", json={"question": item.question})) for item in items]
        memory = peak_memory(pid)
    answers = [answer for _, answer in asks]
    return [
        Figure("warm start", ready_s, "s"),
        Figure("search p50", 1000 * percentile(searches, 50), "ms"),
        *ask_figures([seconds for seconds, _ in asks], answers),
        Figure("peak memory of the service", None if memory is None else memory / 2**30, "GiB"),
    ]


def ask_figures(seconds: Sequence[float], answers: Sequence[dict[str, Any]]) -> list[Figure]:
    """Tokens and times of asks; those that needed no model count for the totals alone."""
    wrote = [a for a in answers if a["usage"]["completion_tokens"] > 1 and "first_token" in a["timings_ms"]]
    prompts = [a["usage"]["prompt_tokens"] for a in wrote]
    first = [(a["timings_ms"]["retrieve"] + a["timings_ms"]["first_token"]) / 1000 for a in wrote]
    rates = [
        (a["usage"]["completion_tokens"] - 1) * 1000 / (a["timings_ms"]["generate"] - a["timings_ms"]["first_token"])
        for a in wrote
        if a["timings_ms"]["generate"] > a["timings_ms"]["first_token"]
    ]
    rows: list[tuple[str, Sequence[float], tuple[int, ...], str]] = [
        ("prompt", prompts, (50, 95), "tokens"),
        ("time to first token", first, (50, 95), "s"),
        ("writing", rates, (50,), "tokens/s"),
        ("ask total", seconds, (50, 95), "s"),
    ]
    return [
        Figure(f"{name} p{q}", percentile(values, q) if values else None, unit)
        for name, values, qs, unit in rows
        for q in qs
    ]


@contextmanager
def running_service(vectors_dir: Path, seeds_dir: Path | None = None) -> Iterator[tuple[httpx.Client, int, float]]:
    """A service of its own process: a client, its process id, and the seconds until it was ready.

    `seeds_dir`: other seeds than those that the settings name.

    Raises EngineFailed where it ends early or isn't ready in time, with what it printed last.
    """
    port = free_port()
    environment = {**os.environ, "DEREK_VECTORS_DIR": str(vectors_dir), "DEREK_PORT": str(port)}
    environment["DEREK_HOST"] = "127.0.0.1"
    if seeds_dir:
        environment["DEREK_SEEDS_DIR"] = str(seeds_dir)
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "rag.cli", "serve"], env=environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=ASK_WITHIN_S, trust_env=False) as client:
                while not is_ready(client):
                    if process.poll() is not None or time.perf_counter() - started > READY_WITHIN_S:
                        log.seek(0)
                        said = log.read().decode(errors="replace")[-1000:]
                        raise EngineFailed(
                            f"the service was not ready after {READY_WITHIN_S} s or ended; it said:\n{said}"
                        )
                    time.sleep(0.1)
                yield client, process.pid, time.perf_counter() - started
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def is_ready(client: httpx.Client) -> bool:
    """Whether an ask would work."""
    try:
        return client.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def timed(request: Callable[[], httpx.Response]) -> tuple[float, dict[str, Any]]:
    """Seconds of a request and its JSON. Raises EngineFailed where it was refused."""
    started = time.perf_counter()
    response = request()
    seconds = time.perf_counter() - started
    if response.status_code != httpx.codes.OK:
        raise EngineFailed(f"{response.request.url}: {response.status_code} {response.text[:300]}")
    found: dict[str, Any] = response.json()
    return seconds, found


def peak_memory(pid: int) -> float | None:
    """Bytes of memory the process held at most, shared libraries included; None where the system doesn't tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def table(figures: Sequence[Figure]) -> Table:
    """The figures for a terminal."""
    shown = Table("figure", "value", "unit", box=None, pad_edge=False)
    shown.columns[1].justify = "right"
    for figure in figures:
        shown.add_row(figure.name, "not told" if figure.value is None else f"{figure.value:,.2f}", figure.unit)
    return shown


if __name__ == "__main__":
    typer.run(main)
