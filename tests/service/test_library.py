"""Search, articles, passages, source texts and generations over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEmbedder
from starlette.testclient import TestClient

from rag.reindex import reindex
from service.state import State

ARTICLE_KEYS = [
    "id",
    "title",
    "published_at",
    "outlet",
    "language",
    "file",
    "url",
    "source_sha256",
    "start_char_index",
    "end_char_index",
    "also_in",
]
RETRIEVED_KEYS = [
    "passage_id",
    "article_id",
    "title",
    "published_at",
    "outlet",
    "file",
    "text",
    "score",
    "dense_rank",
    "lexical_rank",
]


def test_search_finds_the_passage(client: TestClient) -> None:
    """Results are retrieved items, best first, each with its ranks."""
    found = client.post("/v1/search", json={"query": "price of wheat", "top_k": 3}).json()
    assert list(found) == ["results", "applied", "generation", "timings_ms"]
    assert list(found["results"][0]) == RETRIEVED_KEYS
    assert "85,000 tenge" in " ".join(item["text"] for item in found["results"])
    scores = [item["score"] for item in found["results"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": " "}, "query"),
        ({"query": "x" * 2001}, "query"),
        ({"question": "x"}, "query"),
        ({"query": "x", "top_k": 0}, "top_k"),
        ({"query": "x", "mode": "extract"}, "mode"),
    ],
)
def test_wrong_searches_are_refused(client: TestClient, body: dict[str, Any], field: str) -> None:
    """As for asks, with the names that a search has."""
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_articles_are_listed_newest_first(client: TestClient) -> None:
    """A page of articles, the count of all, and the generation they are from."""
    page = client.get("/v1/articles", params={"limit": 2}).json()
    assert list(page) == ["total", "articles", "generation"]
    assert page["total"] > 2 and len(page["articles"]) == 2
    assert list(page["articles"][0]) == ARTICLE_KEYS
    everything = client.get("/v1/articles").json()["articles"]
    assert everything[:2] == page["articles"]
    assert client.get("/v1/articles", params={"offset": 2}).json()["articles"] == everything[2:]
    assert client.get("/v1/articles", params={"offset": 10**9}).json()["articles"] == []


def test_articles_are_filtered(client: TestClient) -> None:
    """By words, dates and file."""
    found = client.get("/v1/articles", params={"q": "balkhash"}).json()["articles"]
    assert [article["title"] for article in found] == ["Lake Balkhash rises by ten centimetres"]
    day = client.get("/v1/articles", params={"date_from": "2026-03-06", "date_to": "2026-03-06"}).json()["articles"]
    assert {article["published_at"][:10] for article in day} == {"2026-03-06"}
    ministry = client.get("/v1/articles", params={"file": "ministry.txt"}).json()
    assert ministry["total"] == 2


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "9" * 30}, "offset"),
        ({"date_from": "soon"}, "date_from"),
        ({"date_from": "2026-03-05", "date_to": "2026-03-01"}, "date_to"),
        ({"q": "a\x00"}, "q"),
        ({"page": "2"}, "page"),
    ],
)
def test_wrong_queries_are_refused(client: TestClient, params: dict[str, str], field: str) -> None:
    """Unknown parameters too: a typo must not list everything."""
    answer = client.get("/v1/articles", params=params)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_article_holds_its_text_and_passages(client: TestClient) -> None:
    """Text and passages are what the source holds at their offsets."""
    for listed in client.get("/v1/articles").json()["articles"]:
        article = client.get(f"/v1/articles/{listed['id']}").json()
        assert list(article)[: len(ARTICLE_KEYS) + 2] == [*ARTICLE_KEYS, "text", "passages"]
        source = client.get(f"/v1/sources/{article['source_sha256']}/text").text
        assert article["text"] == source[article["start_char_index"] : article["end_char_index"]]
        assert article["passages"]
        for passage in article["passages"]:
            assert passage["text"] == source[passage["start_char_index"] : passage["end_char_index"]]


def test_a_passage_is_a_retrieved_item_with_spans(client: TestClient) -> None:
    """What a search found can be looked up by its id, now with its place."""
    item = client.post("/v1/search", json={"query": "wheat"}).json()["results"][0]
    passage = client.get(f"/v1/passages/{item['passage_id']}").json()
    assert set(RETRIEVED_KEYS) < set(passage)
    unscored = {**item, "score": None, "dense_rank": None, "lexical_rank": None}
    assert {key: passage[key] for key in RETRIEVED_KEYS} == unscored
    source = client.get(f"/v1/sources/{passage['source_sha256']}/text").text
    assert "".join(source[start:end] for start, end in passage["spans"]) == item["text"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/articles/0000000000000000",
        "/v1/articles/%00",
        "/v1/articles/%ff%fe",
        "/v1/articles/" + "a" * 5000,
        "/v1/articles/' OR 1=1 --",
        "/v1/passages/none",
        "/v1/sources/" + "0" * 64 + "/text",
        "/v1/sources/..%2f..%2fetc%2fpasswd/text",
    ],
)
def test_unknown_ids_are_not_found(client: TestClient, path: str) -> None:
    """Whatever an id looks like."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_source_text_is_exact(client: TestClient, state: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """Byte for byte, with the newlines that the file has, as text that no browser takes for a page."""
    raw = "05.03.2026, 10:15 7\r\nTitle \u2011 <script>\r\nBody\u00a0text, «quoted» here.\rMore 😀.\n".encode()
    (seeds_dir / "windows.txt").write_bytes(raw)
    reindex(seeds_dir, state.vectors_dir, embedder)
    state.refresh()
    generation = next(g for g in client.get("/v1/generations").json()["generations"] if g["active"])
    url = f"/v1/sources/{generation['files']['windows.txt']}/text"
    answer = client.get(url)
    assert answer.content == raw
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    part = client.get(url, params={"start": 3, "end": 12})
    assert part.text == raw.decode()[3:12]
    assert part.headers["etag"] != answer.headers["etag"]
    again = client.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("params", [{"start": "5", "end": "2"}, {"end": "1000000"}, {"start": "-1"}, {"from": "1"}])
def test_source_ranges_lie_in_the_text(client: TestClient, params: dict[str, str]) -> None:
    """A range that is reversed, beyond the end or misspelt is refused rather than cut."""
    sha256 = next(iter(client.get("/v1/generations").json()["generations"][0]["files"].values()))
    assert client.get(f"/v1/sources/{sha256}/text", params=params).status_code == 422


def test_sources_of_older_generations_are_kept(
    client: TestClient, state: State, seeds_dir: Path, embedder: HashingEmbedder
) -> None:
    """An answer's citations can be checked although its file has been removed since."""
    files = client.get("/v1/generations").json()["generations"][0]["files"]
    text = client.get(f"/v1/sources/{files['almaty.txt']}/text").text
    (seeds_dir / "almaty.txt").unlink()
    reindex(seeds_dir, state.vectors_dir, embedder)
    state.refresh()
    assert "almaty.txt" not in client.get("/v1/generations").json()["generations"][0]["files"]
    assert client.get(f"/v1/sources/{files['almaty.txt']}/text").text == text


def test_generations_are_listed_newest_first(
    client: TestClient, state: State, seeds_dir: Path, embedder: HashingEmbedder
) -> None:
    """With what they hold; one of them is active, the one that answers name."""
    (seeds_dir / "more.txt").write_text("07.03.2026, 10:15 7\nA title\nA body of one sentence.\n")
    reindex(seeds_dir, state.vectors_dir, embedder)
    state.refresh()
    listed = client.get("/v1/generations").json()["generations"]
    assert [g["active"] for g in listed] == [True, False]
    assert listed[0]["id"] == client.post("/v1/search", json={"query": "x"}).json()["generation"]
    assert "more.txt" in listed[0]["files"] and "more.txt" not in listed[1]["files"]
