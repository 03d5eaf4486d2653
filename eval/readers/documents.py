"""The documents of a public set: a JSONL file, a document a line. Knows no questions.

`{id, title?, text, date?, haystack?}`; BEIR calls the id `_id`. Other fields are passed over.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eval.readers.faults import Faults, entries, storable, text
from eval.sets import Document


def read_documents(path: Path, id_field: str, faults: Faults) -> tuple[Document, ...]:
    """The documents in order; what is wrong with a line becomes a fault. Raises InputError for an unreadable file."""
    return entries(path, faults, lambda values, line: _document(values, id_field), "documents")


def _document(values: Mapping[str, Any], id_field: str) -> Document:
    """A checked document. One whose text is blank consists of its title: public corpora have such."""
    title = _optional(values, "title") or ""
    body = _optional(values, "text") or title
    return Document(
        id=text(values.get(id_field), id_field),
        title=title,
        text=text(body, "text"),
        date=_date(_optional(values, "date")),
        haystack=_optional(values, "haystack"),
    )


def _optional(values: Mapping[str, Any], name: str) -> str | None:
    """A text, None where it is absent, null or blank."""
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name}: not a text")
    return storable(value, name) if value.strip() else None


def _date(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        datetime.fromisoformat(value.strip())
    except ValueError as exc:
        raise ValueError(f"date: {value[:40]!r} is not ISO 8601 (2026-03-04 or 2026-03-04T15:30)") from exc
    return value.strip()
