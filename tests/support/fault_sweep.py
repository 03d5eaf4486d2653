"""Lets one operation fail at every system call in turn, in every way a machine has, and looks at what is left.

Run as `python fault_sweep.py MODULE NAME`: `NAME` is a `Scenario` in `MODULE`. The operation is run in a fork, once for
each call and fault; then what must still be true is checked, the next run is made without a fault, and nothing may lie
about. Writes what was met to standard output, as JSON; ends with an error that names every call that was not survived.

Knows faults and calls; what an operation is and what may not be lost, a scenario says.
"""

import errno
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from calls import Call, Kind
from power_cut import at_risk
from syscalls import Answer, Then, in_child, watch

from rag.errors import DerekError

REFUSED = 3  # exit code of an operation that said no, in an error of Derek's own
_MOST_SHOWN = 12
_MOST_POINTS = 5000


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation on the folders below a home, and what holds whatever befalls it.

    `prepare` fills an empty home. `act` does the operation and raises DerekError where it can't; what it claims to have
    done it may note outside of `folders`, where no fault befalls it. `check` looks at a home after a fault: nothing is
    lost, and what was claimed is true. `recover` makes the next run, without a fault, and looks whether it is as if
    nothing had happened. `lasting`: what is done must outlast a power cut, too.
    """

    folders: tuple[str, ...]
    prepare: Callable[[Path], None]
    act: Callable[[Path], None]
    check: Callable[[Path], None]
    recover: Callable[[Path], None]
    lasting: bool = True


@dataclass(slots=True)
class Fault:
    """What befalls the `nth` call of a kind, and some also what comes after. `struck`: the call that it did befall.

    Counted by kind, because threads make the order of different calls another in each run, hardly that of like ones.
    """

    how: str
    kind: Kind
    nth: int
    met: int = 0
    struck: Call | None = None

    def __call__(self, call: Call) -> Answer:
        """What becomes of `call`."""
        if not _BEFALLS[self.how](call):
            return Then.GO_ON
        first = False
        if self.struck is None and call.kind == self.kind:
            self.met += 1
            first = self.met == self.nth
        if first:
            self.struck = call
        if self.struck is None:
            return Then.GO_ON
        if self.how == "kill":
            return Then.DIE
        if self.how == "torn":
            return Then.HALF_AND_DIE
        if self.how == "full":  # and stays full; what little room is left takes the first half
            return Then.HALF if first and call.size > 1 else errno.ENOSPC
        if self.how == "read-only":  # as a disk is mounted again after an error, until somebody mends it
            return errno.EROFS
        return errno.EIO if first else Then.GO_ON


_BEFALLS: dict[str, Callable[[Call], bool]] = {
    "kill": lambda call: call.kind != "look",  # before a look it would leave what it left before
    "torn": lambda call: call.size > 1,
    "full": lambda call: call.size > 0 or call.creates or call.name == "fallocate",
    "read-only": lambda call: call.changes,
    "broken": lambda _: True,
}
_KILLS = ("kill", "torn")


@dataclass(slots=True)
class _Sweep:
    """What one worker met: how often each kind of call was struck by each fault, and what was not survived."""

    struck: dict[str, Counter[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def _act(scenario: Scenario, home: Path) -> None:
    try:
        scenario.act(home)
    except DerekError as exc:
        sys.stderr.write(f"refused: {exc}\n")
        sys.exit(REFUSED)


def _said(work: Callable[[], int]) -> tuple[int, str]:
    """What `work` returns, and what it and its children wrote to standard error."""
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            result = work()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        file.seek(0)
        return result, file.read().decode(errors="replace")[-3000:]


def _strike(scenario: Scenario, pristine: Path, home: Path, fault: Fault) -> str | None:
    """Let one fault befall the operation; what went wrong with that, None where it was survived."""
    shutil.copytree(pristine, home, symlinks=True)
    folders = [home / folder for folder in scenario.folders]
    try:
        status, said = _said(lambda: watch(partial(_act, scenario, home), folders, fault).status)
        if fault.struck is None:
            return None if status == 0 else f"failed without a fault: {said}"
        code = os.waitstatus_to_exitcode(status)
        wanted = (-signal.SIGKILL,) if fault.how in _KILLS else (0, REFUSED)
        if code not in wanted:
            return f"ended with {code} instead of {wanted}: {said}"
        broken, told = _said(lambda: in_child(lambda: (scenario.check(home), scenario.recover(home))))
        return f"the operation ended with {code} ({said.strip()}), then {told}" if broken else None
    finally:
        shutil.rmtree(home, ignore_errors=True)


def sweep(scenario: Scenario, pristine: Path, home: Path, how: str, kind: Kind, worker: int, workers: int) -> _Sweep:
    """Strike at this worker's share of the calls of a kind, until the operation has no further one."""
    found = _Sweep()
    struck = found.struck.setdefault(how, Counter())
    for nth in range(worker + 1, _MOST_POINTS, workers):
        fault = Fault(how, kind, nth)
        wrong = _strike(scenario, pristine, home, fault)
        if wrong:
            found.lost.append(f"{how} at {kind} {nth}, {fault.struck}: {wrong}")
        if fault.struck is None:
            return found
        struck[fault.struck.kind] += 1
    found.lost.append(f"{how}: still struck at {_MOST_POINTS}")
    return found


def calls_of(scenario: Scenario, pristine: Path, home: Path) -> list[Call]:
    """The calls of the operation when nothing befalls it. Raises SystemExit where it fails, or syncs too little."""
    shutil.copytree(pristine, home, symlinks=True)
    folders = [home / folder for folder in scenario.folders]
    seen = watch(partial(_act, scenario, home), folders, lambda _: Then.GO_ON)
    if seen.status or in_child(lambda: (scenario.check(home), scenario.recover(home))):
        sys.exit("the operation fails without any fault")
    if scenario.lasting and (early := at_risk(seen.calls, folders)):
        sys.exit("a power cut could take what was done:\n" + "\n".join(early[:_MOST_SHOWN]))
    shutil.rmtree(home)
    return seen.calls


def _share(scenario: Scenario, folder: Path, strikes: Collection[tuple[str, Kind]], worker: int, workers: int) -> None:
    """One worker's part of it all, in a fork; its findings go to a file."""
    found = _Sweep()
    for how, kind in strikes:
        part = sweep(scenario, folder / "pristine", folder / f"now-{worker}", how, kind, worker, workers)
        found.struck.setdefault(how, Counter()).update(part.struck[how])
        found.lost += part.lost
    (folder / f"found-{worker}.json").write_text(json.dumps({"struck": found.struck, "lost": found.lost}))


def main(module: str, name: str, *hows: str) -> None:
    """Sweep one scenario with every fault, or those named, on all processors."""
    scenario: Scenario = getattr(importlib.import_module(module), name)
    memory = Path("/dev/shm")  # nothing is learnt from a real disk, whose syncs take their time
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        folder = Path(place)
        (folder / "pristine").mkdir()
        if in_child(partial(scenario.prepare, folder / "pristine")):
            sys.exit("the scenario could not be prepared")
        made = calls_of(scenario, folder / "pristine", folder / "now")
        calls = Counter(call.kind for call in made)
        workers = len(os.sched_getaffinity(0))
        strikes = {(how, call.kind): None for how in hows or _BEFALLS for call in made if _BEFALLS[how](call)}
        children = []
        for worker in range(workers):
            pid = os.fork()
            if pid == 0:
                with suppress(BaseException):
                    _share(scenario, folder, strikes, worker, workers)
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        parts = [json.loads((folder / f"found-{worker}.json").read_text()) for worker in range(workers)]
    struck: dict[str, Counter[str]] = {how: Counter() for how in hows or _BEFALLS}
    for part in parts:
        for how, counts in part["struck"].items():
            struck[how].update(counts)
    sys.stdout.write(json.dumps({"calls": calls, "struck": struck}) + "\n")
    lost = [line for part in parts for line in part["lost"]]
    if lost:
        more = f"\n... and {len(lost) - _MOST_SHOWN} more" if len(lost) > _MOST_SHOWN else ""
        sys.exit(f"{len(lost)} not survived:\n" + "\n".join(lost[:_MOST_SHOWN]) + more)


if __name__ == "__main__":
    main(*sys.argv[1:])
