"""Two runs of the same questions side by side: what differs by more than chance, and which questions flipped. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eval.measures import METRICS, STATISTICS, Metric, Statistic
from eval.metrics.estimates import Estimate, bootstrap, paired_difference
from eval.metrics.undefined import Undefined
from eval.reading import Run
from eval.records import Record
from eval.review import is_right
from rag.errors import InputError

Tendency = Literal["better", "worse", "unclear"]

Values = tuple[float | None, float | None]  # of a question in a and in b; None: it does not count there

_NAMED = 5  # questions that a warning names


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric over the shared questions: each run's mean, of how many, and b - a with its 95 % interval.

    Which questions count may depend on the run: precision of citations counts those that were answered. Then each
    mean is over the run's own, and whole questions are resampled; where the same ones count, pairs are.
    """

    metric: Metric | Statistic[Any]
    a: float
    b: float
    n_a: int
    n_b: int
    difference: Estimate

    @property
    def tendency(self) -> Tendency:
        """Whether b is better or worse than a; unclear where the interval holds 0, or where neither way is better."""
        if self.metric.better == "neither" or self.difference.low <= 0 <= self.difference.high:
            return "unclear"
        return "better" if (self.difference.value > 0) == (self.metric.better == "higher") else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run got right and the other did not."""

    a: Record
    b: Record

    @property
    def gained(self) -> bool:
        """Right in b, not in a."""
        return bool(is_right(self.b))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run b against run a over the questions in both."""

    a: str
    b: str
    shared: int
    only_a: int
    only_b: int
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]  # first those gained, then those lost, each in the order of run a
    warnings: tuple[str, ...]


def compare(a: Run, b: Run) -> Comparison:
    """Compare run `b` with run `a`. Raises InputError where they have no question in common."""
    of_a, of_b = ({record.id: record for record in run.records} for run in (a, b))
    pairs = [(record, of_b[record.id]) for record in of_a.values() if record.id in of_b]
    if not pairs:
        raise InputError(
            f"runs {a.name} and {b.name} have no question in common (sets {_set(a)} and {_set(b)}); "
            "compare two runs of the same set",
            "run",
        )
    flips = [Flip(*pair) for pair in pairs if _flipped(*pair)]
    return Comparison(
        a=a.name,
        b=b.name,
        shared=len(pairs),
        only_a=len(of_a) - len(pairs),
        only_b=len(of_b) - len(pairs),
        differences=(
            *(found for metric in METRICS if (found := _difference(metric, pairs))),
            *(found for statistic in STATISTICS if (found := _difference_of_statistic(statistic, pairs))),
        ),
        flips=tuple(sorted(flips, key=lambda flip: not flip.gained)),
        warnings=tuple(_warnings(a, b, pairs)),
    )


def _difference(metric: Metric, pairs: Sequence[tuple[Record, Record]]) -> Difference | None:
    """None where no question counts in one of the runs."""
    values = [(metric.value(a), metric.value(b)) for a, b in pairs]
    values = [pair for pair in values if pair != (None, None)]
    of_a, of_b = _column(values, 0), _column(values, 1)
    same = len(of_a) == len(of_b) == len(values)
    difference = paired_difference(of_a, of_b) if same else bootstrap(_difference_of_means, values)
    if difference is None:
        return None
    return Difference(metric, sum(of_a) / len(of_a), sum(of_b) / len(of_b), len(of_a), len(of_b), difference)


def _difference_of_statistic(statistic: Statistic[Any], pairs: Sequence[tuple[Record, Record]]) -> Difference | None:
    """None where it is undefined in one of the runs. Questions that count in both are resampled, as pairs."""
    both = [(statistic.takes(a), statistic.takes(b)) for a, b in pairs]
    taken = [(of_a, of_b) for of_a, of_b in both if of_a is not None and of_b is not None]
    difference = bootstrap(
        lambda some: statistic.value([b for _, b in some]) - statistic.value([a for a, _ in some]), taken
    )
    if difference is None:
        return None
    a, b = (statistic.value([pair[side] for pair in taken]) for side in (0, 1))
    return Difference(statistic, a, b, len(taken), len(taken), difference)


def _difference_of_means(values: Sequence[Values]) -> float:
    of_a, of_b = _column(values, 0), _column(values, 1)
    if not of_a or not of_b:
        raise Undefined("the mean of no questions is undefined")
    return sum(of_b) / len(of_b) - sum(of_a) / len(of_a)


def _column(values: Sequence[Values], side: int) -> list[float]:
    return [value for pair in values if (value := pair[side]) is not None]


def _flipped(a: Record, b: Record) -> bool:
    rights = {is_right(a), is_right(b)}
    return rights == {True, False}


def _warnings(a: Run, b: Run, pairs: Sequence[tuple[Record, Record]]) -> list[str]:
    """What makes the two less comparable than their names suggest."""
    found = []
    if _checksum(a.description) != _checksum(b.description):
        found.append(f"the question sets differ: {_set(a)} and {_set(b)} have different checksums")
    texts = [x.id for x, y in pairs if x.question != y.question]
    fields = [_asked_field(run) for run in (a, b)]
    if texts and fields[0] != fields[1]:
        found.append(
            f"{a.name} asks the field {fields[0]!r}, {b.name} {fields[1]!r}: {len(texts)} questions read otherwise"
        )
    elif texts:
        found.append(f"the same ids ask different questions: {_some(texts)}")
    golds = [x.id for x, y in pairs if _gold(x) != _gold(y)]
    if golds:
        found.append(f"the gold differs: {_some(golds)}")
    found += [f"{run.name} is not complete" for run in (a, b) if not run.complete]
    return found


def _gold(record: Record) -> tuple[object, ...]:
    return (
        record.answerable,
        sorted(record.gold),
        record.answers,
        record.must_include,
        record.must_not_include,
        record.evidence,
    )


def _asked_field(run: Run) -> str:
    """Which field of the set's lines was asked: a translation is the same question."""
    return str((run.description.get("options") or {}).get("question_field", "question"))


def _set(run: Run) -> str:
    return str(run.description.get("set", {}).get("name", "?"))


def _checksum(description: Mapping[str, object]) -> object:
    found = description.get("set")
    return found.get("sha256") if isinstance(found, Mapping) else None


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more
