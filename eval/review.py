"""One question of a run as a reader meets it: how it went, each quotation in its passage. Knows no page, no files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from eval.records import Record

State = Literal[
    "right", "wrong", "refused rightly", "refused wrongly", "failed",
    "gold ranked first", "gold ranked lower", "gold not found", "only ranked",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage; `numbers`: the citations that quote it, none for what stands around them."""

    text: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """A passage with its quotations marked; where the passage is not at hand, the quotation alone."""

    title: str
    outlet: str
    published_at: str
    file: str
    pieces: tuple[Piece, ...]
    whole: bool  # the passage is shown, not the quotation alone


def state_of(record: Record) -> State:
    """How a question went, in one of few words; the last four where only retrieval was asked."""
    reply = record.reply
    if reply.error is not None:
        return "failed"
    if reply.verdict is not None:
        if reply.verdict.abstained and record.answerable:
            return "refused wrongly"
        if not reply.verdict.right:
            return "wrong"
        return "refused rightly" if reply.verdict.abstained else "right"
    rank = gold_rank(record)
    if not record.gold:
        return "only ranked"
    return "gold not found" if rank is None else "gold ranked first" if rank == 1 else "gold ranked lower"


def is_right(record: Record) -> bool | None:
    """Whether a question went right; where only retrieval was asked, whether gold stands first. None: can't be said."""
    state = state_of(record)
    return None if state == "only ranked" else state in ("right", "refused rightly", "gold ranked first")


def reason_of(record: Record) -> str:
    """Why a question did not go right, in words; empty where it did."""
    reply = record.reply
    if reply.error is not None:
        return reply.error
    if reply.verdict is not None:
        return reply.verdict.reason
    first = reply.ranking[:1]
    return "" if is_right(record) is not False else f"first was {', '.join(first) or 'nothing'}"


def said(record: Record) -> str:
    """The answer's text; empty where there is none."""
    return str((record.reply.answer or {}).get("answer") or "")


def gold_rank(record: Record) -> int | None:
    """The rank, from 1, of the first gold article among the articles found; None where none is."""
    gold = set(record.gold)
    return next((rank for rank, found in enumerate(record.reply.ranking, start=1) if found in gold), None)


def quoted_passages(answer: Mapping[str, Any]) -> list[QuotedPassage]:
    """The passages an answer quotes, in the order of their first citation, each with all its quotations marked."""
    passages = {str(one.get("passage_id")): str(one.get("text") or "") for one in answer.get("retrieved") or ()}
    citations = list(answer.get("citations") or ())
    spans = [_find(passages.get(str(one.get("passage_id")), ""), str(one.get("cited_text") or "")) for one in citations]
    marks: dict[str, list[tuple[int, int, int]]] = {}
    for place, (citation, span) in enumerate(zip(citations, spans, strict=True), start=1):
        if span is not None:
            marks.setdefault(str(citation.get("passage_id")), []).append((*span, citation.get("n") or place))
    found = []
    for place, (citation, span) in enumerate(zip(citations, spans, strict=True), start=1):
        passage_id = str(citation.get("passage_id"))
        if span is None:
            alone = Piece(str(citation.get("cited_text") or ""), (citation.get("n") or place,))
            found.append(_passage(citation, [alone], whole=False))
        elif passage_id in marks:
            found.append(_passage(citation, _pieces(passages[passage_id], marks.pop(passage_id)), whole=True))
    return found


def _passage(citation: Mapping[str, Any], pieces: Sequence[Piece], *, whole: bool) -> QuotedPassage:
    return QuotedPassage(
        title=str(citation.get("title") or ""),
        outlet=str(citation.get("outlet") or ""),
        published_at=str(citation.get("published_at") or "").replace("T", " "),
        file=str(citation.get("file") or ""),
        pieces=tuple(pieces),
        whole=whole,
    )


def _find(text: str, quotation: str) -> tuple[int, int] | None:
    """Where a quotation stands in a passage, whatever the white space; None where it does not."""
    words = quotation.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return found.span() if found else None


def _pieces(text: str, marks: Sequence[tuple[int, int, int]]) -> list[Piece]:
    """The text cut where a quotation begins or ends; each piece knows the quotations that cover it."""
    cuts = sorted({0, len(text), *(cut for start, end, _ in marks for cut in (start, end))})
    return [
        Piece(text[low:high], tuple(sorted(n for start, end, n in marks if start <= low and high <= end)))
        for low, high in pairwise(cuts)
    ]
