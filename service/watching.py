"""Seed files that change are indexed without being asked: by jobs in the server, or in a process that does only that.

Knows when to index; what that does is `rag.reindex`' business. A run that fails is told and waits for the next change.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rag.errors import DerekError, IndexBusy
from rag.generations import KEPT, pinned_id
from rag.limits import Limits
from rag.reindex import plan_reindex, reindex
from rag.reindex_report import ReindexPlan, ReindexReport
from rag.seed_folder.quiet import quiet_changes
from rag.types import Embedder
from service import reindexing
from service.places import Places
from service.problems import Problem
from service.requests import ReindexBody
from service.state import State
from service.terminal import plan_lines, report_line

RETRY_S = 1.0  # between two tries while another index is written
Tell = Callable[[str], None]

log = logging.getLogger("derek.service")


def watch_in_service(state: State, places: Places) -> None:
    """Begin a job whenever the seeds are other than the index, until the service is closing. Raises nothing."""
    while state.embedder is None:
        if state.closing.wait(RETRY_S):
            return
    fingerprint = state.need_embedder().fingerprint
    seeds = quiet_changes(places.seeds_dir, places.limits, state.closing, tell=log.warning)
    for _ in _to_do(seeds, places.seeds_dir, state.vectors_dir, fingerprint, places.limits, log.warning):
        while not state.closing.is_set():
            try:
                reindexing.begin(ReindexBody(), state, places)
                break
            except Problem:  # one runs, and may have read the changed file before it changed: again afterwards
                state.closing.wait(RETRY_S)


def watch_here(
    seeds_dir: Path,
    vectors_dir: Path,
    embedder: Embedder,
    stop: threading.Event,
    tell: Tell,
    *,
    limits: Limits = Limits(),
    keep: int = KEPT,
) -> None:
    """Reindex whenever the seeds are other than the index, until `stop` is set, and tell what happened, a line each."""

    def patiently() -> ReindexReport:
        told = False
        while True:
            try:
                return reindex(seeds_dir, vectors_dir, embedder, limits=limits, keep=keep, stop=stop.is_set)
            except IndexBusy as exc:
                if stop.is_set():
                    raise
                if not told:
                    tell(f"waiting: {exc}")
                told = True
                time.sleep(RETRY_S)

    seeds = quiet_changes(seeds_dir, limits, stop, tell=tell)
    for plan in _to_do(seeds, seeds_dir, vectors_dir, embedder.fingerprint, limits, tell):
        for line in plan_lines(plan):
            tell(line)
        try:
            report = patiently()
        except DerekError as exc:
            tell(f"failed: {exc}")
            continue
        for warning in report.warnings:
            tell(f"warning: {warning}")
        tell(report_line(report))


def _to_do(
    seeds: Iterable[object], seeds_dir: Path, vectors_dir: Path, fingerprint: str, limits: Limits, tell: Tell
) -> Iterator[ReindexPlan]:
    """What there is to do at each of the changes, where there is something; first as the seeds are.

    A generation that was gone back to stays until the seeds change: that they are not what it was made from is known.
    """
    for look, _ in enumerate(seeds):
        if look == 0 and pinned_id(vectors_dir):
            continue
        try:
            plan = plan_reindex(seeds_dir, vectors_dir, fingerprint, limits)
        except DerekError as exc:  # the folder has just gone: the next look says so, or finds it back
            tell(str(exc))
            continue
        if plan.changes:
            yield plan
