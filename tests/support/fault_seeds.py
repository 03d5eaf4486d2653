"""Seed files put, deleted and restored, as scenarios for `fault_sweep`: whatever was in the folder can be had again.

A file is as it was or as it was to be, whole; what it displaced is in the trash, once; nothing half-sent is left.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

from fault_sweep import Scenario

from rag.errors import NotFound
from rag.seed_folder.store import INCOMING, Condition, SeedStore
from rag.seed_folder.trash import FOLDER
from rag.sources import list_seed_files

NAME, OTHER = "north/news.txt", "other.txt"
LINE = "Bridge number {n} in Semey is {n}50 metres long, and the river below it is {n} metres deep.\n"
OLD, NEW, ELSE = ("2026-03-04\nA bridge is opened\n" + LINE.format(n=n) * 200 for n in (1, 2, 3))  # of several writes
REPLACE = Condition(replace=True)
NOTHING = "20260101T000000000000Z-0000"  # an id that nothing in the trash has


def _store(home: Path) -> SeedStore:
    return SeedStore(home / "seeds")


def _put(home: Path, text: str = NEW) -> None:
    store = _store(home)
    with store.receive(NAME) as upload:
        for start in range(0, len(text), 5000):
            upload.write(text[start : start + 5000].encode())
        store.put(upload, REPLACE)


def _delete(home: Path) -> None:
    _store(home).delete(NAME)


def _restore(home: Path) -> None:
    """Bring the old content back."""
    store = _store(home)
    found = [trashed.id for trashed in store.trash.entries() if trashed.sha256 == sha256(OLD.encode()).hexdigest()]
    store.restore(found[0] if found else NOTHING, REPLACE)


def _file(home: Path) -> str | None:
    """What the file holds now."""
    path = home / "seeds" / NAME
    return path.read_text() if path.exists() else None


def _trashed(home: Path) -> list[str]:
    """What each entry of the trash holds, as a user would get it."""
    trash = _store(home).trash
    return sorted(trash.content(trashed.id).read_text() for trashed in trash.entries())


def _prepare(home: Path, *steps: Callable[[Path], None]) -> None:
    (home / "seeds" / "north").mkdir(parents=True)
    (home / "seeds" / OTHER).write_text(ELSE)
    for step in steps:
        step(home)


def _act(home: Path, operation: Callable[[Path], None]) -> None:
    operation(home)
    (home / "told").touch()


def _check(home: Path, before: str | None, after: str | None, displaced: list[str]) -> None:
    """Before or after, never between; what can be had again is no less than it was."""
    assert (home / "seeds" / OTHER).read_text() == ELSE
    now = _file(home)
    assert now in ((after,) if (home / "told").exists() else (before, after))
    can_be_had = {now, *_trashed(home)}
    assert can_be_had >= {text for text in (before, *displaced) if text is not None and text != after}
    assert set(list_seed_files(home / "seeds")) == {OTHER, *([NAME] if now is not None else [])}


def _recover(home: Path, operation: Callable[[Path], None], after: str | None, displaced: list[str]) -> None:
    """Done once more it is done once, and nothing lies about but the trash of what went."""
    with suppress(NotFound):  # it was done already
        operation(home)
    with suppress(NotFound):  # any change clears up what was left
        _store(home).restore(NOTHING)
    assert _file(home) == after
    assert _trashed(home) == sorted(displaced)
    files = [path.relative_to(home / "seeds") for path in (home / "seeds").rglob("*") if path.is_file()]
    wanted = [Path(OTHER), Path(FOLDER, ".lock"), *([] if after is None else [Path(NAME)])]
    entries = [path for path in files if path not in wanted]
    assert len(files) == len(wanted) + 2 * len(displaced), files
    assert {path.name for path in entries} <= {"content", "record.json"}
    assert not [*(home / "seeds").glob(f"{INCOMING}/*")]
    assert len([path for path in (home / "seeds" / FOLDER).iterdir() if path.is_dir()]) == len(displaced)


def _scenario(
    operation: Callable[[Path], None],
    steps: list[Callable[[Path], None]],
    before: str | None,
    after: str | None,
    displaced: list[str],
) -> Scenario:
    """`before`, `after`: what the file holds; `displaced`: what is in the trash in the end."""
    return Scenario(
        ("seeds",),
        lambda home: _prepare(home, *steps),
        partial(_act, operation=operation),
        partial(_check, before=before, after=after, displaced=displaced),
        partial(_recover, operation=operation, after=after, displaced=displaced),
    )


def _by_hand(home: Path) -> None:
    """As a user does who knows nothing of uploads: there is no trash yet."""
    (home / "seeds" / NAME).write_text(OLD)


_put_old = partial(_put, text=OLD)
PUT = _scenario(_put, [], None, NEW, [])
PUT_OVER = _scenario(_put, [_by_hand], OLD, NEW, [OLD])
DELETE = _scenario(_delete, [_by_hand], OLD, None, [OLD])
RESTORE = _scenario(_restore, [_put_old, _delete], None, OLD, [])
RESTORE_OVER = _scenario(_restore, [_put_old, _put], NEW, OLD, [NEW])
