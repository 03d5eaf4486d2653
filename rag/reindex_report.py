"""What a reindex would do, how far it is, and what it did: values that it tells, and nothing of how it does it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far a reindex is; totals grow until every file is parsed.

    `vectors_*`: of the passages that are done, how many had their vector already and how many got it now;
    `articles_done`: read in the files that changed.
    """

    files_done: int
    files_total: int
    passages_done: int
    passages_total: int
    vectors_reused: int = 0
    vectors_computed: int = 0
    articles_done: int = 0


@dataclass(frozen=True, slots=True)
class ReindexPlan:
    """What a reindex would find: seed files by what became of them, and why it would build all anew, if it would.

    `warnings` name files that can't be read.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]  # old name, new name
    rebuild: str | None
    warnings: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.rebuild or self.added or self.changed or self.removed or self.renamed)


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex did. `embedded` and `reused` count passages; `warnings` name files that need a look.

    `rebuild`: why all was built anew; None where only what changed was. `files_*` count seed files against the
    generation before. `grouped`: articles that another one stands for, as a near-duplicate.
    """

    generation: str
    changed: bool
    files: int
    articles: int
    passages: int
    embedded: int
    reused: int
    warnings: tuple[str, ...]
    files_added: int = 0
    files_changed: int = 0
    files_removed: int = 0
    files_renamed: int = 0
    rebuild: str | None = None
    grouped: int = 0


class Teller:
    """Tells `progress` how far it is: `kept` of `files` need no reading, and `passages` were there before."""

    def __init__(self, progress: Callable[[IndexProgress], None], files: int, kept: int, passages: int) -> None:
        self._progress, self._files, self._kept, self._passages = progress, files, kept, passages
        self._articles = 0

    def files(self, done: int, articles: int, added: int) -> None:
        """So many files are parsed; so many articles were in them, which brought so many passages."""
        self._articles = articles
        passages = self._passages + added
        self._progress(IndexProgress(self._kept + done, self._files, 0, passages, articles_done=articles))

    def vectors(self, passages: int, total: int, left: int) -> None:
        """Of the vectors of so many passages `total` are to be computed, and `left` still are."""
        counts = (passages - left, passages, passages - total, total - left)
        self._progress(IndexProgress(self._files, self._files, *counts, self._articles))
