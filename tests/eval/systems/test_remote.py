"""A Derek over HTTP: what a real one is asked, and what servers do that are busy, away, locked or strangers."""

from collections.abc import Callable
from itertools import repeat
from typing import Any

import httpx
import pytest
from serving import SENTENCE, listening

from eval.gold import GoldFinder
from eval.sets import Evidence, Item
from eval.systems import remote
from eval.systems.remote import RemoteDerek
from eval.verdicts import judge, outcome_of
from rag.errors import DerekError, EngineFailed, InputError, ServerGone
from service.guard import Rules
from service.state import State

KEY = "a key for tests"
ITEM = Item(
    id="q1",
    question="How long is the new tram line in Almaty?",
    lang="en",
    type="numeric",
    answerable=True,
    answers=("14 km",),
    must_include=(("14",),),
    gold_docs=(),
    evidence=(Evidence("almaty.txt", SENTENCE),),
    split="dev",
    line=1,
)


@pytest.mark.parametrize("mode", ["generate", "extract"])
def test_a_real_server_answers(state: State, mode: Any) -> None:
    """Its articles hold the gold, its answer quotes its own texts, and it says what it is."""
    with listening(state, Rules(api_key=KEY)) as port:
        server = RemoteDerek(f"http://127.0.0.1:{port}/", KEY, mode)
        gold, faults = GoldFinder(server).gold_of(ITEM)
        assert (len(gold), faults) == (1, [])
        said = server.ask(ITEM)
        assert said.answer is not None
        assert said.found[0].article_id in gold
        assert len(said.answer["retrieved"]) == len(said.found) == 5, "as many as there are"
        verdict = judge(ITEM, gold, outcome_of(said.answer, server.source_text))
        assert (verdict.right, verdict.verbatim, verdict.evidence_recall) == (True, 1.0, 1.0)
        described = server.described
        assert described["system"] == "remote"
        assert described["model"] == ("scripted" if mode == "generate" else None)
        assert described["generation"] == said.answer["generation"]
        server.close()


def test_a_real_server_ranks(state: State) -> None:
    """Retrieval alone asks for no answer."""
    with listening(state) as port:
        server = RemoteDerek(f"http://127.0.0.1:{port}", None, "retrieval")
        said = server.ask(ITEM)
        assert said.answer is None
        assert said.found[0].article_id in GoldFinder(server).gold_of(ITEM)[0]
        server.close()


@pytest.mark.parametrize("key", [None, "another key"])
def test_a_real_server_wants_its_key(state: State, key: str | None) -> None:
    """Nothing can be asked, and the way out is named; the key itself is not."""
    with listening(state, Rules(api_key=KEY)) as port:
        server = RemoteDerek(f"http://127.0.0.1:{port}", key, "extract")
        with pytest.raises(ServerGone, match="DEREK_API_KEY") as caught:
            server.articles()
        assert "another key" not in str(caught.value)
        server.close()


def test_a_question_that_is_refused_is_that_questions_failure(state: State) -> None:
    """The server says why; the next question is asked."""
    with listening(state) as port:
        server = RemoteDerek(f"http://127.0.0.1:{port}", None, "extract")
        long = Item("q2", "long " * 1000, "en", "numeric", False, (), (), (), (), "dev", 1)
        with pytest.raises(DerekError, match="question") as caught:
            server.ask(long)
        assert not isinstance(caught.value, ServerGone)
        assert server.ask(ITEM).answer is not None
        server.close()


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass them."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The client's clock."""
    clock = Clock()
    monkeypatch.setattr(remote, "time", clock)
    return clock


Handler = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str, detail: str, **headers: str) -> httpx.Response:
    """A failure as Derek words it."""
    return httpx.Response(status, json={"code": code, "detail": detail}, headers=headers)


BUSY = problem(429, "busy", "Nine are before you.", **{"Retry-After": "3"})
STARTING = problem(503, "not_ready", "Not ready yet. Loading.", **{"Retry-After": "5"})
ME = httpx.Response(200, json={"name": "derek", "version": "1", "generation": "g", "embedder": "e", "model": "m"})


def scripted(*replies: httpx.Response | Exception, patience_s: float = 60.0) -> RemoteDerek:
    """A client of a server that replies in this order, the last for ever."""
    left = iter([*replies[:-1], *repeat(replies[-1], 1000)])

    def handle(request: httpx.Request) -> httpx.Response:
        reply = next(left)
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, content=reply.content, headers=reply.headers)

    return RemoteDerek(
        "http://derek.test", None, "generate", patience_s=patience_s, transport=httpx.MockTransport(handle)
    )


def test_a_busy_server_is_waited_for(clock: Clock) -> None:
    """As long as it takes, as it asks: 3 s each time; where it asks for none or for too long, in measure."""
    assert scripted(*[BUSY] * 100, ME).described["model"] == "m"
    assert clock.slept == [3.0] * 100
    clock.slept.clear()
    hasty = [problem(429, "busy", "", **{"Retry-After": after}) for after in ("0", "86400", "soon", "-1")]
    assert scripted(*hasty, ME).described["model"] == "m"
    assert clock.slept[:2] == [0.2, 10.0]
    assert all(0 < seconds <= 10 for seconds in clock.slept)


@pytest.mark.parametrize(
    "away", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), STARTING, httpx.Response(502, text="<html>")]
)
def test_a_server_that_is_away_is_tried_for_a_while(clock: Clock, away: Any) -> None:
    """Back in time it is asked on; else the run stops, and is told how to go on."""
    assert scripted(away, away, ME).described["system"] == "remote"
    with pytest.raises(ServerGone, match=r"http://derek\.test: .*, for 60 s; what is done is kept.*--resume"):
        assert scripted(away).described
    assert 60 <= clock.now <= 140


def test_a_sign_of_life_begins_the_while_anew(clock: Clock) -> None:
    """Away, busy for two minutes, away once more: that is twice a little, not once too long."""
    gone = httpx.ConnectError("refused")
    assert scripted(gone, *[BUSY] * 40, gone, ME).described["model"] == "m"
    assert clock.now > 60


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="<html>It works!</html>"),
        httpx.Response(200, json=["a list"]),
        httpx.Response(200, json={"name": "another"}),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(404, text="<html>"),
        httpx.Response(307, headers={"location": "http://elsewhere.test/"}),
    ],
)
def test_a_stranger_is_told_at_once(clock: Clock, reply: httpx.Response) -> None:
    """Whatever else answers there."""
    with pytest.raises(InputError, match=r"http://derek\.test: this is no Derek.*check --url"):
        assert scripted(reply).described
    assert clock.slept == []


@pytest.mark.parametrize("url", ["localhost:8000", "127.0.0.1:8000", "ftp://here", "http://", "http://[::1", "", "no"])
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    """Without waiting for anybody."""
    with pytest.raises(InputError, match="--url http://HOST:PORT"):
        RemoteDerek(url, None, "generate")


def test_an_engine_that_breaks_is_one_questions_failure(clock: Clock) -> None:
    """As the server says, which stays there; nothing is tried again."""
    with pytest.raises(EngineFailed, match=r"http://derek\.test: the engine broke"):
        scripted(problem(502, "engine_failed", "the engine broke")).ask(ITEM)
    with pytest.raises(DerekError, match="Something broke inside"):
        scripted(problem(500, "internal", "Something broke inside Derek")).ask(ITEM)
    assert clock.slept == []


def test_articles_are_read_page_by_page() -> None:
    """All of them, each once; a server that has fewer than it counts does not keep us for ever."""
    sizes = [1000, 1000, 3]

    def handle(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        shown = [
            {"id": f"a{n}", "file": "a.txt", "also_in": [], "source_sha256": "0", "start_char_index": n,
             "end_char_index": n + 1}
            for n in range(offset, min(offset + 1000, sum(sizes)))
        ]  # fmt: skip
        return httpx.Response(200, json={"total": 5000, "articles": shown})

    server = RemoteDerek("http://derek.test", None, "generate", transport=httpx.MockTransport(handle))
    assert [article.article_id for article in server.articles()] == [f"a{n}" for n in range(2003)]
