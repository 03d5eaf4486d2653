"""The write path: a folder of seed files -> a published generation. Read `reindex` from top to bottom.

Knows the order of the steps and what counts as unchanged; each step's own work is done in its module.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rag import generation, generations
from rag.assembly import indexed_texts, write_indexes
from rag.catalog import Catalog, IndexedSeed
from rag.changes import Changes, check, checksums, compare
from rag.errors import IndexDamaged, IndexNotWritten
from rag.gates import Built, Expected, Size, check_gates, check_size
from rag.generation import Generation, Manifest
from rag.limits import Limits
from rag.reindex_report import IndexProgress, ReindexPlan, ReindexReport, Teller
from rag.reuse import embed_missing, known_vectors
from rag.types import Embedder, Rows, StopCheck, Vectors
from rag.uptake import SeedReader, take_up

RECIPE = 1  # of parsing, cutting, grouping and embedding texts: raise it when any of these changes its output


def reindex(
    seeds_dir: Path,
    vectors_dir: Path,
    embedder: Embedder,
    *,
    limits: Limits = Limits(),
    keep: int = generations.KEPT,
    accept_loss: bool = False,
    progress: Callable[[IndexProgress], None] = lambda _: None,
    stop: StopCheck = lambda: False,
) -> ReindexReport:
    """Index the seeds as they are now; the last good generation serves until the new one is complete.

    Only what changed is parsed, and nothing is embedded of which a generation on disk has the vector, if the embedder
    is the same. A generation on disk that was made from these very files is activated again instead. Whichever it is,
    it is not pinned. `keep` generations stay on disk. `accept_loss`: publish even if more than half of the passages go
    without their files, or every file is gone.

    Raises SeedError where the folder is missing, IndexBusy where another process indexes, IndexNotWritten where a
    write fails, GateFailed where the result is not as it should be, Cancelled once `stop()` is true. After any of them
    the current generation is what it was.
    """
    with generations.writer_lock(vectors_dir), _last_sound(vectors_dir) as (last, damage):
        rebuild = damage or _reason(last.manifest if last else None, embedder.fingerprint)
        base = None if rebuild else last
        now, unreadable = checksums(seeds_dir, limits, stop)
        changes = _since(last.manifest if last else None, now)
        reader = SeedReader(seeds_dir, limits, now, base.catalog if base else None)
        mended = _mended(base.manifest, changes, reader) if base else []
        made = None if mended else _made_before(vectors_dir, now, embedder, base)
        present = {*now, *unreadable}
        guarded = None if accept_loss else last
        if made:
            if guarded and guarded.id != made.id:
                with generations.opened_catalog(vectors_dir, made.id) as catalog:
                    check_size(Size.of(guarded.catalog), Size.of(catalog), present, dict(changes.renamed))
            generations.activate(vectors_dir, made.id, pin=False)
            return _unchanged(vectors_dir, made, unreadable, last)
        changes = replace(changes, changed=tuple(sorted((*changes.changed, *mended))))
        steps = changes if base else Changes(added=tuple(sorted(now)))
        teller = Teller(progress, len(now), len(now) - len(steps.incoming), base.manifest.passages if base else 0)
        new_id = _new_id(now, embedder)
        with _building_folder(vectors_dir, new_id) as building:
            with _written(vectors_dir):
                uptake = take_up(building, base, reader, steps, embedder.count_tokens, teller.files, stop)
            with closing(Catalog(building / generation.CATALOG)) as catalog:
                vectors, embedded = _vectors(catalog, uptake.new, vectors_dir, embedder, last, teller, stop)
                with _written(vectors_dir, RuntimeError, ValueError):
                    write_indexes(building, catalog, uptake.new, vectors, base if uptake.extends else None)
                manifest = _manifest(new_id, catalog, embedder, unreadable)
                size = guarded.catalog if guarded else None
                expected = Expected.after(uptake, changes, base.catalog if base else None, size, present)
                check_gates(Built.opened(building, catalog, uptake.new), expected, embedder, manifest.id)
            if last:
                last.close()  # read no longer, so that it may go if it is one too many
            with _written(vectors_dir):
                generations.publish(vectors_dir, building, manifest, keep)
        return _report(manifest, changes, embedded, rebuild)


def plan_reindex(
    seeds_dir: Path, vectors_dir: Path, embedder_fingerprint: str, limits: Limits = Limits()
) -> ReindexPlan:
    """What `reindex` would do, from the bytes of the seeds and the manifest in use; writes, parses, embeds nothing.

    Whether the generation's own bytes are sound is looked at by `reindex` alone. Raises SeedError where the folder is
    missing or can't be listed.
    """
    current = generations.current_id(vectors_dir)
    manifest, damage = None, None
    if current is not None:
        try:
            manifest = generation.read_manifest(vectors_dir / current)
        except IndexDamaged as exc:
            damage = _damage(exc)
    now, unreadable = checksums(seeds_dir, limits)
    changes = _since(manifest, now)
    return ReindexPlan(
        changes.added,
        changes.changed,
        changes.removed,
        changes.renamed,
        rebuild=damage or _reason(manifest, embedder_fingerprint),
        warnings=tuple(unreadable.values()),
    )


@contextmanager
def _last_sound(vectors_dir: Path) -> Iterator[tuple[Generation | None, str | None]]:
    """The generation in use, if there is one and every byte of it is as it was written; else what is wrong with it."""
    current = generations.current_id(vectors_dir)
    if current is None:
        yield None, None
        return
    try:
        problems = generations.verify_generation(vectors_dir, current)
        last = None if problems else generations.open_generation(vectors_dir, current)
    except IndexDamaged as exc:
        problems, last = [str(exc)], None
    if last is None:
        yield None, _damage(problems[0])
        return
    with closing(last):
        yield last, None


def _damage(what: object) -> str:
    told = str(what).removesuffix("; run `derek reindex`")  # which is what is being done
    return f"the generation in use can't be built upon: {told}"


def _reason(manifest: Manifest | None, fingerprint: str) -> str | None:
    """Why nothing that was indexed may stay as it is, if so."""
    if manifest is None:
        return "nothing is indexed yet"
    if manifest.embedder != fingerprint:
        return f"the embedder is another: {fingerprint}, before {manifest.embedder}"
    if manifest.recipe != RECIPE:
        return f"texts are read and cut in another way: recipe {RECIPE}, before {manifest.recipe}"
    return None


def _since(manifest: Manifest | None, now: Mapping[str, str]) -> Changes:
    return compare(manifest.files, manifest.skipped, now) if manifest else compare({}, {}, now)


def _mended(manifest: Manifest, changes: Changes, reader: SeedReader) -> list[str]:
    """Files that could not be read before and can be now, though unchanged: a converter was installed, say."""
    return [file for file in manifest.skipped if file not in changes.gone and reader.readable(file)]


def _made_before(
    vectors_dir: Path, now: Mapping[str, str], embedder: Embedder, base: Generation | None
) -> Manifest | None:
    """A sound generation on disk of exactly these files: the one in use, or one that was rolled back from."""
    found = generations.find_generation(vectors_dir, now, RECIPE, embedder.fingerprint)
    if found and not (base and found.id == base.id) and generations.verify_generation(vectors_dir, found.id):
        return None
    return found


def _vectors(
    catalog: Catalog,
    rows: Rows,
    vectors_dir: Path,
    embedder: Embedder,
    last: Generation | None,
    teller: Teller,
    stop: StopCheck,
) -> tuple[Vectors, int]:
    """A vector for each of `rows`, (n, dim), and how many texts had to be embedded for them."""
    keys = catalog.content_keys(rows)
    vectors, missing = known_vectors(keys, vectors_dir, embedder, last.id if last else None)
    total = len({keys[place] for place in missing})
    teller.vectors(len(catalog), total, total)
    check(stop)

    def texts(places: Rows) -> list[str]:
        return [text for _, text in indexed_texts(catalog, rows[places])]

    for left in embed_missing(vectors, missing, keys, texts, embedder):
        teller.vectors(len(catalog), total, left)
        check(stop)
    return vectors, total


def _new_id(now: Mapping[str, str], embedder: Embedder) -> str:
    """A name that sorts by time, and ends in what tells two generations of one instant apart."""
    content = hashlib.sha256(repr((embedder.fingerprint, sorted(now.items()))).encode(errors="backslashreplace"))
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{content.hexdigest()[:8]}"


def _manifest(generation_id: str, catalog: Catalog, embedder: Embedder, unreadable: Mapping[str, str]) -> Manifest:
    seeds = catalog.seeds()
    return Manifest(
        id=generation_id,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        format=generation.FORMAT,
        recipe=RECIPE,
        embedder=embedder.fingerprint,
        dim=embedder.dim,
        files={seed.file: seed.sha256 for seed in seeds if seed.layout is not None},
        articles=catalog.stories(),
        grouped=catalog.grouped(),
        passages=len(catalog),
        warnings=list(_warnings(seeds, unreadable)),
        embedder_name=embedder.name,
        skipped={seed.file: seed.sha256 for seed in seeds if seed.layout is None},
    )


def _warnings(seeds: Sequence[IndexedSeed], unreadable: Mapping[str, str]) -> tuple[str, ...]:
    """What is to be said of seed files, those that could not be read first."""
    told = [(seed.layout is not None, seed.file, seed.warnings) for seed in seeds]
    told += [(False, file, (warning,)) for file, warning in unreadable.items()]
    return tuple(warning for *_, warnings in sorted(told) for warning in warnings)


@contextmanager
def _building_folder(vectors_dir: Path, generation_id: str) -> Iterator[Path]:
    """A folder to build in; what is left of it after a failure is deleted."""
    with _written(vectors_dir):
        building = generations.building_folder(vectors_dir, generation_id)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)  # by now renamed, or what is left of a failure


@contextmanager
def _written(vectors_dir: Path, *also: type[Exception]) -> Iterator[None]:
    """Raise IndexNotWritten where a write fails. `also`: what else the writers in the block raise on a full disk."""
    failures: tuple[type[Exception], ...] = (OSError, sqlite3.Error, *also)
    try:
        yield
    except failures as exc:
        raise IndexNotWritten(
            f"{vectors_dir}: the new generation could not be written ({exc}); the last one still serves. "
            "Make room or mend the folder's rights, then run `derek reindex`"
        ) from exc


def _unchanged(
    vectors_dir: Path, made: Manifest, unreadable: Mapping[str, str], last: Generation | None
) -> ReindexReport:
    with generations.opened_catalog(vectors_dir, made.id) as catalog:
        warnings = _warnings(catalog.seeds(), unreadable)
    report = _report(made, Changes(), 0, None)
    return replace(report, changed=last is None or last.id != made.id, warnings=warnings)


def _report(manifest: Manifest, changes: Changes, embedded: int, rebuild: str | None) -> ReindexReport:
    return ReindexReport(
        generation=manifest.id,
        changed=True,
        files=len(manifest.files),
        articles=manifest.articles,
        passages=manifest.passages,
        embedded=embedded,
        reused=manifest.passages - embedded,
        warnings=tuple(manifest.warnings),
        files_added=len(changes.added),
        files_changed=len(changes.changed),
        files_removed=len(changes.removed),
        files_renamed=len(changes.renamed),
        rebuild=rebuild,
        grouped=manifest.grouped,
    )
