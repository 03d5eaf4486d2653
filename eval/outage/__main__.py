"""`python -m eval.outage`: searches and asks on a running service, without and during reindexes in a row.

Starts the service on a copy of the seeds and a vectors folder of its own, both thrown away after. Prints one table.
Ends with 1 where a request failed or an answer held what its generation can't hold; how much slower searches became is
told beside what they should keep to, and is no error: it depends on what else the machine does.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from eval.bench import ASK_WITHIN_S, running_service
from eval.metrics.estimates import percentile
from eval.outage.findings import MOST_S, MOST_SLOWER, Findings, Reindex, figures, seconds_of, table
from eval.outage.load import Load, Query
from eval.outage.stories import A_FILE, Shelf
from eval.readers import find_set, read_set
from eval.run import write_json
from eval.sets import select
from rag.errors import DerekError, EngineFailed
from rag.types import Mode

RATE = 5.0  # searches a second
_LOOK_S = 0.1  # between two looks at a job
_SHOWN = 5  # complaints of a kind


def main(
    reindexes: Annotated[int, typer.Option(min=1, help="How many reindexes, one after the other.")] = 30,
    seconds: Annotated[float, typer.Option(min=1, help="Of load without reindexes: half before, half after.")] = 120,
    rate: Annotated[float, typer.Option(min=0.1, help="Searches a second.")] = RATE,
    stories: Annotated[int, typer.Option(min=5, help="New passages of each reindex.")] = A_FILE,
    mode: Annotated[str, typer.Option(help="generate, or extract: asks without the language model.")] = "generate",
    out: Annotated[Path | None, typer.Option("--json", help="Write the figures there too.")] = None,
) -> None:
    """Measure whether reindexing fails, delays or mixes requests; settings come from the environment and derek.toml."""
    from rag.settings import load_settings

    console = Console(stderr=True)
    try:
        settings = load_settings()
        questions = [i.question for i in select([i for i in read_set(find_set("seeds")).items if i.answerable], "dev")]
        with tempfile.TemporaryDirectory(prefix="derek-outage-") as folder:
            seeds_dir = Path(folder) / "seeds"
            shutil.copytree(settings.seeds_dir, seeds_dir)
            shelf = Shelf(seeds_dir, stories)
            console.print("starting the service, which indexes the seeds …")
            with running_service(Path(folder) / "vectors", seeds_dir) as (client, _, ready_s):
                console.print(f"ready after {ready_s:.0f} s; now the load …")
                chosen: Mode = "extract" if mode == "extract" else "generate"
                findings = asyncio.run(
                    measure(str(client.base_url), shelf, questions, reindexes, seconds, rate, chosen, console)
                )
    except DerekError as error:
        console.print(f"outage: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    Console().print(table(findings))
    slowest = percentile(seconds_of(findings.busy, "search"), 99)
    Console().print(
        f"search p99 during reindexes: {findings.slower:.2f} times that without (aim: at most {MOST_SLOWER:g}), "
        f"{slowest:.2f} s (aim: at most {MOST_S:g} s)"
    )
    if out:
        write_json(out, {name: {"without": a, "during": b, "unit": u} for name, (a, b, u) in figures(findings).items()})
    for complaints in (findings.failed, findings.inconsistent):
        for line in complaints[:_SHOWN]:
            console.print(line, style="red", markup=False)
    if findings.failed or findings.inconsistent:
        raise typer.Exit(1)


async def measure(
    url: str,
    shelf: Shelf,
    questions: Sequence[str],
    reindexes: int,
    seconds: float,
    rate: float,
    mode: Mode,
    console: Console,
) -> Findings:
    """The same load without and during reindexes of the changing files. Raises EngineFailed where a job fails."""
    async with httpx.AsyncClient(base_url=url, timeout=ASK_WITHIN_S, trust_env=False) as http:
        held = {await active(http): shelf.held}
        load = Load(http, searches(shelf, questions), asks(shelf, questions), rate, mode)
        await load.during(asyncio.sleep(seconds / 10))  # warms up; not counted
        _, before = await load.during(asyncio.sleep(seconds / 2))
        made: list[Reindex] = []

        async def reindex_on() -> None:
            for nth in range(reindexes):
                did = shelf.step(nth)
                made.append(await reindex(http, did))
                held[made[-1].generation] = shelf.held
                console.print(f"{nth + 1}: {did}, {made[-1].embedded} embedded, {made[-1].seconds:.1f} s")

        _, busy = await load.during(reindex_on())
        _, after = await load.during(asyncio.sleep(seconds / 2))
        return Findings([*before, *after], busy, made, held)


async def reindex(http: httpx.AsyncClient, did: str) -> Reindex:
    """One reindex to its end. Raises EngineFailed where it fails or has nothing new to publish."""
    started = time.perf_counter()
    response = await http.post("/v1/reindex", json={})
    if response.status_code != httpx.codes.ACCEPTED:
        raise EngineFailed(f"/v1/reindex: {response.status_code} {response.text[:300]}")
    address = response.headers["Location"]
    while (job := (await http.get(address)).json())["state"] in ("queued", "running"):
        await asyncio.sleep(_LOOK_S)
    if job["state"] != "succeeded" or not job["result"]["changed"]:
        raise EngineFailed(f"the reindex after files were {did} ended with: {job['state']}, {job['error']}")
    result = job["result"]
    return Reindex(did, result["generation"], result["embedded"], time.perf_counter() - started)


async def active(http: httpx.AsyncClient) -> str:
    """The id of the generation in use."""
    generations = (await http.get("/v1/generations")).json()["generations"]
    return next(str(generation["id"]) for generation in generations if generation["active"])


def searches(shelf: Shelf, questions: Sequence[str]) -> Iterator[Query]:
    """Questions on what stays, and in between ferries: new ones, old ones, and those whose file has gone."""
    for nth, question in enumerate(cycle(questions)):
        yield Query(question)
        name = shelf.all_names[-1 - nth * 7 % min(len(shelf.all_names), 60)]
        yield Query(f"ferry {name}", name)


def asks(shelf: Shelf, questions: Sequence[str]) -> Iterator[Query]:
    """Turn by turn a question on what stays and one on a ferry."""
    for nth, question in enumerate(cycle(questions)):
        yield Query(question)
        name = shelf.all_names[-1 - nth * 11 % min(len(shelf.all_names), 60)]
        yield Query(f"How many passengers did the ferry {name} bring to Kuryk?", name)


if __name__ == "__main__":
    typer.run(main)
