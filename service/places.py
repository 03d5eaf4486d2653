"""Where jobs find what they need: folders, the service's own address, and the command line that runs evaluations."""

import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

SETS = "questions"  # folder of question sets, in the evaluation package and beside the folder of runs


@dataclass(frozen=True, slots=True)
class Places:
    """`url` and `api_key` are how this service is asked from this machine; `command` is the command line `derek`."""

    seeds_dir: Path
    runs_dir: Path
    url: str
    api_key: str | None = field(default=None, repr=False)
    watching: bool = False  # whether changes of the seeds are taken up without being asked
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "rag.cli")  # -P: a folder ./eval here is no package

    @property
    def sets_dirs(self) -> tuple[Path, ...]:
        """Where question sets may lie: the user's own folder, then those that came with Derek."""
        return self.runs_dir.parent / SETS, *_shipped()


def _shipped() -> tuple[Path, ...]:
    """The evaluation package is looked up, not imported: the service only ever starts it."""
    package = find_spec("eval")
    return tuple(Path(folder) / SETS for folder in (package.submodule_search_locations or ())) if package else ()
