"""Which articles report what another one reports already: near-duplicates, found by MinHash, settled word by word.

A signature is stored with each article. Articles of one day whose signatures share a band are compared, and only those
that `rag.agreement` finds to say the same are grouped; all others stay reports of their own.
Knows no files and no index. Duplicates by id, the same letters but for case and spacing, are told before.

Nothing here is quadratic. A bucket of more than CROWD articles is boilerplate that differs in a word (weather, exchange
rates): it is parted by the figures and names its articles hold, and each is compared with the first CROWD of its part
only. So no article meets more than CROWD others in a band, and twins that a crowd parted stay two reports.

MinHash: Broder, On the resemblance and containment of documents (1997). Low bits only: Li and König, b-bit minwise
hashing (2010).
"""

import functools
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from rag.agreement import Report, report_of, same_report, story_text
from rag.facts import normal
from rag.types import Rows

CROWD = 16  # articles in a bucket from which on it is parted, and that each one is compared with at most
_VERSION = 1  # of the signature: raise it, and the recipe of rag.reindex, when one text would get another
_HASHES = 128
_BANDS = 32  # of 4 hashes: a pair with a resemblance of 0.7 shares one with a probability of 0.9998
_LEAST_ALIKE = 0.5  # share of equal hashes below which two texts are not looked at
_SHINGLE = 3  # words
_LONGEST = 200_000  # characters of a text that may have twins
_READ_AT_ONCE = 4_096  # reports kept for further comparisons
_WORDS = re.compile(r"[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d)[ ,.](?=\d{3}(?!\d))")  # 1,300 is 1 300
_LAYOUT = np.dtype([("version", "u1"), ("marks", "<u8"), ("hashes", "<u2", _HASHES)])
_NOTHING: Mapping[str, str] = MappingProxyType({})
_EMPTY = MinHash(_HASHES, seed=1, scheme="affine32", hashfunc=zlib.crc32)

Keys = npt.NDArray[np.uint64]  # (n,)
Pairs = npt.NDArray[np.int64]  # (m, 2), the later row first


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may be the twin of another. `text` gives its quotable text, and is called only if need be."""

    article_id: str
    title: str
    published_at: str | None
    outlet: str | None
    file: str
    start: int  # where it begins in the file
    signature: bytes
    text: Callable[[], str]


def signature_of(text: str) -> bytes:
    """The signature of an article's text: the same in every process, on every platform, for one version.

    What is longer than any story, a book in one file say, is only like itself.
    """
    if len(text) > _LONGEST:
        marks, shingles = [], {text}
    else:
        words = _WORDS.findall(_THOUSANDS.sub("", normal(story_text(text))))
        marks = sorted({word.casefold() for word in words if not word.islower()})
        folded = [word.casefold() for word in words]
        shingles = {" ".join(folded[at : at + _SHINGLE]) for at in range(max(1, len(folded) - _SHINGLE + 1))}
    sketch = _EMPTY.copy()
    sketch.update_batch(shingle.encode("utf-8", "surrogatepass") for shingle in shingles)
    digest = hashlib.blake2b("\n".join(marks).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    hashes: bytes = (sketch.hashvalues & 0xFFFF).astype("<u2").tobytes()
    return bytes([_VERSION]) + digest + hashes


def near_duplicates(candidates: Sequence[Candidate], settled: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """For each article that another stands for, the id of that other; those that stand for themselves are left out.

    The first by file and place stands for the others, and each of the group agrees with it: published on the same day
    (or both on none), by the same outlet as far as both name one, and the same report. Whatever the order of
    `candidates`, the answer is the same. Raises ValueError for a signature of another version.

    `settled`: what is known of articles that are as they were at an earlier call: who stands for each, or itself. It
    spares reading them again.
    """
    ordered = sorted(candidates, key=lambda one: (one.file, one.start, one.article_id))
    if len(ordered) < 2:
        return {}
    signatures = _unpacked(one.signature for one in ordered)
    days = _codes([(one.published_at or "")[:10] for one in ordered])

    @functools.lru_cache(maxsize=_READ_AT_ONCE)
    def report(row: int) -> Report:
        return report_of(ordered[row].title, ordered[row].text())

    @functools.cache
    def outline(row: int) -> int:
        return report(row).outline

    stands_for: dict[int, int] = {}
    for later, earlier in _colliding(signatures, days).tolist():
        if later in stands_for or earlier in stands_for:
            continue
        one, other = ordered[earlier], ordered[later]
        agreed = _known(one.article_id, other.article_id, settled)
        if agreed is None:
            agreed = (
                days[later] == days[earlier]
                and _one_outlet(one, other)
                and outline(later) == outline(earlier)
                and same_report(report(earlier), report(later))
            )
        if agreed:
            stands_for[later] = earlier
    return {ordered[row].article_id: ordered[first].article_id for row, first in stands_for.items()}


def _known(first: str, other: str, settled: Mapping[str, str]) -> bool | None:
    """Whether two articles agreed then; None if unknown: if another stood for the first, or a third for the other."""
    if settled.get(first) != first or settled.get(other) not in (first, other):
        return None
    return settled[other] == first


def _one_outlet(one: Candidate, other: Candidate) -> bool:
    return not one.outlet or not other.outlet or one.outlet.casefold() == other.outlet.casefold()


def _unpacked(signatures: Iterable[bytes]) -> npt.NDArray[np.void]:
    """The signatures as rows of `_LAYOUT`."""
    rows = list(signatures)
    if any(len(row) != _LAYOUT.itemsize or row[0] != _VERSION for row in rows):
        raise ValueError(f"a signature that is not of version {_VERSION}; compute it anew with signature_of")
    return np.frombuffer(b"".join(rows), _LAYOUT)


def _codes(values: Sequence[str]) -> Keys:
    """A number for each value, the same for equal ones, spread over 64 bits so that it can be mixed into a key."""
    _, codes = np.unique(np.array(values), return_inverse=True)
    return codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def _colliding(signatures: npt.NDArray[np.void], days: Keys) -> Pairs:
    """The pairs of rows worth comparing: alike, and neighbours in the bucket of some band; sorted, each once."""
    hashes = np.ascontiguousarray(signatures["hashes"])
    bands = hashes.view("<u8")  # four hashes of 16 bits are one key
    found = np.empty(0, np.int64)
    for band in range(_BANDS):
        keys = bands[:, band] ^ days
        rows = _sharing(keys)  # few, so that what follows costs little
        _, bucket, sizes = np.unique(keys[rows], return_inverse=True, return_counts=True)
        crowded = rows[sizes[bucket] > CROWD]
        keys[crowded] ^= signatures["marks"][crowded]
        pairs = rows[_first_of_each(keys[rows])]
        found = np.union1d(found, pairs[:, 0] * len(days) + pairs[:, 1])
    pairs = np.stack(np.divmod(found, len(days)), axis=1)
    return pairs[_alike(hashes, pairs)]


def _sharing(keys: Keys) -> Rows:
    """The rows whose key another one has too, ascending."""
    order = np.argsort(keys)
    ranked = keys[order]
    equal = ranked[1:] == ranked[:-1]
    return np.sort(order[np.r_[equal, False] | np.r_[False, equal]])


def _first_of_each(keys: Keys) -> Pairs:
    """Each place with the first CROWD before it that have the same key."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    begins = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    first = np.repeat(begins, np.diff(np.r_[begins, len(keys)]))  # of each one's run
    places = np.arange(len(keys))
    found = []
    for nth in range(CROWD):
        behind = places > first + nth
        if not behind.any():
            break
        found.append(np.stack([order[behind], order[first[behind] + nth]], axis=1))
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)


def _alike(hashes: npt.NDArray[np.uint16], pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Whether the two of each pair share hashes enough: the share estimates the resemblance of their shingles."""
    share = np.empty(len(pairs))
    edges = [*range(0, len(pairs), 100_000), len(pairs)]
    for start, end in pairwise(edges):
        later, earlier = pairs[start:end].T
        share[start:end] = (hashes[later] == hashes[earlier]).mean(axis=1)
    return share >= _LEAST_ALIKE
