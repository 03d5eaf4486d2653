"""From records to metrics: the arithmetic of small runs, worked by hand in the comments."""

import json
from dataclasses import replace
from typing import Any

import pytest
from runs import REFUSAL, a_record, an_answer, failed, ranked, refused, right, wrong

from eval.measures import METRICS
from eval.records import Found, Record, Reply
from eval.summary import summarise
from eval.verdicts import Verdict

UNANSWERABLE: dict[str, Any] = {
    "answerable": False, "type": "unanswerable", "answers": [], "must_include": [], "evidence": [], "gold": [],
}  # fmt: skip
MADE_UP = Verdict(right=False, abstained=False, supported=0.5, needed=1.0, undecided=1)


def values(*records: Record) -> dict[str, float]:
    """The overall means."""
    return {name: found["value"] for name, found in summarise(records)["overall"].items()}


def counts(*records: Record) -> dict[str, int]:
    """Over how many questions each mean is."""
    return {name: found["n"] for name, found in summarise(records)["overall"].items()}


def reply_with(**of_verdict: Any) -> Reply:
    """A right answer with more known of it."""
    reply = right()
    assert reply.verdict is not None
    reply.verdict = replace(reply.verdict, **of_verdict)
    return reply


def test_shares_of_right_and_refused() -> None:
    """Three answerable: right, wrong, refused; three not: refused, answered, failed."""
    records = (
        a_record("1", right()),
        a_record("2", wrong()),
        a_record("3", refused()),
        a_record("4", refused(rightly=True), **UNANSWERABLE),
        a_record("5", Reply([], [], an_answer(), MADE_UP), **UNANSWERABLE),
        a_record("6", failed(), **UNANSWERABLE),
    )
    found = values(*records)
    assert found["right"] == pytest.approx(1 / 3)
    assert found["must_include"] == pytest.approx(1 / 3)  # the wrong one lacks "14"
    assert found["false_refusal"] == pytest.approx(1 / 3)
    assert found["refused"] == pytest.approx(1 / 3)  # a failure is no refusal
    assert found["refusal_precision"] == 0.5  # 3 and 4 were refused, 4 rightly
    assert found["refusal_f1"] == pytest.approx(2 * 1 / (2 + 3))  # 2 · rightly / (refused + unanswerable)
    assert found["wrong_number"] == 0.5  # of 1 and 2
    assert found["citation_precision"] == 0.5  # 1 and 0
    assert found["supported"] == 0.5  # of 5 alone
    assert found["undecided"] == 1.0
    of = counts(*records)
    assert (of["right"], of["refused"], of["refusal_precision"], of["wrong_number"]) == (3, 3, 2, 2)
    assert of["refusal_f1"] == 6
    assert summarise(records)["errors"] == 1


def test_a_failure_counts_as_nothing_found_and_nothing_said() -> None:
    """A system does not gain by breaking."""
    found = values(a_record("1", right()), a_record("2", failed()))
    assert (found["hit@1"], found["mrr"], found["ndcg@10"]) == (0.5, 0.5, 0.5)
    assert (found["evidence@5"], found["multihop_hits@4"], found["multihop_mrr@10"]) == (0.5, 0.5, 0.5)
    assert (found["right"], found["must_include"]) == (0.5, 0.5)
    assert found["citation_precision"] == 1.0  # of what was answered


def test_an_answer_that_found_nothing_counts_in_the_ranking() -> None:
    """A refusal for want of passages is a ranking without gold, not no question."""
    empty = refused(found=[], evidence_ranks=[None])
    assert values(a_record("1", right()), a_record("2", empty))["hit@10"] == 0.5
    assert counts(a_record("1", right()), a_record("2", empty))["evidence@10"] == 2


def test_ranks_are_of_articles_and_of_passages() -> None:
    """Gold on article ranks 2 and 4, though passages repeat articles; quotations on passage ranks 3 and nowhere."""
    order = ["park", "park", "tram", "bus", "line"]
    reply = Reply([Found(f"{name}-{n}", name, 1 / (n + 1)) for n, name in enumerate(order)], [3, None], None, None)
    quotes = [{"file": "a.txt", "quote": "one"}, {"file": "a.txt", "quote": "two"}]
    found = values(a_record("1", reply, gold=["tram", "line"], evidence=quotes))
    assert (found["hit@1"], found["hit@4"], found["recall@5"]) == (0.0, 1.0, 1.0)
    assert found["mrr"] == 0.5
    assert found["map"] == 0.5  # (1/2 + 2/4) / 2
    assert found["ndcg@10"] == pytest.approx((1 / 1.58496 + 1 / 2.32193) / (1 + 1 / 1.58496), abs=1e-5)
    assert (found["evidence@5"], found["evidence@10"]) == (0.5, 0.5)
    assert (found["multihop_hits@4"], found["multihop_map@10"]) == (1.0, pytest.approx(1 / 3 / 2))
    assert found["multihop_mrr@10"] == pytest.approx(1 / 3)


def test_retrieval_alone_defines_nothing_of_answers() -> None:
    """Neither an answer nor a failure: nobody was asked."""
    found = values(a_record("1", ranked("tram")), a_record("2", ranked("park"), **UNANSWERABLE))
    assert found["hit@1"] == 1.0
    assert not {"right", "refused", "refusal_f1", "words", "verbatim", "undecided"} & set(found)


def test_words_and_likeness_are_of_what_was_answered() -> None:
    """ "It is 14 kilometres long." has five words; a refusal has none that count."""
    answered = reply_with(exact_match=0.0, token_f1=0.5)
    found = values(a_record("1", answered), a_record("2", refused()))
    assert (found["words"], found["token_f1"], found["exact_match"]) == (5.0, 0.5, 0.0)
    assert counts(a_record("1", answered), a_record("2", refused()))["words"] == 1


def test_groups_hold_their_own_questions() -> None:
    """By type, language and half; the test half once more by itself."""
    records = [
        a_record("1", right()),
        a_record("2", wrong(), lang="ru", type="russian", split="test"),
        a_record("3", right(), type="russian", split="test"),
    ]
    found = summarise(records)
    assert {kind: group["right"]["value"] for kind, group in found["by_type"].items()} == {"numeric": 1, "russian": 0.5}
    assert {lang: group["right"]["value"] for lang, group in found["by_language"].items()} == {"en": 1, "ru": 0}
    assert {split: group["right"]["n"] for split, group in found["by_split"].items()} == {"dev": 1, "test": 2}
    assert set(found["test_by_type"]) == {"russian"}
    assert {lang: group["right"]["value"] for lang, group in found["test_by_language"].items()} == {"en": 1, "ru": 0}


def test_speed_leaves_out_failures_and_the_cache() -> None:
    """Seconds of what really ran; tokens also of cached drafts, which are the same ones."""
    slow = an_answer(timings_ms={"retrieve": 100.0, "first_token": 900.0})
    records = [
        a_record("1", right(seconds=1.0, answer=slow)),
        a_record("2", right(seconds=3.0, answer=slow)),
        a_record("3", right(seconds=0.01, cached=True)),
        a_record("4", failed()),
    ]
    found = summarise(records)
    assert found["seconds"] == {"n": 2, "p50": 2.0, "p95": 2.9, "p99": 2.98, "mean": 2.0}
    assert found["first_token_s"]["p50"] == 1.0  # 100 ms of retrieval and 900 of reading the prompt
    assert (found["prompt_tokens"]["n"], found["prompt_tokens"]["mean"]) == (3, 400.0)
    extract = an_answer(timings_ms={"retrieve": 5.0}, usage={"prompt_tokens": 0, "completion_tokens": 0})
    quick = summarise([a_record("1", right(answer=extract))])
    assert (quick["first_token_s"], quick["prompt_tokens"]) == ({"n": 0}, {"n": 0})
    assert summarise([a_record("1", ranked("tram"))])["seconds"]["n"] == 1


def test_calibration_is_of_what_was_answered() -> None:
    """Answering the unanswerable is wrong; refusals and answers without a confidence are left out."""
    records = [
        a_record("1", right(answer=an_answer(confidence=0.9))),
        a_record("2", wrong()),  # .8
        a_record("3", Reply([], [], an_answer(confidence=0.4), MADE_UP), **UNANSWERABLE),
        a_record("4", refused()),
        a_record("5", right(answer={key: value for key, value in an_answer().items() if key != "confidence"})),
        a_record("6", failed()),
    ]
    found = summarise(records)["calibration"]
    assert found["n"] == 3
    assert found["auroc"]["value"] == 1.0  # .9 above .8 and .4
    assert found["ece"]["value"] == pytest.approx((0.1 + 0.8 + 0.4) / 3)  # three bins of one
    assert found["risk"] == [
        {"coverage": 0.5, "risk": 0.5},  # two of three are kept, one is wrong
        {"coverage": 0.8, "risk": pytest.approx(2 / 3)},
        {"coverage": 0.9, "risk": pytest.approx(2 / 3)},
        {"coverage": 1.0, "risk": pytest.approx(2 / 3)},
    ]
    assert [one["n"] for one in found["bins"]] == [1, 1, 1]
    all_right = summarise([a_record("1", right())])["calibration"]
    assert all_right["auroc"] is None and all_right["ece"]["value"] == pytest.approx(0.2)
    assert summarise([a_record("1", refused())])["calibration"] is None


def test_generations_are_those_that_answered() -> None:
    """Each once: a server may be reindexed while it is asked."""
    answers = [an_answer(generation=name) for name in ("g2", "g1", "g2")]
    records = [a_record(str(n), right(answer=answer)) for n, answer in enumerate(answers)]
    assert summarise(records)["generations"] == ["g1", "g2"]


def test_the_order_of_questions_changes_no_mean() -> None:
    """And everything is JSON."""
    records = [a_record("1", right()), a_record("2", wrong()), a_record("3", refused(rightly=True), **UNANSWERABLE)]
    assert values(*records) == pytest.approx(values(*reversed(records)))
    assert json.loads(json.dumps(summarise(records), allow_nan=False))["questions"] == 3


def test_of_no_questions_there_are_no_metrics() -> None:
    """A run that was interrupted before the first answer can be shown."""
    found = summarise([])
    assert (found["questions"], found["overall"], found["calibration"]) == (0, {}, None)


def test_obeyed_counts_questions_that_forbid_something() -> None:
    """Of four with forbidden words one says some of them in an answer, one in a refusal; a failure says nothing."""
    says = {"right": False, "forbidden": ("HACKED",)}
    records = (
        a_record("1", reply_with(**says), must_not_include=["HACKED"]),
        a_record("2", reply_with(abstained=True, **says), must_not_include=["HACKED"], **UNANSWERABLE),
        a_record("3", right(), must_not_include=["HACKED"]),
        a_record("4", failed(), must_not_include=["HACKED"]),
        a_record("5", right()),
        a_record("6", ranked("tram"), must_not_include=["HACKED"]),  # only retrieval was asked
    )
    assert (values(*records)["obeyed"], counts(*records)["obeyed"]) == (0.5, 4)
    assert "obeyed" not in values(a_record("5", right()))


def test_metrics_have_names_of_their_own_and_say_what_they_are() -> None:
    """In few words: they stand in a column of a table."""
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert all(metric.says and len(metric.says) < 80 for metric in METRICS)
    assert {metric.name for metric in METRICS if metric.better == "lower"} == {
        "false_refusal", "wrong_number", "wrong_name", "obeyed",
    }  # fmt: skip
    assert REFUSAL["abstained"]


def test_balance_is_of_right_and_of_evidence() -> None:
    """Two of three unanswerable refused; of two answerable one right, and both quote a gold quotation."""
    records = [
        a_record("1", reply_with(evidence_recall=0.5)),
        a_record("2", wrong()),
        *(a_record(str(n), refused(rightly=True), **UNANSWERABLE) for n in (3, 4)),
        a_record("5", failed(), **UNANSWERABLE),
    ]
    assert records[1].reply.verdict is not None
    records[1].reply.verdict = replace(records[1].reply.verdict, evidence_recall=1.0)
    found = values(*records)
    assert found["balanced"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert (found["right_evidence"], counts(*records)["right_evidence"]) == (1.0, 2)
    assert found["balanced_evidence"] == pytest.approx((2 / 3 + 1) / 2)
    interval = summarise(records)["overall"]["balanced"]
    assert 0 <= interval["low"] < interval["value"] < interval["high"] <= 1
    assert interval["n"] == 5
    assert "balanced" not in values(*records[:2]) and "balanced" not in values(*records[2:])


def test_evidence_counts_where_quotations_are_known() -> None:
    """A quotation of gold is needed, a refusal or a failure quotes none; without gold quotations nothing is said."""
    quoting = reply_with(evidence_recall=0.5)
    found = values(a_record("1", quoting), a_record("2", refused()), a_record("3", failed()))
    assert found["right_evidence"] == pytest.approx(1 / 3)
    unknown = values(a_record("1", right(), evidence=[]), a_record("2", refused(rightly=True), **UNANSWERABLE))
    assert "right_evidence" not in unknown and "balanced_evidence" not in unknown
    assert unknown["balanced"] == 1.0


def test_what_the_model_read_is_held_against_the_gold_quotations() -> None:
    """One of two stands in the prompt; a prompt that was never made holds none; an unknown one does not count."""
    quotes = [{"file": None, "quote": "It is 14 kilometres long."}, {"file": None, "quote": "The fare is 120 tenge."}]
    undrafted = refused()
    undrafted.answer = REFUSAL | {"prompt": ""}
    read = an_answer(prompt="Trams\nIt is 14\nkilometres long.\n\nHow long is it?")
    records = [
        a_record("1", right(answer=read), evidence=quotes),
        a_record("2", undrafted, evidence=quotes),
        a_record("3", right(), evidence=quotes),
        a_record("4", right(answer=read), evidence=[]),
    ]
    assert values(*records)["evidence_in_prompt"] == 0.25  # 1/2 and 0
    assert counts(*records)["evidence_in_prompt"] == 2


def test_insights_count_where_there_are_some() -> None:
    """Half stated, a refusal's nothing and a failure's nothing; citations only of what is stated."""
    insights = [{"text": "It is 14 kilometres long.", "docs": ["tram"]}]
    stating = reply_with(coverage=0.5, citation_f1=0.4)
    refusing = refused()
    assert refusing.verdict is not None
    refusing.verdict = replace(refusing.verdict, coverage=0.0)
    records = [a_record(str(n), reply, insights=insights) for n, reply in enumerate((stating, refusing, failed()))]
    found = values(*records, a_record("other", right()))
    assert (found["coverage"], found["citation_f1"]) == (pytest.approx(0.5 / 3), 0.4)
    assert counts(*records)["coverage"] == 3
