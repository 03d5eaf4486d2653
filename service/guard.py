"""The door: who may speak to this process at all, before any route is looked at.

Pure ASGI. Knows headers, addresses and sizes, nothing of questions. No web page elsewhere can use a visitor's Derek:
a page that rebinds a name to this machine fails at `Host`, a page that posts across origins fails at `Origin`.
"""

import hmac
import ipaddress
import logging
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Problem, problem_of, problem_response

MAX_BODY = 1 << 20  # bytes
WILDCARDS = ("0.0.0.0", "::", "")
UPLOADS = "/v1/seeds/"  # a PUT below it may be long: its route counts the bytes while it writes them
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

access = logging.getLogger("derek.access")
log = logging.getLogger("derek.service")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door checks: the configured host name, and the key that callers of /v1 must send, if any."""

    host: str = "127.0.0.1"
    api_key: str | None = None


def is_loopback(host: str) -> bool:
    """Whether a host name or address, as written in a `Host` header without its port, is this machine alone."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: never leaves the machine
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def refusal(scope: Scope, rules: Rules) -> Problem | None:
    """Why this request may not pass, or None."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _is_ours(hosts[0], rules):
        return Problem("forbidden", "This Derek does not answer under that Host; use the address it was started with.")
    origins = headers.getlist("origin")
    if origins and not all(_same_place(origin, hosts[0], rules) for origin in origins):
        return Problem("forbidden", "Pages of another origin may not use this Derek.")
    if "\n" in scope["path"]:  # routes would not see the last one
        message = "holds a line break"
        return Problem("invalid_request", f"path: {message}", errors=[{"field": "path", "message": message}])
    if rules.api_key is not None and _needs_key(scope["path"]) and not _has_key(headers, rules.api_key):
        return Problem(
            "unauthorized",
            "Send the key that this server was started with: `Authorization: Bearer <key>`.",
            headers={"WWW-Authenticate": 'Bearer realm="derek"'},
        )
    return None


class Guard:
    """Refuse, limit, name and log each request; the last resort for exceptions that nothing else answered."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        scope["derek.request_id"] = request_id
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            problem = refusal(scope, self._rules)
            if problem is None:
                await self._app(scope, receive if _is_upload(scope) else _limited(scope, receive), send_named)
            else:
                await problem_response(problem, scope["path"], request_id)(scope, receive, send_named)
        except Exception as exc:
            log.exception("request %s failed", request_id)
            if status:  # too late for another answer: let the server cut the connection
                raise
            await problem_response(problem_of(exc), scope["path"], request_id)(scope, receive, send_named)
        finally:
            # neither query string nor body: they hold questions
            path = scope["path"].encode("unicode_escape").decode()
            taken = (time.perf_counter() - began) * 1000
            access.info("%s %s %d %.0f ms %s", scope["method"], path, status, taken, request_id)


def _is_ours(netloc: str, rules: Rules) -> bool:
    host = _host(netloc)
    if rules.host in WILDCARDS and rules.api_key is not None:
        return True  # served to a whole network under names unknown here: the key is what guards
    return host is not None and (is_loopback(host) or host.lower() == rules.host.lower())


def _same_place(origin: str, netloc: str, rules: Rules) -> bool:
    """Whether a page's origin is this server: a name of ours at the same port (`localhost` and 127.0.0.1 are one)."""
    try:
        parts = urlsplit(origin)
        here = urlsplit(f"{parts.scheme}://{netloc}")
        default = {"http": 80, "https": 443}.get(parts.scheme)
        if default is None or parts.hostname is None or (parts.port or default) != (here.port or default):
            return False
    except ValueError:
        return False
    return parts.hostname == here.hostname or (is_loopback(parts.hostname) and is_loopback(here.hostname or ""))


def _host(netloc: str) -> str | None:
    """The name in `name`, `name:port` or `[address]:port`; None where it is none of these."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?", netloc)
    return found[1].removeprefix("[").removesuffix("]") if found else None


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "PUT" and str(scope["path"]).startswith(UPLOADS)


def _needs_key(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/")


def _has_key(headers: Headers, key: str) -> bool:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), key.encode())


def _limited(scope: Scope, receive: Receive) -> Receive:
    """`receive` that ends a body longer than MAX_BODY with a 413, whether its length was declared or not."""
    too_large = HTTPException(413, f"A request may hold {MAX_BODY:,} bytes.")
    declared = Headers(scope=scope).get("content-length", "")
    seen = int(declared) if declared.isascii() and declared.isdigit() else 0
    left = MAX_BODY

    async def receive_some() -> Message:
        nonlocal left
        if seen > MAX_BODY:
            raise too_large
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_large
        return message

    return receive_some
