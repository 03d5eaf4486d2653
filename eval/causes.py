"""Why the questions of a run went wrong: one cause each, the first that applies. Pure; knows records alone.

Causes are in the order of the read path, so that each says what was lost there and not before. A fact is a group of
`must_include`, or the gold answers together where a question has none, and stands where one of its spellings does:
in another language than the spellings it is not seen. Where a run did not keep a draft or a prompt (a server's, an
extractive one), the causes that need it are passed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from eval.matching import contains
from eval.measures import evidence_in_prompt, was_asked
from eval.records import Record
from eval.review import is_right, said

READ = 8  # passages, best first, among which gold counts as found


class Cause(StrEnum):
    """What went wrong, in the order in which it is looked for; each passes over what those before it hold for."""

    FAILED = "failed"
    UNANSWERABLE = "answered the unanswerable"
    NOT_FOUND = "not found"
    NOT_IN_PROMPT = "found, not in the prompt"
    REFUSED = "refused what was there"
    DROPPED = "drafted, then dropped"
    PARTLY = "some of several facts missing"
    NOT_DRAFTED = "in the prompt, not drafted"
    WRONG = "wrong number or name"


MEANS = {
    Cause.FAILED: "an error came back",
    Cause.UNANSWERABLE: "no article answers it, and it was answered",
    Cause.NOT_FOUND: f"no passage of a gold article is among the first {READ}",
    Cause.NOT_IN_PROMPT: "a gold quotation is not in what the model read, and a fact is missing from its draft",
    Cause.REFUSED: "refused, with every fact in the draft, or without a draft to tell by",
    Cause.DROPPED: "a fact of the draft is not in the answer",
    Cause.PARTLY: "a fact is in the answer, another is not, nor in the draft",
    Cause.NOT_DRAFTED: "no fact is in the answer, nor in the draft if there is one",
    Cause.WRONG: "every fact is in the answer, and something else that is wrong",
}


@dataclass(frozen=True, slots=True)
class Causes:
    """The wrong questions of a run by cause, each once, in the run's order; of `asked` questions in all."""

    asked: int
    ids: dict[Cause, tuple[str, ...]]  # every cause, in the order of `Cause`


def causes_of(records: Iterable[Record]) -> Causes:
    """Sort what went wrong. Questions of which only retrieval was asked are left out."""
    asked = [record for record in records if was_asked(record)]
    found = [(record.id, cause_of(record)) for record in asked]
    return Causes(len(asked), {cause: tuple(one for one, why in found if why == cause) for cause in Cause})


def cause_of(record: Record) -> Cause | None:
    """Why a question that was asked for an answer went wrong; None where it did not."""
    verdict, answer = record.reply.verdict, record.reply.answer or {}
    if verdict is None:
        return Cause.FAILED
    if is_right(record):
        return None
    if not record.answerable:
        return Cause.UNANSWERABLE
    if not {found.article_id for found in record.reply.found[:READ]} & set(record.gold):
        return Cause.NOT_FOUND
    draft = str(answer.get("draft") or "")
    facts = record.must_include or [record.answers]
    answered = [not verdict.abstained and _stands(fact, said(record)) for fact in facts]
    drafted = [_stands(fact, draft) for fact in facts]
    share = evidence_in_prompt(record)
    if (
        share is not None
        and share < 1
        and not all(here or there for here, there in zip(answered, drafted, strict=True))
    ):
        return Cause.NOT_IN_PROMPT
    if verdict.abstained and (not draft or all(drafted)):
        return Cause.REFUSED
    if any(there and not here for here, there in zip(answered, drafted, strict=True)):
        return Cause.DROPPED
    if all(answered):
        return Cause.WRONG
    return Cause.PARTLY if any(answered) else Cause.NOT_DRAFTED


def _stands(fact: Sequence[str], text: str) -> bool:
    return any(contains(text, spelling) for spelling in fact)
