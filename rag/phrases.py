"""The few sentences that Derek says in its own words, by language. Knows no answers: only how to refuse and how to
introduce a quotation that stays in its source's language."""

from rag.types import AbstainReason

_REFUSALS: dict[str, dict[AbstainReason, str]] = {
    "en": {
        "no_results": "Nothing in the sources matches this question.",
        "low_relevance": "The sources do not deal with this.",
        "not_supported": "The sources do not state the answer.",
        "false_premise": "The sources do not bear out what the question takes for granted.",
    },
    "ru": {
        "no_results": "В источниках ничего не найдено по этому вопросу.",
        "low_relevance": "В источниках об этом не говорится.",
        "not_supported": "В источниках нет ответа на этот вопрос.",
        "false_premise": "Источники не подтверждают того, из чего исходит вопрос.",
    },
    "kk": {
        "no_results": "Дереккөздерден бұл сұраққа сәйкес ештеңе табылмады.",
        "low_relevance": "Дереккөздерде бұл туралы айтылмаған.",
        "not_supported": "Дереккөздерде бұл сұрақтың жауабы жоқ.",
        "false_premise": "Дереккөздер сұрақтағы болжамды растамайды.",
    },
    "de": dict.fromkeys(
        ("no_results", "low_relevance", "not_supported", "false_premise"), "Die Quellen nennen die Antwort nicht."
    ),
    "es": dict.fromkeys(
        ("no_results", "low_relevance", "not_supported", "false_premise"), "Las fuentes no dan la respuesta."
    ),
    "fr": dict.fromkeys(
        ("no_results", "low_relevance", "not_supported", "false_premise"), "Les sources ne donnent pas la réponse."
    ),
    "tr": dict.fromkeys(
        ("no_results", "low_relevance", "not_supported", "false_premise"), "Kaynaklarda bu sorunun yanıtı yok."
    ),
}
_INTRODUCTIONS = {
    "en": "The source says: ",
    "ru": "В источнике говорится: ",
    "kk": "Дереккөзде былай делінген: ",
    "de": "In der Quelle steht: ",
    "es": "La fuente dice: ",
    "fr": "La source dit : ",
    "tr": "Kaynakta şöyle deniyor: ",
}
_LATER = {
    "en": "As of {day}: ",
    "ru": "По данным на {day}: ",
    "kk": "{day} жағдай бойынша: ",
    "de": "Stand {day}: ",
    "es": "A fecha de {day}: ",
    "fr": "Au {day} : ",
    "tr": "{day} itibarıyla: ",
}
_EARLIER = {
    "en": "Earlier, on {day}: ",
    "ru": "Ранее, {day}: ",
    "kk": "Бұрын, {day}: ",
    "de": "Früher, am {day}: ",
    "es": "Antes, el {day}: ",
    "fr": "Auparavant, le {day} : ",
    "tr": "Daha önce, {day}: ",
}
_RESTS = {
    "en": "The sources do not state the rest.",
    "ru": "Об остальном источники не говорят.",
    "kk": "Қалғаны дереккөздерде айтылмаған.",
    "de": "Das Übrige nennen die Quellen nicht.",
    "es": "Las fuentes no dicen el resto.",
    "fr": "Les sources ne disent pas le reste.",
    "tr": "Kaynaklarda gerisi yok.",
}


def refusal(reason: AbstainReason, language: str) -> str:
    """One sentence that refuses for `reason`; in English where the language is not among ours."""
    return _REFUSALS.get(language, _REFUSALS["en"])[reason]


def introduction(language: str) -> str:
    """What stands before a quotation in another language than the question's, with the space after it."""
    return _INTRODUCTIONS.get(language, _INTRODUCTIONS["en"])


def rest_unstated(language: str) -> str:
    """One sentence for the end of an answer to a part of what was asked."""
    return _RESTS.get(language, _RESTS["en"])


def dated(language: str, published_at: str, *, earlier: bool) -> str:
    """What stands before one of two figures from different days, with the space after it. `published_at`: ISO 8601."""
    phrases = _EARLIER if earlier else _LATER
    return phrases.get(language, phrases["en"]).format(day=published_at[:10])
