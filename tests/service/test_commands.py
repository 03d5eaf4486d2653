"""The verbs: what they print, in process and through a running server, and how they fail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE, listening
from typer.testing import CliRunner, Result

import rag.embedder
import rag.generator
from rag.cli import build_app
from rag.embedder import open_embedder
from rag.errors import WeightsDamaged
from rag.reindex import reindex
from service.state import State

QUESTION = "How long is the new tram line in Almaty?"


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """In process, models are opened as stand-ins."""
    monkeypatch.setattr(rag.embedder, "open_embedder", lambda *_, **__: HashingEmbedder())
    monkeypatch.setattr(rag.generator, "open_generator", lambda *_: ScriptedGenerator(SENTENCE, yes=0.99))


@pytest.fixture
def indexed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that point at an index and at a port where nothing listens."""
    monkeypatch.setenv("DEREK_VECTORS_DIR", str(vectors_dir))
    monkeypatch.setenv("DEREK_SEEDS_DIR", str(seeds_dir))
    monkeypatch.setenv("DEREK_PORT", "1")
    reindex(seeds_dir, vectors_dir, embedder)
    return vectors_dir


@contextmanager
def served(state: State) -> Iterator[list[str]]:
    """Flags that lead to a running server."""
    with listening(state) as port:
        yield ["--port", str(port)]


def derek(*arguments: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(build_app(), arguments)


def parsed(result: Result) -> Any:
    """What was printed as JSON."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_ask_prints_answer_and_quotations(indexed: Path) -> None:
    """The answer with numbers, then each quotation with file, title and date."""
    result = derek("ask", QUESTION, "--file", "almaty.txt")
    assert result.exit_code == 0, result.output
    assert "14 kilometres" in result.stdout and "[1]" in result.stdout
    assert "“" in result.stdout and "almaty.txt" in result.stdout


def test_json_is_the_whole_object(indexed: Path) -> None:
    """`--json` prints what the service answers."""
    answer = parsed(
        derek("ask", QUESTION, "--json", "--top-k", "2", "--from", "2026-01-01", "--now", "2026-03-10T09:30")
    )
    assert answer["question"] == QUESTION and len(answer["retrieved"]) <= 2
    assert answer["applied"] == {"date_from": "2026-01-01", "now": "2026-03-10T09:30"}
    assert parsed(derek("search", "wheat", "--json"))["results"][0]["file"] == "ministry.txt"
    assert parsed(derek("articles", "--json", "--file", "ministry.txt"))["total"] == 2


def test_times_narrow_and_say_so(indexed: Path) -> None:
    """What a time read from the question did to the search stands below the answer."""
    question = "What is the news from yesterday about wheat?"
    shown = derek("ask", question, "--now", "2026-03-06T09:30").stdout
    assert "only articles of “yesterday”: 2026-03-05 to 2026-03-05" in shown
    shown = derek("ask", question, "--now", "1999-03-06T09:30").stdout
    assert "“yesterday”" in shown and "all articles were searched" in shown
    wrong = derek("ask", question, "--now", "noon")
    assert wrong.exit_code == 1 or wrong.exit_code == 2


def test_a_refusal_is_no_failure(indexed: Path) -> None:
    """Nothing found: a sentence that says so, and exit code 0."""
    result = derek("ask", QUESTION, "--from", "1999-01-01", "--to", "1999-01-02")
    assert result.exit_code == 0 and "not answered" in result.stdout


def test_search_and_articles_print_lists(indexed: Path) -> None:
    """A passage with its whence, an article a line, and how many there are."""
    assert "ministry.txt" in derek("search", "price of wheat").stdout
    listed = derek("articles", "--q", "balkhash").stdout
    assert "Lake Balkhash rises by ten centimetres" in listed and "1 of 1 articles" in listed


def test_verbs_use_a_running_server(state: State, indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server is ready over the same indexes, no model is loaded here."""

    def never(*_: object) -> None:
        raise AssertionError("loaded in process")

    monkeypatch.setattr(rag.embedder, "open_embedder", never)
    with served(state) as flags:
        assert parsed(derek("ask", QUESTION, "--json", *flags))["model"] == "scripted"
        assert parsed(derek("search", "wheat", "--json", *flags))["results"]
        assert parsed(derek("articles", "--json", *flags))["generation"] == state.generation_id


def test_another_folders_server_is_not_used(state: State, indexed: Path, tmp_path: Path) -> None:
    """A server over other indexes would answer from other articles; `--url` insists on it."""
    elsewhere = tmp_path / "elsewhere"
    with served(state) as flags:
        refused = derek("search", "wheat", "--vectors-dir", str(elsewhere), *flags)
        assert refused.exit_code == 1 and "derek reindex" in refused.stderr
        found = derek("search", "wheat", "--vectors-dir", str(elsewhere), "--url", f"http://127.0.0.1:{flags[1]}")
        assert found.exit_code == 0


def test_a_server_that_is_not_there_is_named(indexed: Path) -> None:
    """`--url` to nowhere: one line with the address."""
    result = derek("ask", QUESTION, "--url", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert result.stderr.startswith("derek: http://127.0.0.1:1:") and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ask", " "], "question"),
        (["ask", "x", "--top-k", "0"], "top_k"),
        (["ask", "x", "--mode", "guess"], "mode"),
        (["ask", "x", "--from", "soon"], "filters.date_from"),
        (["search", "x" * 2001], "query"),
        (["articles", "--limit", "0"], "limit"),
        (["articles", "/nowhere/file.txt"], "/nowhere"),
    ],
)
def test_wrong_input_is_one_line(indexed: Path, arguments: list[str], named: str) -> None:
    """Exit code 1 and one line that names what is wrong."""
    result = derek(*arguments)
    assert result.exit_code == 1
    assert named in result.stderr and result.stderr.count("\n") == 1 and "Traceback" not in result.output


def test_nothing_indexed_names_the_way_out(vectors_dir: Path) -> None:
    """Before the first index every verb says how to make one."""
    for verb in (["ask", "x"], ["search", "x"], ["articles"]):
        result = derek(*verb, "--vectors-dir", str(vectors_dir), "--port", "1")
        assert result.exit_code == 1 and "derek reindex" in result.stderr


def test_articles_of_a_file_before_it_is_indexed(seeds_dir: Path) -> None:
    """What the parser saw: titles, dates, spans, layout; no index needed."""
    file = seeds_dir / "ministry.txt"
    text = file.read_text(encoding="utf-8")
    shown = parsed(derek("articles", str(file), "--json"))
    assert [article["published_at"] for article in shown["articles"]] == ["2026-03-05T10:15", "2026-03-06T09:00"]
    for article in shown["articles"]:
        assert article["title"] in text[article["start_char_index"] : article["end_char_index"]]
    plain = derek("articles", str(file)).stdout
    assert "2 articles" in plain and shown["layout"] in plain


def test_a_file_that_is_no_article_is_warned_of(tmp_path: Path) -> None:
    """The warning that indexing would give is printed."""
    (tmp_path / "odd.txt").write_text("Some title\nAnd a body that follows no known layout.\n")
    assert "warning: " in derek("articles", str(tmp_path / "odd.txt")).stdout


def test_reindex_reports_what_it_did(indexed: Path, seeds_dir: Path) -> None:
    """What is new is embedded, the rest reused; a second run changes nothing."""
    assert "nothing has changed" in derek("reindex").stdout
    (seeds_dir / "more.txt").write_text("07.03.2026, 10:15 7\nA title of a story\nA body of one sentence.\n")
    result = derek("reindex")
    assert result.exit_code == 0 and "4 files" in result.stdout and "1 embedded" in result.stdout


def test_an_embedder_is_opened_only_to_embed(
    indexed: Path, seeds_dir: Path, closed_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing changed, its files say that it is the same one; where something did, it is opened."""

    def opened(*_: object) -> None:
        raise WeightsDamaged("opened")

    monkeypatch.setattr(rag.embedder, "open_embedder", open_embedder)
    monkeypatch.setattr(rag.embedder, "_load", opened)
    monkeypatch.setenv("DEREK_EMBEDDER", str(closed_model))
    known = open_embedder(str(closed_model), closed_model, at_once=False).fingerprint
    reindex(seeds_dir, indexed, HashingEmbedder(fingerprint=known))
    assert "nothing has changed" in derek("reindex").stdout
    assert "nothing would change" in derek("reindex", "--dry-run").stdout
    (seeds_dir / "more.txt").write_text("07.03.2026, 10:15 7\nA title of a story\nA body of one sentence.\n")
    result = derek("reindex")
    assert result.exit_code == 1 and "opened" in result.stderr


def test_a_missing_seeds_folder_is_one_line(indexed: Path, tmp_path: Path) -> None:
    """Named, and nothing is touched."""
    result = derek("reindex", "--seeds", str(tmp_path / "nowhere"))
    assert result.exit_code == 1 and "nowhere" in result.stderr
    assert parsed(derek("articles", "--json"))["total"] > 0
