"""What is wrong with the files of a set, gathered so that all of it is told at once; and JSON values checked.

Knows no format. A check of a value raises ValueError that says which field is wrong and how; whoever knows the file
and the line catches it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rag.errors import InputError

_SHOWN = 10  # faults told in one message
_QUOTED = 60  # characters of a quotation in a message
_NOT_TEXT = re.compile("[\\0\\ud800-\\udfff]")


@dataclass(slots=True)
class Faults:
    """Faults in the order they were found. `stop` ends the reading if there are any."""

    told: list[str] = field(default_factory=list)

    def tell(self, path: Path, line: int, what: object) -> None:
        """Note that `what` is wrong at that line."""
        self.told.append(f"{path}:{line}: {what}")

    def stop(self) -> None:
        """Raise InputError with the first of them, or return if there are none."""
        stop_at(self.told)


def stop_at(faults: Sequence[str]) -> None:
    """Raise InputError that lists the faults, or return if there are none."""
    if faults:
        more = [f"… and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise InputError("\n".join([*faults[:_SHOWN], *more]), "set")


def shown(quote: str) -> str:
    """A quotation as a message shows it: its beginning, quoted."""
    return repr(quote if len(quote) <= _QUOTED else quote[:_QUOTED] + "…")


def read_text(path: Path) -> str:
    """The file as UTF-8, without a byte order mark. Raises InputError where it can't be read as that."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: can't be read as UTF-8 text ({exc})", "set") from exc


def checksum(*paths: Path) -> str:
    """SHA-256 of a file's bytes; of several files, of their names and checksums. Raises InputError."""
    try:
        sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    except OSError as exc:
        raise InputError(f"{exc.filename}: can't be read ({exc.strerror})", "set") from exc
    if len(sums) == 1:
        return sums[0]
    named = "".join(f"{path.name} {digest}\n" for path, digest in zip(paths, sums, strict=True))
    return hashlib.sha256(named.encode()).hexdigest()


def json_lines(path: Path, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their lines; a line that is none becomes a fault, a blank one is passed over.

    Only a newline ends a line: JSON may hold other separators. Raises InputError where the file can't be read.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as exc:
            faults.tell(path, number, f"not JSON: {exc.msg} at column {exc.colno}")
            continue
        except RecursionError:
            faults.tell(path, number, "JSON nested too deeply to be read")
            continue
        if isinstance(values, dict):
            yield number, values
        else:
            faults.tell(path, number, "not a JSON object")


@dataclass(slots=True)
class Ids:
    """The ids seen so far in one file, each with its line."""

    first_line: dict[str, int] = field(default_factory=dict)

    def add(self, entry_id: str, line: int) -> None:
        """Note an id. Raises ValueError where another entry has it."""
        if entry_id in self.first_line:
            raise ValueError(f"id {entry_id!r} is already used in line {self.first_line[entry_id]}")
        self.first_line[entry_id] = line


class Named(Protocol):
    """Whatever a line of a file becomes: it has an id."""

    @property
    def id(self) -> str:
        """Unique in its file."""
        ...


N = TypeVar("N", bound=Named)


def entries(path: Path, faults: Faults, read: Callable[[dict[str, Any], int], N], what: str) -> tuple[N, ...]:
    """What `read` makes of each object and its line, in order; a line it raises ValueError for becomes a fault.

    So do an id used twice, and a file without a line: no `what`. Raises InputError where the file can't be read.
    """
    ids, found = Ids(), []
    before = len(faults.told)
    for number, values in json_lines(path, faults):
        try:
            entry = read(values, number)
            ids.add(entry.id, number)
        except ValueError as exc:
            faults.tell(path, number, exc)
            continue
        found.append(entry)
    if not found and len(faults.told) == before:
        faults.tell(path, 1, f"no {what}")
    return tuple(found)


def text(value: object, name: str) -> str:
    """A text that is not blank and can be written to a file."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: not a text, or a blank one")
    return storable(value, name)


def storable(value: str, name: str) -> str:
    """The text, which may be blank, if it holds nothing that no text file can hold."""
    if _NOT_TEXT.search(value):
        raise ValueError(f"{name}: holds a NUL character or half a surrogate pair, so it is not text")
    return value


def listed(value: object, name: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise ValueError(f"{name}: not a list")
    return value


def texts(value: object, name: str) -> tuple[str, ...]:
    """A list of texts, none blank."""
    return tuple(text(entry, name) for entry in listed(value, name))
