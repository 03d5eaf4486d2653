"""A running Derek over HTTP, asked as any client asks; and the articles it serves, for looking up gold.

A server that is busy is waited for; one that is away is tried again for a while, then the run stops.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from eval.gold import ShelfArticle
from eval.sets import Item
from eval.systems import DEPTH, SHOWN, Passage, Said
from rag.errors import DerekError, EngineFailed, InputError, ServerGone
from rag.types import Mode

PATIENCE_S = 60.0  # how long a server may be away
_CONNECT_S = 5.0
_ANSWER_S = 900.0  # a question may wait in the queue behind eight others
_PAGE = 1000  # articles of one request
_NOT_ASKABLE = {401, 403}


class _Away(Exception):
    """Nobody there, or not ready: worth another try. `wait_s`: how long the server asks to be left alone."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _Busy(_Away):
    """There, and at work for others."""


class RemoteDerek:
    """`POST /v1/ask`, or in mode "retrieval" `POST /v1/search`, of one server; also its articles as a shelf."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        mode: Mode | Literal["retrieval"],
        *,
        patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.where = url.rstrip("/")
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
        """What the server says of itself. Raises ServerGone."""
        version = self._call("GET", "/version")
        known = {name: version.get(name) for name in ("model", "embedder", "generation")}
        return {"system": "remote", "url": self.where, "version": version.get("version"), **known}

    def ask(self, item: Item) -> Said:
        """The server's answer. Raises ServerGone where it is away too long, InputError where it may not be asked."""
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
            self._texts[sha256] = self._call("GET", f"/v1/sources/{sha256}/text", text=True)
        return self._texts[sha256]

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _call(self, method: str, path: str, *, text: bool = False, **sent: Any) -> Any:
        """The body of a success, tried again while the server is busy or away."""

        def stop(state: RetryCallState) -> bool:
            busy = state.outcome is not None and isinstance(state.outcome.exception(), _Busy)
            return not busy and stop_after_delay(self._patience_s)(state)

        try:
            return Retrying(retry=retry_if_exception_type(_Away), wait=_wait, stop=stop, reraise=True)(
                lambda: self._once(method, path, text, sent)
            )
        except _Away as exc:
            raise ServerGone(
                f"{self.where}: {exc}, for {self._patience_s:.0f} s; what is done is kept. "
                "Start `derek serve` there, then go on with the same command, --name and --resume"
            ) from exc

    def _once(self, method: str, path: str, text: bool, sent: dict[str, Any]) -> Any:
        try:
            reply = self._http.request(method, path, **sent)
        except httpx.TransportError as exc:
            raise _Away(str(exc) or type(exc).__name__) from exc
        if reply.is_success and text:
            return reply.text
        try:
            body = reply.json()
        except ValueError as exc:
            raise InputError(
                f"{self.where}{path}: the answer is not JSON, so this is no Derek; check --url", "url"
            ) from exc
        if reply.is_success:
            return body
        raise _failure(reply, body if isinstance(body, dict) else {}, self.where)


def _failure(reply: httpx.Response, problem: dict[str, Any], where: str) -> Exception:
    what = f"{where}: {problem.get('detail') or f'status {reply.status_code}'}"
    if reply.status_code in (429, 503):
        kind = _Busy if reply.status_code == 429 else _Away
        after = reply.headers.get("retry-after", "")
        return kind(str(problem.get("detail") or reply.status_code), float(after) if after.isdigit() else None)
    if reply.status_code in _NOT_ASKABLE:
        return InputError(f"{what}; set DEREK_API_KEY to the server's key", "api_key")
    return (EngineFailed if reply.status_code == 502 else DerekError)(what)


_backoff: Callable[[RetryCallState], float] = wait_exponential(multiplier=0.5, max=10.0)


def _wait(state: RetryCallState) -> float:
    asked = state.outcome.exception() if state.outcome else None
    wait_s = asked.wait_s if isinstance(asked, _Away) else None
    return wait_s if wait_s is not None else _backoff(state)


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
