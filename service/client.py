"""A client of a running Derek: the same answers as in process, without loading a model twice.

Knows addresses, keys and problem details; not what is asked.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx

from rag.errors import DerekError, EngineFailed, InputError, NotFound
from rag.shapes import AnswerJson, ArticlesJson, SearchJson
from service.guard import WILDCARDS
from service.state import folder_id

PROBE = httpx.Timeout(3.0, connect=0.3)  # seconds; nobody there answers at once, a server at work may take its time
CONNECT_S = 5.0
_KINDS: dict[str, type[DerekError]] = {
    "engine_failed": EngineFailed,
    "not_found": NotFound,
    "invalid_request": InputError,
}


class Client:
    """Asks one server. Raises DerekError with the server's own words, or what is wrong with the connection."""

    def __init__(self, url: str, api_key: str | None, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        # answers may wait in the queue for minutes; proxies are for other machines than this one
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        self._http = httpx.Client(
            base_url=self._url, headers=headers, timeout=timeout, trust_env=False, transport=transport
        )

    def ask(self, body: Mapping[str, Any]) -> AnswerJson:
        """The answer to a body of /v1/ask."""
        return cast(AnswerJson, self._call("POST", "/v1/ask", json=body))

    def search(self, body: Mapping[str, Any]) -> SearchJson:
        """What a body of /v1/search finds."""
        return cast(SearchJson, self._call("POST", "/v1/search", json=body))

    def articles(self, query: Mapping[str, Any]) -> ArticlesJson:
        """One page of articles."""
        return cast(ArticlesJson, self._call("GET", "/v1/articles", params=query))

    def serves(self, vectors_dir: Path) -> bool:
        """Whether a Derek is there, ready, and over this folder of indexes; found out within a moment."""
        try:
            version = self._http.get("/version", timeout=PROBE)
            ready = self._http.get("/readyz", timeout=PROBE)
            return ready.status_code == 200 and version.json()["vectors"] == folder_id(vectors_dir)
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return False

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        try:
            answer = self._http.request(method, path, **sent)
            body = answer.json()
        except httpx.HTTPError as exc:
            raise DerekError(f"{self._url}: {exc or type(exc).__name__}; is `derek serve` running there?") from exc
        except ValueError as exc:
            raise DerekError(f"{self._url}{path}: the answer is not JSON, so this is no Derek; check --url") from exc
        if answer.is_success:
            return body
        code, detail = (body.get("code", ""), body.get("detail", "")) if isinstance(body, dict) else ("", "")
        raise _KINDS.get(code, DerekError)(f"{self._url}: {detail or f'status {answer.status_code}'}")


def find_server(host: str, port: int, api_key: str | None, vectors_dir: Path) -> Client | None:
    """A client of the server at the configured address, if it is ready and serves the same indexes."""
    name = "127.0.0.1" if host in WILDCARDS else host
    client = Client(f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}", api_key)
    if client.serves(vectors_dir):
        return client
    client.close()
    return None
