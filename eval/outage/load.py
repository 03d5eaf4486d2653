"""Load on a running service: searches at a steady rate whatever becomes of them, and one ask always in flight.

An open loop: a search that is late doesn't hold up the next, and its time counts from when it was due. Knows requests
and clocks; what an answer may hold is `eval.outage.findings`'s business.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import httpx

from eval.outage.stories import Told, told_by
from rag.types import Mode

TOP_K = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked; `name`: of the ferry that it is about, if of any."""

    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a request went. `fault`: why it failed; None where it was answered, by `generation`, with `told`."""

    kind: Literal["search", "ask"]
    query: Query
    seconds: float
    fault: str | None
    generation: str = ""
    told: frozenset[Told] = frozenset()


@dataclass(slots=True)
class Load:
    """Where requests go and what they are. The two streams of queries never end."""

    http: httpx.AsyncClient
    searches: Iterator[Query]
    asks: Iterator[Query]
    rate: float  # searches a second
    mode: Mode
    replies: list[Reply] = field(default_factory=list)

    async def during(self, work: Awaitable[T]) -> tuple[T, list[Reply]]:
        """Await `work` under load; what it gives, and every reply to a request that was sent meanwhile."""
        self.replies = []
        over = asyncio.Event()
        streams = [asyncio.create_task(stream(over)) for stream in (self._search_on, self._ask_on)]
        try:
            result = await work
        finally:
            over.set()
            await asyncio.gather(*streams)
        return result, self.replies

    async def _search_on(self, over: asyncio.Event) -> None:
        due = time.perf_counter()
        sent: list[asyncio.Task[None]] = []
        while not over.is_set():
            sent.append(asyncio.create_task(self._search(next(self.searches), due)))
            due += 1 / self.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await asyncio.gather(*sent)

    async def _ask_on(self, over: asyncio.Event) -> None:
        while not over.is_set():
            query = next(self.asks)
            body = {"question": query.text, "mode": self.mode, "top_k": TOP_K}
            await self._post("ask", query, "/v1/ask", body, time.perf_counter())

    async def _search(self, query: Query, due: float) -> None:
        await self._post("search", query, "/v1/search", {"query": query.text, "top_k": TOP_K}, due)

    async def _post(
        self, kind: Literal["search", "ask"], query: Query, path: str, body: Mapping[str, Any], due: float
    ) -> None:
        try:
            response = await self.http.post(path, json=body)
            seconds = time.perf_counter() - due
            if response.status_code != httpx.codes.OK:
                fault = f"{response.status_code} {response.text[:200]}"
                self.replies.append(Reply(kind, query, seconds, fault))
                return
            answer = response.json()
            self.replies.append(Reply(kind, query, seconds, None, answer["generation"], frozenset(_told(answer))))
        except (httpx.TransportError, ValueError, KeyError) as error:
            self.replies.append(Reply(kind, query, time.perf_counter() - due, f"{type(error).__name__}: {error}"))


def _told(answer: Mapping[str, Any]) -> Iterator[Told]:
    """What each passage and each quotation of a search's or an ask's answer says of itself."""
    for passage in answer.get("results", []) + answer.get("retrieved", []):
        yield told_by(passage["file"], passage["text"])
    for quoted in answer.get("citations", []) + answer.get("related", []):
        told = told_by(quoted["file"], quoted["cited_text"])
        if told.story:  # a quotation may well be the sentence beside the one that tells
            yield told
