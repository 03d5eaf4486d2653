"""One question of Derek's own form, a JSON object, -> an Item. Knows no file and no documents.

`{id, question, lang, type, answerable, answers?, must_include?, must_not_include?, gold_docs?, evidence?, split?,
insights?}`, where evidence is a quotation or `{file, quote}`, and an insight `{text, docs}`. Fields it does not know
are passed over here; eval.readers.lines refuses them.
"""

from collections.abc import Mapping
from typing import Any, get_args

from eval.matching import fold
from eval.readers.faults import listed, text, texts
from eval.sets import Evidence, Insight, Item, Split, split_of
from rag.languages import detect_language

QUESTION = "question"  # the field that holds the question, unless another is asked
FIELDS = frozenset(
    {
        *("id", QUESTION, "lang", "type", "answerable", "split"),
        *("answers", "must_include", "must_not_include", "gold_docs", "evidence", "insights"),
    }
)
_REQUIRED = ("id", QUESTION, "lang", "type", "answerable")
_SPLITS = get_args(Split)


def asked(values: Mapping[str, Any], question_field: str, own_field: str = QUESTION) -> str:
    """The question to ask: of `own_field`, or of another that was chosen. Raises ValueError where it is not there."""
    name = own_field if question_field == QUESTION else question_field
    if name not in values:
        raise ValueError(f"no field {name!r} to ask; there are {', '.join(sorted(values))}")
    return text(values[name], name)


def item_of(values: Mapping[str, Any], line: int, question_field: str = QUESTION) -> Item:
    """A checked question. Raises ValueError saying which field is wrong and how.

    The language of another field than `question` is detected: `lang` speaks of `question`.
    """
    if missing := [name for name in _REQUIRED if name not in values]:
        raise ValueError(f"field {', '.join(missing)} is missing")
    for name in ("id", QUESTION, "lang", "type"):
        text(values[name], name)
    if not isinstance(values["answerable"], bool):
        raise ValueError("answerable: neither true nor false")
    if values.get("split", _SPLITS[0]) not in _SPLITS:
        raise ValueError("split: neither 'dev' nor 'test'")
    groups = tuple(texts(group, "must_include") for group in listed(values.get("must_include", []), "must_include"))
    if not all(groups):
        raise ValueError("must_include: an empty group, which no answer could meet")
    forbidden = texts(values.get("must_not_include", []), "must_not_include")
    if not all(fold(phrase).strip() for phrase in forbidden):
        raise ValueError("must_not_include: a text without a visible character, which every answer holds")
    question = asked(values, question_field)
    item = Item(
        id=values["id"],
        question=question,
        lang=values["lang"] if question_field == QUESTION else detect_language(question),
        type=values["type"],
        answerable=values["answerable"],
        answers=texts(values.get("answers", []), "answers"),
        must_include=groups,
        gold_docs=texts(values.get("gold_docs", []), "gold_docs"),
        evidence=tuple(_evidence(entry) for entry in listed(values.get("evidence", []), "evidence")),
        split=values.get("split", split_of(values["id"])),
        line=line,
        insights=tuple(_insight(entry) for entry in listed(values.get("insights", []), "insights")),
        must_not_include=forbidden,
    )
    if item.answerable and not (item.gold_docs or item.evidence):
        raise ValueError("answerable, but neither gold_docs nor evidence say where the answer stands")
    if not {one for insight in item.insights for one in insight.docs} <= set(item.gold_docs):
        raise ValueError("insights: a document that is not among gold_docs")
    return item


def _insight(entry: object) -> Insight:
    """Its makers' own fields, a name say, are passed over."""
    if not isinstance(entry, dict):
        raise ValueError("insights: not {text, docs}")
    docs = texts(entry.get("docs"), "insights.docs")
    if not docs:
        raise ValueError("insights.docs: none, so nothing could be cited")
    return Insight(text(entry.get("text"), "insights.text"), docs)


def _evidence(entry: object) -> Evidence:
    if isinstance(entry, str):
        return Evidence(None, text(entry, "evidence"))
    if not isinstance(entry, dict) or set(entry) != {"file", "quote"}:
        raise ValueError("evidence: neither a quotation nor {file, quote}")
    return Evidence(text(entry["file"], "evidence.file"), text(entry["quote"], "evidence.quote"))
