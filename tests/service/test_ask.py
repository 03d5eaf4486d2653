"""Asking over HTTP: the shape of an answer, what is refused, and that nothing a caller sends breaks the service."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes import ScriptedGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rag.errors import EngineFailed
from rag.types import Prompt
from service.problems import MEDIA_TYPE
from service.state import State

QUESTION = "How long is the new tram line in Almaty?"
ANSWER_KEYS = [
    "id",
    "question",
    "language",
    "answer",
    "abstained",
    "abstain_reason",
    "confidence",
    "sentences",
    "citations",
    "retrieved",
    "related",
    "applied",
    "generation",
    "model",
    "usage",
    "timings_ms",
]
CITATION_KEYS = [
    "n",
    "article_id",
    "passage_id",
    "title",
    "published_at",
    "outlet",
    "file",
    "url",
    "cited_text",
    "start_char_index",
    "end_char_index",
    "source_sha256",
    "support",
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


@pytest.mark.parametrize("mode", ["generate", "extract"])
def test_answer_has_the_promised_shape(client: TestClient, mode: str) -> None:
    """Keys of an answer, its sentences, citations and passages are those that clients rely on, in their order."""
    answer = client.post("/v1/ask", json={"question": QUESTION, "mode": mode}).json()
    assert list(answer) == ANSWER_KEYS
    assert answer["abstained"] is (answer["abstain_reason"] is not None)
    assert [list(c) for c in answer["citations"]] == [CITATION_KEYS] * len(answer["citations"])
    assert [list(r) for r in answer["retrieved"]] == [RETRIEVED_KEYS] * len(answer["retrieved"])
    assert [list(s) for s in answer["sentences"]] == [["text", "start", "end", "citations"]] * len(answer["sentences"])
    assert {"retrieve", "generate", "ground", "total"} <= set(answer["timings_ms"])
    assert list(answer["usage"]) == ["prompt_tokens", "completion_tokens"]


def test_each_sentence_is_proved_by_the_source(client: TestClient) -> None:
    """A citation's offsets lead to its text in the source that its checksum names; sentences lie in the answer."""
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert "14" in answer["answer"] and answer["citations"] and not answer["abstained"]
    for citation in answer["citations"]:
        source = client.get(f"/v1/sources/{citation['source_sha256']}/text").text
        assert source[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]
    for sentence in answer["sentences"]:
        assert answer["answer"][sentence["start"] : sentence["end"]] == sentence["text"]
        assert sentence["citations"]


def test_filters_are_applied_and_shown(client: TestClient) -> None:
    """Only set filters appear in `applied`, beside the time they were applied at, and what is retrieved passes them."""
    filters = {"date_from": "2026-03-06", "date_to": "2026-03-06", "files": ["ministry.txt"]}
    answer = client.post(
        "/v1/ask", json={"question": "How far did the level of Lake Balkhash rise?", "filters": filters}
    ).json()
    now = answer["applied"].pop("now")
    assert abs(datetime.now().astimezone() - datetime.fromisoformat(now)) < timedelta(minutes=5)
    assert answer["applied"] == filters
    assert {item["published_at"][:10] for item in answer["retrieved"]} == {"2026-03-06"}


def test_times_are_read_and_shown(client: TestClient) -> None:
    """A time that is bound to the story narrows the search; `now` says which day "yesterday" is."""
    asked = {"question": "What is the news from yesterday about wheat?", "now": "2026-03-06T09:30"}
    answer = client.post("/v1/ask", json=asked).json()
    day = "2026-03-05"
    assert answer["applied"] == {
        "date_from": day,
        "date_to": day,
        "periods": [{"phrase": "yesterday", "from": day, "to": day, "use": "filter", "undone": False}],
        "now": "2026-03-06T09:30",
    }
    assert {item["published_at"][:10] for item in answer["retrieved"]} == {day}


def test_a_time_that_leaves_nothing_is_undone(client: TestClient) -> None:
    """The words are not to be taken so strictly that nothing is left; the answer says that they were not."""
    asked = {"question": "What is the news from yesterday about wheat?", "now": "1999-03-06T09:30"}
    answer = client.post("/v1/ask", json=asked).json()
    (period,) = answer["applied"]["periods"]
    assert (period["from"], period["use"], period["undone"]) == ("1999-03-05", "prefer", True)
    assert "date_from" not in answer["applied"] and answer["retrieved"]
    given = {"date_from": "1999-01-01", "date_to": "1999-12-31"}
    answer = client.post("/v1/ask", json=asked | {"filters": given}).json()
    assert answer["retrieved"] == [] and answer["applied"]["date_from"] == "1999-03-05"


def test_top_k_bounds_what_is_retrieved(client: TestClient) -> None:
    """`retrieved` shows no more than asked for."""
    answer = client.post("/v1/ask", json={"question": QUESTION, "top_k": 2}).json()
    assert len(answer["retrieved"]) == 2


def test_the_draft_stays_inside(client: TestClient, state: State) -> None:
    """What the model wrote without support is in no field of the answer."""
    state.use_generator(ScriptedGenerator("The line was paid for by Zanzibar, says Humphrey Quill."))
    assert "Zanzibar" not in client.post("/v1/ask", json={"question": QUESTION}).text


BAD: list[tuple[Any, str]] = [
    ({}, "question"),
    ({"question": ""}, "question"),
    ({"question": " \n\t "}, "question"),
    ({"question": "x" * 2001}, "question"),
    ({"question": "a\x00b"}, "question"),
    ({"question": "a\x1bb"}, "question"),
    ({"question": "\ud800 alone"}, "question"),
    ({"question": 5}, "question"),
    ({"question": None}, "question"),
    ({"question": ["x"]}, "question"),
    ({"question": "x", "top_k": 0}, "top_k"),
    ({"question": "x", "top_k": -1}, "top_k"),
    ({"question": "x", "top_k": 51}, "top_k"),
    ({"question": "x", "top_k": 10**9}, "top_k"),
    ({"question": "x", "top_k": 10**30}, "top_k"),
    ({"question": "x", "top_k": "5"}, "top_k"),
    ({"question": "x", "top_k": 5.0}, "top_k"),
    ({"question": "x", "top_k": True}, "top_k"),
    ({"question": "x", "top_k": None}, "top_k"),
    ({"question": "x", "mode": "guess"}, "mode"),
    ({"question": "x", "stream": "yes"}, "stream"),
    ({"question": "x", "stream": 1}, "stream"),
    ({"question": "x", "now": "today"}, "now"),
    ({"question": "x", "now": "2026-03-10"}, "now"),
    ({"question": "x", "now": "2026-13-10T10:00"}, "now"),
    ({"question": "x", "now": 1773136800}, "now"),
    ({"question": "x", "extra": 1}, "extra"),
    ({"question": "x", "filters": []}, "filters"),
    ({"question": "x", "filters": {"outlet": "A"}}, "filters.outlet"),
    ({"question": "x", "filters": {"files": "a.txt"}}, "filters.files"),
    ({"question": "x", "filters": {"files": ["a.txt", 5]}}, "filters.files[1]"),
    ({"question": "x", "filters": {"languages": ["english"]}}, "filters.languages[0]"),
    ({"question": "x", "filters": {"date_from": "yesterday"}}, "filters.date_from"),
    ({"question": "x", "filters": {"date_from": "2026-02-30"}}, "filters.date_from"),
    ({"question": "x", "filters": {"date_from": "20260301"}}, "filters.date_from"),
    ({"question": "x", "filters": {"date_from": "2026-03-01T10:00"}}, "filters.date_from"),
    ({"question": "x", "filters": {"date_from": "٢٠٢٦-٠٣-٠١"}}, "filters.date_from"),
    ([], "body"),
    ("question", "body"),
    (None, "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_wrong_input_is_refused_by_name(client: TestClient, body: Any, field: str) -> None:
    """A request that is wrong gets a 422 problem that names the field by its path."""
    content = json.dumps(body).encode()
    answer = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid_request"
    assert field in [error["field"] for error in problem["errors"]]
    assert "Value error" not in answer.text


def test_reversed_dates_are_both_named(client: TestClient) -> None:
    """A range that ends before it begins is refused, and the message holds both of its ends."""
    filters = {"date_from": "2026-03-05", "date_to": "2026-03-01"}
    problem = client.post("/v1/ask", json={"question": "x", "filters": filters}).json()
    assert problem["status"] == 422
    assert all(word in problem["detail"] for word in ("date_from", "date_to", "2026-03-05", "2026-03-01"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"[" * 100_000, b'{"question": ' + b"9" * 5000 + b"}"]
)
def test_what_is_not_json_is_refused(client: TestClient, content: bytes) -> None:
    """Empty, cut off, binary, endlessly nested: 422, not a crash."""
    answer = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_write_must_say_that_it_is_json(client: TestClient, content_type: str | None) -> None:
    """What a form of another page could send is refused although its bytes are JSON."""
    headers = {"content-type": content_type} if content_type else {}
    answer = client.post("/v1/ask", content=b'{"question": "x"}', headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "content-type"


def test_longest_question_passes(client: TestClient) -> None:
    """2,000 characters after trimming are allowed."""
    assert client.post("/v1/ask", json={"question": "  " + "x" * 2000 + "\n"}).status_code == 200


@pytest.mark.parametrize("now", ["2026-03-10T09:30", "2026-03-10T09:30:15Z", "2026-03-10 09:30:15.5+05:00", None])
def test_now_is_an_iso_date_time(client: TestClient, now: str | None) -> None:
    """With seconds or without, with an offset or without."""
    assert client.post("/v1/ask", json={"question": QUESTION, "now": now}).status_code == 200


def test_streaming_is_not_there_yet(client: TestClient) -> None:
    """`stream: true` is answered 501, so that a client can tell it from a mistake of its own."""
    answer = client.post("/v1/ask", json={"question": QUESTION, "stream": True})
    assert (answer.status_code, answer.json()["code"]) == (501, "not_implemented")


def test_an_engine_that_fails_is_a_502(client: TestClient, state: State) -> None:
    """The engine's failure has its own code; the next ask is not affected."""

    def fail(prompt: Prompt) -> str:
        raise EngineFailed("the engine answered nonsense; try again")

    state.use_generator(ScriptedGenerator(fail))
    answer = client.post("/v1/ask", json={"question": QUESTION})
    assert (answer.status_code, answer.json()["code"]) == (502, "engine_failed")
    assert client.post("/v1/ask", json={"question": QUESTION, "mode": "extract"}).status_code == 200


def test_a_bug_shows_no_internals(client: TestClient, state: State, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody foresaw is a 500 with a request id; the reason is in the log under that id alone."""

    def fail(prompt: Prompt) -> str:
        raise KeyError("/home/someone/secret")

    state.use_generator(ScriptedGenerator(fail))
    answer = client.post("/v1/ask", json={"question": QUESTION})
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    problem = answer.json()
    assert problem["code"] == "internal" and problem["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text and "Traceback" not in answer.text and "KeyError" not in answer.text
    assert any(problem["request_id"] in record.getMessage() and record.exc_info for record in caplog.records)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "question": JSON | st.just(QUESTION),
        "top_k": JSON | st.integers(-1, 60),
        "filters": JSON
        | st.fixed_dictionaries({}, optional={"date_from": JSON, "date_to": st.dates().map(str), "files": JSON}),
        "mode": JSON | st.just("extract"),
        "now": JSON | st.datetimes().map(lambda moment: moment.isoformat()),
        "stream": JSON,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON | FIELDS)
def test_no_json_breaks_the_service(client: TestClient, body: Any) -> None:
    """Whatever JSON is sent: an answer, or a problem that blames the request."""
    content = json.dumps(body).encode()
    answer = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 422, 501)
    assert answer.json()
