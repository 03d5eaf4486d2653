"""The route by which a seed file comes in, written to disk as it arrives: the body as it is, or as one file of a form.

Knows bodies and forms, not what a seed file is. No form of another page can send a PUT, and no script may without a
preflight, which fails: so a content type is not asked for.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from rag.errors import InputError, SeedTooLarge
from rag.render import change_json
from rag.seed_folder.store import ANY, Condition
from rag.shapes import SeedChangeJson
from service.problems import MEDIA_TYPE, ProblemJson
from service.requests import PutQuery
from service.routing import FAILURES, store_of
from service.seeds import CONFLICTS, look, tags

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

router = APIRouter(prefix="/v1", responses={422: FAILURES[422]}, tags=["seeds"])
_FORM = "multipart/form-data"
_AROUND = 10_000  # bytes that a form may need around its file
_TOO_LARGE: dict[int | str, dict[str, Any]] = {
    201: {"description": "A new file", "headers": {"Location": {"schema": {"type": "string"}}}},
    413: {"description": "Larger than a seed file may be", "content": {MEDIA_TYPE: {}}, "model": ProblemJson},
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY, _FORM: _FILE}}}


@router.put(
    "/seeds/{name:path}", response_model=SeedChangeJson, responses={**CONFLICTS, **_TOO_LARGE}, openapi_extra=_BODY
)
async def put_seed(
    name: str, query: Annotated[PutQuery, Query()], request: Request, response: Response
) -> SeedChangeJson:
    """Put a seed file, its bytes as the body or as the one file of a form: 201 where it is new, else 200.

    The same bytes again change nothing. Other bytes need `If-Match` with the checksum of those that are there, or
    `replace=true`; these go to the trash. `If-None-Match: *` puts a new file only. What can't be read is refused.
    """
    condition = Condition(tags(request, "if-match"), ANY in (tags(request, "if-none-match") or ()), query.replace)
    store = store_of(request)
    bytes_of_file = _bytes_of_file(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > store.most + _AROUND:
        raise SeedTooLarge(f"{declared} bytes; a seed file must have less than {store.most:,}")
    async with contextmanager_in_threadpool(store.receive(name)) as upload:
        async for data in bytes_of_file:
            await run_in_threadpool(upload.write, data)
        change = await run_in_threadpool(store.put, upload, condition)
    response.headers["ETag"] = f'"{change.sha256}"'
    if change.done == "created":
        response.status_code = 201
        response.headers["Location"] = f"/v1/seeds/{quote(change.file)}"
    return change_json(change, await run_in_threadpool(look, change.file, request))


def _bytes_of_file(request: Request) -> AsyncIterator[bytes]:
    """The bytes of the file that a request carries, as they arrive. Raises InputError where it carries none."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _refused("content-encoding", "must not be packed on its way; send the bytes as they are")
    if "content-range" in request.headers:
        raise _refused("content-range", "parts of a file can't be put; send it whole")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        raise _refused("content-type", "a form's fields are no file; send the file itself, as `curl -T FILE` does")
    return _of_form(request) if media_type == _FORM else request.stream()


async def _of_form(request: Request) -> AsyncIterator[bytes]:
    """The bytes of a form's one file; its name is ignored, the address has it."""
    form = _Form(request.headers["content-type"])
    async for data in request.stream():
        for piece in form.feed(data):
            yield piece
    form.end()


class _Form:
    """A multipart body as it arrives. Raises InputError where it is none, or holds anything but one file."""

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        self._pieces: list[bytes] = []
        self._header, self._value = b"", b""
        self._disposition = b""
        self._files = 0
        self._complete = False
        callbacks: MultipartCallbacks = {
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_end": self._on_end,
        }
        try:
            self._parser = MultipartParser(options[b"boundary"], callbacks)
        except (KeyError, FormParserError) as exc:
            raise _refused("content-type", "no usable boundary between the parts of the form") from exc

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the body; gives those of the file that are in them."""
        try:
            self._parser.write(data)
        except FormParserError as exc:
            raise _refused("body", f"not a form ({exc})") from exc
        pieces, self._pieces = self._pieces, []
        return pieces

    def end(self) -> None:
        """The body has ended."""
        if not self._complete:
            raise _refused("body", "the form ends before its last boundary; send it again")
        if self._files != 1:
            raise _refused("body", "the form holds no file; send one")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        field = options.get(b"name", b"").decode("utf-8", "replace")[:100]
        if b"filename" not in options:
            raise _refused(field or "body", "no such field; send the file alone")
        self._files += 1
        if self._files > 1:
            raise _refused(field or "body", "a second file; send one file to each address")
        self._disposition = b""

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _on_end(self) -> None:
        self._complete = True


def _refused(field: str, message: str) -> InputError:
    return InputError(f"{field}: {message}", field)
