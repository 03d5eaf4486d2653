"""A running Derek over HTTP, asked as any client asks; and the articles it serves, for looking up gold.

A server that is busy is waited for; one that is away is tried again for a while, then the run stops.
"""

import time
from collections.abc import Sequence
from typing import Any, Literal

import httpx

from eval.gold import ShelfArticle
from eval.sets import Item
from eval.systems import DEPTH, SHOWN, Passage, Said
from rag.errors import DerekError, EngineFailed, InputError, ServerGone
from rag.types import Mode

PATIENCE_S = 60.0  # how long a server may be away
_CONNECT_S = 5.0
_ANSWER_S = 900.0  # a question may wait in the queue behind eight others
_PAGE = 1000  # articles of one request
_LEAST_WAIT_S, _LONGEST_WAIT_S = 0.2, 10.0  # between two tries, whatever the server asks for
_LOCKED = {401, 403}
_AWAY = {502, 503, 504}  # 502 of Derek itself is its engine's failure, of anything before it that it is away


class _Away(Exception):
    """Nobody there, or not ready: worth another try. `wait_s`: how long the server asks to be left alone."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _Busy(_Away):
    """There, and at work for others."""


class RemoteDerek:
    """`POST /v1/ask`, or in mode "retrieval" `POST /v1/search`, of one server; also its articles as a shelf.

    Raises InputError for an address that is none.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None,
        mode: Mode | Literal["retrieval"],
        *,
        patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.where = _checked(url)
        self._mode = mode
        self._patience_s = patience_s
        self._http = httpx.Client(
            base_url=self.where,
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            trust_env=False,  # proxies are for other machines than this one
            transport=transport,
        )
        self._articles: list[ShelfArticle] | None = None
        self._texts: dict[str, str] = {}

    @property
    def described(self) -> dict[str, Any]:
        """What the server says of itself. Raises ServerGone, and InputError where it is no Derek."""
        version = self._call("GET", "/version")
        if version.get("name") != "derek":
            raise self._stranger("it does not say that it is one")
        known = {name: version.get(name) for name in ("model", "embedder", "generation")}
        if self._mode != "generate":
            known["model"] = None  # it has one, and is not asked
        return {"system": "remote", "url": self.where, "version": version.get("version"), **known}

    def ask(self, item: Item) -> Said:
        """The server's answer. Raises ServerGone where it can't be asked any more, else what this one question did."""
        if self._mode == "retrieval":
            found = self._call("POST", "/v1/search", json={"query": item.question, "top_k": DEPTH})
            return Said(_passages(found["results"]))
        body = {"question": item.question, "mode": self._mode, "top_k": DEPTH}
        answer = self._call("POST", "/v1/ask", json=body)
        return Said(_passages(answer["retrieved"]), {**answer, "retrieved": answer["retrieved"][:SHOWN]})

    def articles(self) -> Sequence[ShelfArticle]:
        """All articles that the server serves, read once."""
        if self._articles is None:
            found: list[ShelfArticle] = []
            total = 1
            while len(found) < total:
                page = self._call("GET", "/v1/articles", params={"limit": _PAGE, "offset": len(found)})
                found += [_shelf_article(values) for values in page["articles"]]
                total = page["total"] if page["articles"] else 0
            self._articles = found
        return self._articles

    def source_text(self, sha256: str) -> str:
        """The text that offsets count in, read once."""
        if sha256 not in self._texts:
            self._texts[sha256] = self._tried("GET", f"/v1/sources/{sha256}/text").text
        return self._texts[sha256]

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _call(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        """The JSON object of a success."""
        found = _object(self._tried(method, path, **sent))
        if found is None:
            raise self._stranger(f"{path} answers no JSON object")
        return found

    def _tried(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """A success, tried again while the server is busy, and for a while when it is away."""
        away_since: float | None = None
        waits = 0
        while True:
            try:
                return self._once(method, path, sent)
            except _Busy as busy:
                wait_s, away_since = busy.wait_s, None
            except _Away as away:
                wait_s, now = away.wait_s, time.monotonic()
                away_since = now if away_since is None else away_since
                if now - away_since >= self._patience_s:
                    raise ServerGone(
                        f"{self.where}: {away}, for {self._patience_s:.0f} s; what is done is kept. Start "
                        "`derek serve` there, then go on with the same command, --name and --resume"
                    ) from away
            waits += 1
            time.sleep(min(max(2 ** min(waits, 10) / 8 if wait_s is None else wait_s, _LEAST_WAIT_S), _LONGEST_WAIT_S))

    def _once(self, method: str, path: str, sent: dict[str, Any]) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **sent)
        except httpx.RequestError as exc:
            raise _Away(str(exc) or type(exc).__name__) from exc
        if reply.is_success:
            return reply
        problem = _object(reply)
        if problem is None or "code" not in problem:
            if reply.status_code in _AWAY:
                raise _Away(f"status {reply.status_code}")
            raise self._stranger(f"{path} answers {reply.status_code}")
        told = str(problem.get("detail") or f"status {reply.status_code}")
        if reply.status_code in (429, 503):
            raise (_Busy if reply.status_code == 429 else _Away)(told, _seconds(reply.headers.get("retry-after", "")))
        if reply.status_code in _LOCKED:
            raise ServerGone(f"{self.where}: {told} Set DEREK_API_KEY to its key, then go on with --resume")
        raise (EngineFailed if reply.status_code == 502 else DerekError)(f"{self.where}: {told}")

    def _stranger(self, why: str) -> InputError:
        return InputError(f"{self.where}: this is no Derek: {why}; check --url", "url")


def _checked(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise InputError(f"{url!r} is no address ({exc}); write --url http://HOST:PORT", "url") from exc
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"{url!r} is no address of a server; write --url http://HOST:PORT", "url")
    return url.rstrip("/")


def _object(reply: httpx.Response) -> dict[str, Any] | None:
    try:
        found = reply.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


def _passages(retrieved: Sequence[dict[str, Any]]) -> tuple[Passage, ...]:
    return tuple(Passage(one["passage_id"], one["article_id"], one["text"], one["score"]) for one in retrieved)


def _shelf_article(values: dict[str, Any]) -> ShelfArticle:
    return ShelfArticle(
        article_id=values["id"],
        file=values["file"],
        also_in=tuple(values["also_in"]),
        source_sha256=values["source_sha256"],
        start=values["start_char_index"],
        end=values["end_char_index"],
    )
