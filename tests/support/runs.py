"""Runs as tests want them: records made up in a line, and the run that holds them."""

from typing import Any

from eval.reading import Run
from eval.records import Found, Record, Reply
from eval.summary import summarise
from eval.verdicts import Verdict

PASSAGE = "The tram line opened on Tuesday. It is 14 kilometres\nlong. The fare is 120 tenge."


def an_answer(text: str = "It is 14 kilometres long.", **values: Any) -> dict[str, Any]:
    """An answer's JSON that quotes one sentence of `PASSAGE`."""
    citation = {
        "n": 1, "article_id": "tram", "passage_id": "tram-0", "title": "Almaty opens a tram line", "outlet": None,
        "published_at": "2026-03-04", "file": "almaty.txt", "cited_text": "It is 14 kilometres long.",
    }  # fmt: skip
    return {
        "answer": text,
        "abstained": False,
        "abstain_reason": None,
        "confidence": 0.8,
        "sentences": [{"text": text, "start": 0, "end": len(text), "citations": [1]}],
        "citations": [citation],
        "retrieved": [{"passage_id": "tram-0", "article_id": "tram", "text": PASSAGE}],
        "usage": {"prompt_tokens": 400, "completion_tokens": 20},
        "timings_ms": {"first_token": 900.0},
    } | values


REFUSAL = an_answer(
    "The articles do not say.",
    abstained=True,
    abstain_reason="low_relevance",
    confidence=0.1,
    sentences=[],
    citations=[],
)


def a_record(question_id: str, reply: Reply | None = None, **values: Any) -> Record:
    """A question, by default answerable and answered rightly."""
    return Record(
        **{
            "id": question_id, "question": "How long is the tram line?", "type": "numeric", "lang": "en",
            "split": "dev", "haystack": None, "answerable": True, "answers": ["14 kilometres"],
            "must_include": [["14"]],
            "evidence": [{"file": "almaty.txt", "quote": "It is 14 kilometres long."}], "gold": ["tram"],
            "reply": reply or right(),
        } | values
    )  # fmt: skip


def right(**values: Any) -> Reply:
    """Answered rightly."""
    verdict = Verdict(right=True, abstained=False, citation_precision=1.0, citation_recall=1.0, verbatim=1.0)
    return _reply(verdict, **values)


def wrong(text: str = "It is 11 kilometres long.", **values: Any) -> Reply:
    """Answered with a wrong number."""
    verdict = Verdict(right=False, abstained=False, missing=(("14",),), wrong_numbers=("11",), citation_precision=0.0)
    return _reply(verdict, answer=an_answer(text), **values)


def refused(*, rightly: bool = False, **values: Any) -> Reply:
    """Refused; `rightly` where the question is unanswerable."""
    return _reply(Verdict(right=rightly, abstained=True), answer=REFUSAL, **values)


def failed() -> Reply:
    """The engine broke."""
    return Reply([], [], None, None, "EngineFailed: the engine answered nonsense", 0.1)


def ranked(*articles: str) -> Reply:
    """Only retrieval was asked: one passage of each article."""
    return Reply([Found(f"{name}-0", name, 0.5) for name in articles], [], None, None, None, 0.01)


def a_run(name: str, *records: Record, complete: bool = True, **description: Any) -> Run:
    """A run of these records."""
    told = {"name": name, "set": {"name": "trams", "path": "trams.jsonl", "sha256": "ab" * 32}, "mode": "generate"}
    return Run(name, told | description, records, summarise(records), complete)


def _reply(verdict: Verdict, **values: Any) -> Reply:
    found = [Found("tram-0", "tram", 0.9), Found("park-0", "park", 0.4)]
    return Reply(
        **{"found": found, "evidence_ranks": [1], "answer": an_answer(), "verdict": verdict, "seconds": 2.0} | values
    )
