"""Errors as RFC 9457 problem details: one body for every failure, with a `code` that clients may rely on.

Knows how an exception becomes a response. Never shows internals: what nobody foresaw is a request id and a log line.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, NotRequired, get_args

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from typing_extensions import TypedDict

from rag.errors import (
    Cancelled,
    DerekError,
    EngineFailed,
    IndexBusy,
    IndexDamaged,
    InputError,
    ModelError,
    NotFound,
    SeedConflict,
    SeedError,
    SeedNotStored,
    SeedTooLarge,
)

Code = Literal[
    "invalid_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "job_conflict",
    "not_activated",
    "precondition_failed",
    "payload_too_large",
    "precondition_required",
    "busy",
    "not_implemented",
    "engine_failed",
    "not_ready",
    "not_stored",
    "internal",
]
STATUS: dict[Code, int] = dict(
    zip(get_args(Code), (422, 401, 403, 404, 405, 409, 409, 412, 413, 428, 429, 501, 502, 503, 507, 500), strict=True)
)
MEDIA_TYPE = "application/problem+json"
CLIENT_GONE = 499  # never reaches anyone: the status of a log line
RETRY_AFTER_S = 5  # while something is being made ready
_SHOWN_FIELDS, _SHOWN_CHARS = 20, 200  # of what a caller sent: an error is no echo

log = logging.getLogger("derek.service")


class FieldErrorJson(TypedDict):
    """What is wrong with one field; `field` is its path in the request."""

    field: str
    message: str


class ProblemJson(TypedDict):
    """An error, as in RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457), with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    errors: NotRequired[list[FieldErrorJson]]


class Problem(Exception):
    """A failure that a route or a guard answers with. `more` are further members of the body."""

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        errors: Sequence[FieldErrorJson] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def not_ready(detail: str, more: Mapping[str, Any] | None = None) -> Problem:
    """What is asked for can't be done yet; worth another try."""
    return Problem("not_ready", detail, headers={"Retry-After": str(RETRY_AFTER_S)}, more=more)


def problem_response(problem: Problem, path: str, request_id: str) -> Response:
    """A problem as a response."""
    status = STATUS[problem.code]
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": problem.detail,
        "code": problem.code,
        "instance": path,
        "request_id": request_id,
        **problem.more,
    }
    if problem.errors:
        body["errors"] = problem.errors
    # a caller's own text may hold lone surrogates, which no UTF-8 can carry
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers=problem.headers, media_type=MEDIA_TYPE)


def problem_of(exc: Exception) -> Problem:
    """The problem that an exception of ours or of the framework stands for; `internal` where nobody foresaw it."""
    match exc:
        case Problem():
            return exc
        case RequestValidationError():
            return _invalid(exc.errors())
        case NotFound():
            return Problem("not_found", str(exc))
        case InputError():
            errors: list[FieldErrorJson] = [{"field": exc.field, "message": str(exc)}] if exc.field else []
            return Problem("invalid_request", str(exc), errors=errors)
        case EngineFailed():
            return Problem("engine_failed", str(exc))
        case SeedConflict():
            headers = {"ETag": f'"{exc.present}"'} if exc.present else {}
            return Problem("precondition_failed" if exc.stated else "precondition_required", str(exc), headers=headers)
        case SeedTooLarge():
            return Problem("payload_too_large", str(exc))
        case SeedError():
            return Problem("invalid_request", str(exc), errors=[{"field": "body", "message": str(exc)}])
        case SeedNotStored():
            return Problem("not_stored", str(exc))
        case IndexBusy():
            return Problem("job_conflict", str(exc))
        case IndexDamaged() | ModelError():
            return not_ready(str(exc))
        case HTTPException():
            return _of_http(exc)
    return Problem("internal", "Something broke inside Derek; its log names this request id.")


def add_handlers(app: FastAPI) -> None:
    """Answer every exception of this app's routes with problem details."""

    async def answer(request: Request, exc: Exception) -> Response:
        if isinstance(exc, Cancelled | ClientDisconnect):
            return Response(status_code=CLIENT_GONE)
        problem = problem_of(exc)
        request_id = request.scope.get("derek.request_id", "")
        if problem.code == "internal":
            log.error("request %s failed", request_id, exc_info=exc)
        elif problem.code == "engine_failed":
            log.warning("request %s: %s", request_id, problem.detail)
        return problem_response(problem, request.url.path, request_id)

    for kind in (Problem, DerekError, RequestValidationError, HTTPException, ClientDisconnect):
        app.add_exception_handler(kind, answer)


def field_path(loc: Sequence[int | str]) -> str:
    """`("body", "filters", "files", 0)` -> `filters.files[0]`; the body as a whole is `body`."""
    parts = loc[1:] if len(loc) > 1 and loc[0] in ("body", "query", "path", "header") else loc
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".")[:_SHOWN_CHARS]


def field_message(error: Mapping[str, Any]) -> str:
    """What pydantic says of one field, without its prefix for messages of our own."""
    return str(error["msg"]).removeprefix("Value error, ")[:_SHOWN_CHARS]


def _invalid(errors: Sequence[Any]) -> Problem:
    shown: list[FieldErrorJson] = []
    for error in errors[:_SHOWN_FIELDS]:
        if error["type"] == "json_invalid":
            reason = str(error["ctx"]["error"])
            shown.append({"field": "body", "message": f"not JSON: {reason} at character {error['loc'][1]}"})
        else:
            shown.append({"field": field_path(error["loc"]), "message": field_message(error)})
    return Problem("invalid_request", "; ".join(f"{e['field']}: {e['message']}" for e in shown), errors=shown)


def _of_http(exc: HTTPException) -> Problem:
    headers = exc.headers or {}
    match exc.status_code:
        case 404:
            return Problem("not_found", "There is nothing at this address; /docs lists what there is.")
        case 405:
            return Problem(
                "method_not_allowed", f"This address answers {headers.get('Allow', 'other methods')}.", headers=headers
            )
        case 413:
            return Problem("payload_too_large", exc.detail)
        case 400 | 415 | 422:
            message = "not JSON in UTF-8, or nested too deeply"
            return Problem("invalid_request", f"body: {message}", errors=[{"field": "body", "message": message}])
    return Problem("internal", "Something broke inside Derek; its log names this request id.")
