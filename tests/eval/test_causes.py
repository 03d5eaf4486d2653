"""Why questions went wrong: one cause each, the first that applies."""

from typing import Any

import pytest
from runs import REFUSAL, a_record, an_answer, failed, ranked, refused, right, wrong

from eval.causes import Cause, cause_of, causes_of
from eval.records import Found, Record, Reply
from eval.verdicts import Verdict

QUOTE = "It is 14 kilometres long."
FACTS = [["14"], ["120"]]
UNANSWERABLE: dict[str, Any] = {"answerable": False, "answers": [], "must_include": [], "evidence": [], "gold": []}


def made(text: str, draft: str | None = None, prompt: str | None = None, *, refuses: bool = False, **of: Any) -> Record:
    """An answer that was not right, with what stood behind it."""
    behind = {key: value for key, value in (("draft", draft), ("prompt", prompt)) if value is not None}
    reply = wrong()
    reply.answer = (REFUSAL if refuses else an_answer(text)) | behind
    reply.verdict = Verdict(right=False, abstained=refuses)
    return a_record("q", reply, **of)


def elsewhere(depth: int) -> list[Found]:
    """A ranking whose gold article comes after `depth` passages of others."""
    return [*(Found(f"park-{n}", "park", 1 - n / 100) for n in range(depth)), Found("tram-0", "tram", 0.1)]


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        (a_record("q", right()), None),
        (a_record("q", refused(rightly=True), **UNANSWERABLE), None),
        (a_record("q", failed()), Cause.FAILED),
        (a_record("q", failed(), **UNANSWERABLE), Cause.FAILED),
        (a_record("q", wrong(), **UNANSWERABLE), Cause.UNANSWERABLE),
        (a_record("q", wrong(found=elsewhere(8))), Cause.NOT_FOUND),
        (a_record("q", wrong(found=elsewhere(7))), Cause.NOT_DRAFTED),  # the eighth passage counts as found
        (a_record("q", refused(found=[])), Cause.NOT_FOUND),
        (made("It is long.", "It is long.", "It rained."), Cause.NOT_IN_PROMPT),
        (made("It is long.", "It is long.", f"Trams. {QUOTE}"), Cause.NOT_DRAFTED),
        (made("It is long.", "It is long."), Cause.NOT_DRAFTED),  # an unknown prompt is not one without the gold
        (made("", "It is 14 km.", "It rained.", refuses=True), Cause.REFUSED),  # read elsewhere, and drafted
        (made("", "It is 14 km.", QUOTE, refuses=True), Cause.REFUSED),
        (made("", refuses=True), Cause.REFUSED),  # an extractive answer has no draft
        (made("", "It is long.", QUOTE, refuses=True), Cause.NOT_DRAFTED),
        (made("It is long.", "It is 14 km.", QUOTE), Cause.DROPPED),
        (made("", "It is 14 km.", QUOTE, refuses=True, must_include=FACTS), Cause.DROPPED),
        (made("It is 14 km.", "14 km for 120 tenge.", QUOTE, must_include=FACTS), Cause.DROPPED),
        (made("It is 14 km.", "It is 14 km.", QUOTE, must_include=FACTS), Cause.PARTLY),
        (made("It is 14 km.", must_include=FACTS), Cause.PARTLY),
        (made("It is 14 km, said Aron.", "It is 14 km, said Aron.", QUOTE), Cause.WRONG),
        (made("It is 14 km, said Aron.", "It is 14 km, said Aron.", "It rained."), Cause.WRONG),
        (made("It is 14 kilometres, or 15.", must_include=[]), Cause.WRONG),  # gold answers stand for facts
    ],
)
def test_each_wrong_answer_has_one_cause(record: Record, cause: Cause | None) -> None:
    """The first in the order of the read path; nothing for what is right."""
    assert cause_of(record) is cause


def test_a_run_is_sorted() -> None:
    """Every cause is there, each wrong question once; a ranking alone is not asked for a cause."""
    records = [a_record("1", right()), a_record("2", failed()), a_record("3", failed()), a_record("4", ranked("park"))]
    found = causes_of([*records, a_record("5", Reply([], [], REFUSAL, Verdict(right=False, abstained=True)))])
    assert list(found.ids) == list(Cause)
    assert {cause: ids for cause, ids in found.ids.items() if ids} == {
        Cause.FAILED: ("2", "3"),
        Cause.NOT_FOUND: ("5",),
    }
    assert found.asked == 4
