"""Where questions are asked: which systems go with which modes, and each haystack of a public set in its own index."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from jsonl import write_jsonl

from eval import opening
from eval.opening import Asked, Mode, SystemName, local, open_cached, remote
from eval.readers import read_set
from eval.records import read_records
from eval.run import Plan, run
from rag.errors import InputError
from rag.settings import Settings, load_settings

DOCUMENTS = [
    {"id": "n1", "title": "Trams", "text": "The northern tram is red. It has four wheels.", "haystack": "north"},
    {"id": "n2", "title": "Parks", "text": "The northern park is green.", "haystack": "north"},
    {"id": "s1", "title": "Trams", "text": "The southern tram is blue. It has six wheels.", "haystack": "south"},
]
QUESTIONS = [
    {"id": f"{haystack}-{n}", "question": f"What colour is the tram in the {haystack}?", "answers": [colour],
     "gold_docs": [gold], "answerable": True, "type": "factoid", "lang": "en", "haystack": haystack}
    for n in (1, 2)
    for haystack, colour, gold in (("south", "blue", "s1"), ("north", "red", "n1"))
]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Folders of this test, and models that need no weights."""
    monkeypatch.setattr(opening, "open_embedder", lambda name, cache_dir: HashingEmbedder())
    monkeypatch.setattr("rag.generator.open_generator", lambda *settings: ScriptedGenerator("It is red.", yes=0.99))
    return load_settings(cache_dir=tmp_path / "cache", vectors_dir=tmp_path / "vectors", seeds_dir=tmp_path / "seeds")


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A set of two haystacks, its questions mixed."""
    write_jsonl(tmp_path / "public" / "corpus.jsonl", *DOCUMENTS)
    write_jsonl(tmp_path / "public" / "questions.jsonl", *QUESTIONS)
    return tmp_path / "public"


@pytest.mark.parametrize(
    ("system", "mode", "is_sense", "model"),
    [
        ("derek", "generate", True, True), ("derek", "extract", True, False), ("derek", "retrieval", True, False),
        ("prototype", "generate", True, True), ("prototype", "extract", False, False),
        ("prototype", "retrieval", True, False),
        ("words", "generate", False, False), ("words", "extract", False, False), ("words", "retrieval", True, False),
        ("dense", "generate", False, False), ("dense", "retrieval", True, False),
        ("gold", "generate", True, True), ("gold", "extract", False, False), ("gold", "retrieval", False, False),
    ],
)  # fmt: skip
def test_systems_and_modes(system: SystemName, mode: Mode, is_sense: bool, model: bool) -> None:
    """What makes no sense together is refused; the language model is opened only where it is asked."""
    if is_sense:
        assert Asked(system, mode).needs_model is model
    else:
        with pytest.raises(InputError, match="--mode"):
            Asked(system, mode)


def test_each_haystack_is_asked_of_its_own_documents(settings: Settings, public: Path, tmp_path: Path) -> None:
    """Articles of the other one are never found; both stand in one run, in the set's order."""
    questions = read_set(public)
    steps: set[str] = set()
    with ExitStack() as stack:
        opened = local(Asked("derek", "extract"), questions, settings, lambda step, done, total: steps.add(step), stack)
        with opened("south") as place:
            (south,) = {passage.article_id for passage in place.system.ask(questions.items[0]).found}
            assert place.gold == {"south-1": {south}, "south-2": {south}}
        folder = run(Plan("both", questions, questions.items, "extract"), opened, tmp_path / "runs", {})
    records = read_records(folder / "answers.jsonl")
    assert [record.id for record in records] == ["north-1", "north-2", "south-1", "south-2"]
    assert all((south in record.reply.ranking) is (record.haystack == "south") for record in records)
    assert all(record.reply.ranking[0] in record.gold for record in records)
    assert {"indexing north", "indexing south"} <= steps
    assert not settings.vectors_dir.exists()


def test_a_corpus_is_indexed_once(settings: Settings, public: Path) -> None:
    """The second opening finds it in the cache, whoever is asked."""
    questions = read_set(public)
    generations = []
    for asked in (Asked("derek", "retrieval"), Asked("words", "retrieval"), Asked("prototype", "retrieval")):
        with ExitStack() as stack, local(asked, questions, settings, lambda *_: None, stack)("north") as place:
            generations.append(place.system.described["generation"])
            assert place.system.ask(questions.items[1]).found
    assert len(set(generations)) == 1


def test_the_model_is_opened_only_where_it_is_asked(
    settings: Settings, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Extract and retrieval need no weights of it."""

    def never(*settings: object) -> None:
        raise AssertionError("the language model was opened")

    monkeypatch.setattr("rag.generator.open_generator", never)
    with ExitStack() as stack:
        for asked in (Asked("derek", "extract"), Asked("dense", "retrieval")):
            local(asked, read_set(public), settings, lambda *_: None, stack)
        with pytest.raises(AssertionError):
            local(Asked("derek", "generate"), read_set(public), settings, lambda *_: None, stack)


def test_drafts_are_kept_in_the_cache_folder(settings: Settings) -> None:
    """And let go of at the end."""
    with ExitStack() as stack:
        assert open_cached(settings, stack).model == "scripted"
        assert (settings.cache_dir / "eval" / "drafts.sqlite").is_file()


def test_a_cache_that_can_not_be_written_to_is_told(settings: Settings) -> None:
    """A file stands where its folder should, or something else than a cache where that should."""
    settings.cache_dir.mkdir(parents=True)
    (settings.cache_dir / "eval").write_text("")
    with ExitStack() as stack, pytest.raises(InputError, match="DEREK_CACHE_DIR"):
        open_cached(settings, stack)
    (settings.cache_dir / "eval").unlink()
    (settings.cache_dir / "eval").mkdir()
    (settings.cache_dir / "eval" / "drafts.sqlite").write_text("no database, " * 100)
    with ExitStack() as stack, pytest.raises(InputError, match=r"drafts\.sqlite: can't keep drafts"):
        open_cached(settings, stack)


def test_a_set_with_documents_is_no_servers(settings: Settings, public: Path) -> None:
    """Its server has others."""
    with pytest.raises(InputError, match="leave out --url"), remote("http://h", "extract", read_set(public), settings):
        pass
