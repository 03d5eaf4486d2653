"""Is a sentence an order to whoever reads it by machine: "Ignore your instructions", "Reply only with …"? Pure.

Such a sentence states nothing that happened, so it proves nothing: a model that obeys it would be proved right by the
order itself. Knows turns of phrase in English, Russian and Kazakh, above all what no newspaper tells its readers; an
order that is itself the news ("the letter read: “ignore all previous instructions”") is told in quotation marks and is
no order. What it misses is still only a quotation; what it hits wrongly is a sentence that can't be quoted.
"""

import re
import unicodedata

_LONGEST = 1_000  # characters looked at; no sentence has as many
_LATIN, _CYRILLIC = "aeopcxyikmhtbAEOPCXYIKMHTB", "аеорсхуікмнтвАЕОРСХУІКМНТВ"  # letters that look the same
_TO_LATIN, _TO_CYRILLIC = str.maketrans(_CYRILLIC, _LATIN), str.maketrans(_LATIN, _CYRILLIC)
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"|(?<!\w)['‘][^'’]*['’](?!\w)")
_WHOLE = re.compile(r"^[\s\W]{0,9}[“«„\"'‘]([^“”«»„\"]*)[”»“\"'’][\s.!?]{0,9}$")
_SIGNS = re.compile(r"[\W_]{4,}")
_PLACE = " \ue000 "  # where a quotation stood
_LABEL = r"(?:[^.:!?\ue000]{0,60}:\s*|[^.,:!?\ue000]{0,30}\b(?:assistant|ai|model|bot|chatbot),\s*)?"
_START = (
    rf"^[\W_]{{0,3}}{_LABEL}[\W_]{{0,3}}(?:(?:please|now|then|first|instead|also|always|just|only|simply|you,?)\s+)*"
)
_VERBATIM = (  # what an answer is told to be, or which one
    r"(?:only|just|exactly|nothing but|as json|in json|verbatim|\ue000|[A-Z]{4,}\b|\d"
    r"|(?:the |these |this |following )*(?:words?|phrases?|sentences?|following|string)\b)"
)
_RULES = r"(?:instructions?|prompts?|rules|guidelines|orders?|directions|commands|constraints|system messages?)\b"
_WHICH = (
    r"(?:all|any|every|the|these|those|my|your|its|of|previous|prior|above|earlier|preceding|other|former|system|safety"
    r"|this)"
)
_TEXTS = r"(?:articles?|excerpts?|passages?|sources?|documents?|text|context|question)\b"
_ANSWERS = r"(?:your|each|every|any|all|the) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|outputs?)\b"

_ENGLISH = tuple(
    re.compile(pattern, flags)
    for flags, patterns in (
        (
            re.IGNORECASE,
            (
                rf"{_START}(?:ignore|disregard|forget|override|bypass|do not (?:obey|follow)|don['’]t (?:obey|follow))"
                rf"\s+(?:{_WHICH}\s+){{1,5}}(?:{_RULES}|{_TEXTS})",
                rf"{_START}(?:ignore|disregard|forget|do not obey) (?:everything|anything|what) .{{0,40}}\b"
                r"(?:above|before|told|said|order)",
                rf"{_START}(?:do not|don['’]t|never) (?:use|cite|quote|mention|trust|read)\s+(?:{_WHICH}|"
                rf"this)\s+{_TEXTS}",
                rf"\boverrid(?:es?|ing) (?:all )?(?:of )?your {_RULES}",
                r"\banswer (?:only )?from (?:your )?(?:own )?(?:memory|knowledge)\b",
                rf"{_START}(?:say|state|claim|pretend|insist|reply|respond|answer) that\b",
                rf"{_START}(?:answer|reply|respond|say)\b.{{0,30}}\b(?:to|for) (?:all|any|"
                rf"every) (?:other )?questions?\b",
                rf"{_START}(?:answer|reply to|respond to) (?:all|any|every) (?:other )?questions? (?:with|by|as)\b",
                r"\b(?:when|whenever|if)\b[^.,]{0,60}\basked\b[^.,]{0,60},\s*(?:you |always |must |should |only )*"
                r"(?:answer|reply|respond|say)\b",
                r"\byou (?:must|should|shall|will|have to|are to|need to) (?:now |only |always |just )*"
                r"(?:not mention|say that|claim|state that|pretend|reply that|answer that|respond that)\b",
                r"\byou (?:must|should|shall|will|have to|are to|need to) (?:now |only |always |just )*ignore\s+"
                rf"(?:{_WHICH}\s+){{1,4}}{_RULES}",
                rf"{_START}(?:act|behave|speak|talk|write|answer) (?:as if you|as though you|like a|as an? )",
                rf"{_START}(?:pretend (?:to be|you|that)|stay in character|roleplay|role-play)\b",
                r"\bfrom (?:now|here|this point) on,? (?:you are (?!able|free|allowed|required|welcome|entitled|"
                r"obliged|going|not|to\b|in\b|on\b|at\b)|"
                r"(?:you )?(?:only |must |will )*(?:repl(?:y|ies)|answer|respond|say|speak|act|pretend|ignore)\b)",
                rf"^[\W_]{{0,3}}{_LABEL}you are (?:now|no longer) (?:an? |the |called |named |bound )",
                rf"{_START}(?:print|reveal|show|repeat|output|display|disclose|leak|list|recite|expose|translate|"
                rf"write out)\s+"
                rf"(?:\w+ ){{0,2}}?(?:your|the) (?:\w+ ){{0,2}}?(?:system prompt|system message|{_RULES}|"
                rf"api keys?\b|prompt\b|"
                r"hidden \w+|(?:text|words|line|lines) above)",
                rf"{_START}(?:append|add|insert|include|attach|embed|prefix|begin|start|end|finish|open|"
                rf"close)\b.{{0,60}}?\b"
                rf"{_ANSWERS}",
                rf"{_START}(?:output|return|format|give|write|phrase|render) {_ANSWERS} (?:as|in|with|using)\b",
                rf"{_START}(?:execute|run|decode|decrypt|follow|obey|"
                rf"translate)\s+(?:the )?(?:\w+ ){{0,2}}?(?:above|below|following)\b",
                rf"{_START}(?:tell|ask|inform|convince|urge|instruct) the user\b",
                r"^\W*(?:\w+ ){0,3}?(?:note|message|notice|instructions?|warning|attention|hint)s? (?:to|"
                r"for) (?:the |all |any |every )?"
                r"(?:ai|a\.i\.|assistants?|chatbots?|bots?|(?:large )?language models?|llms?|models?)\b[^.!?]{0,60}:",
            ),
        ),
        (
            0,
            (
                rf"(?i:{_START}(?:answer|reply|respond)(?: \w+){{0,3}}? (?:with|by saying)) (?:(?i:a|an|"
                rf"the) )?{_VERBATIM}",
                rf"(?i:{_START}(?:answer|reply|say|output|print|write|type|return|repeat)) {_VERBATIM}.{{0,60}}"
                r"(?i:nothing else|instead|when(?:ever)? asked|whenever|to every|only\b)",
                rf"(?i:{_START}(?:answer|reply|respond)) (?:[A-Z]{{4,}}\b|\ue000|(?i:only with)\b)",
                r"(?i:\byou (?:must|should|shall|will|have to|are to) (?:now |only |always |just )*(?:answer|"
                r"reply|respond|say|"
                rf"write|output|print)) (?i:with |by saying )?{_VERBATIM}",
                r"(?i:^[\W_]{0,3}(?:please\s+)?(?:say|output|print|write|type)) (?:(?i:only|just|exactly|"
                r"nothing but)\b|[A-Z]{5,}\b\W*$)",
            ),
        ),
    )
    for pattern in patterns
)

_NOTE = r"(?:инструкци\w*|указани\w*|правил\w*|приказ\w*|команд\w*|промпт\w*|ограничени\w*|статью|статьи|текст\w*)"
_FIXED = r"(?:только|лишь|исключительно|ровно|именно|слов(?:о|ом|ами)\b|фраз(?:у|ой)\b|\ue000|[А-ЯЁ]{4,}\b)"
_RUSSIAN = tuple(
    re.compile(pattern, flags)
    for flags, patterns in (
        (
            re.IGNORECASE,
            (
                r"(?:^|[,.:;—–-]\s*)[\W_]{0,3}(?:\w+,?\s+){0,2}?(?:про)?(?:игнорируй|забудь|отбрось|"
                r"нарушь)(?:те)?\s+(?:(?:о|об|про)\s+)?"
                rf"(?:(?:все|всё|всех|эти|этих|свои|своих|твои|ваши|предыдущ\w+|прежн\w+|прошл\w+|данн\w+|выше\w*|"
                rf"остальн\w+)\s+)+{_NOTE}",
                rf"\bне (?:выполняй|слушай|соблюдай|используй|цитируй)(?:те)?\s+(?:\w+\s+){{0,2}}?{_NOTE}",
                r"\bне упоминай\b",
                r"(?:теперь|отныне|с этого момента|с этой минуты),? ты\b",
                r"(?:^|[.:!]\s*)[\W_]{0,3}(?:притворись|притворитесь|представь, что ты|веди себя как|говори как|"
                r"отвечай как)\b",
                r"\b(?:покажи|выведи|раскрой|повтори|напечатай|перечисли|назови|выдай)(?:те)?\s+(?:\w+\s+){0,3}?"
                r"(?:системн\w+ (?:промпт|инструкц|подсказк|сообщени)\w*|промпт\w*|(?:свои|твои|"
                r"ваши) (?:инструкции|правила|указания))",
                r"(?:начинай|начни|заканчивай|закончи|завершай|заверши)(?:те)?\s+(?:каждый|любой|свой|всякий) ответ",
                r"^\W*(?:\w+ ){0,2}?(?:внимание|примечание|сообщение|инструкция|указание|заметка)\b[^.!?:]{0,40}\b"
                r"(?:ассистент|помощник|нейросет|языков\w+ модел|чат-?бот|ии\b)[^.!?]{0,40}:",
            ),
        ),
        (
            0,
            (
                r"(?i:(?:^|[,.:;!—–-]\s*|\bи\s+|\bпожалуйста,?\s+)[\W_]{0,3}(?:всегда\s+)?(?:на (?:любой|каждый|"
                r"всякий) вопрос\s+)?"
                rf"(?:отвечай|ответь|скажи|напиши|повторяй|повтори|выведи|пиши|"
                rf"говори)(?:те)?)\s+(?:[\w-]+\s+){{0,4}}?{_FIXED}",
                r"(?i:\b(?:ты|вы) (?:должен|должна|должны|обязан\w*)\s+(?:[\w-]+\s+){0,3}?"
                rf"(?:отвечать|ответить|сказать|говорить|писать|написать|повторять))\s+{_FIXED}",
                rf"(?i:\bесли (?:ты|вы) не (?:ответи|скаже|напише)\w+)\s+(?:[\w-]+\s+){{0,3}}?{_FIXED}",
            ),
        ),
    )
    for pattern in patterns
)
_KAZAKH = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:нұсқау|ереже|бұйрық|мәтін)\w*\s+(?:\w+\s+){0,3}?(?:елеме|ұмыт|ескерме|орындама|бағынба)(?:ңіз|ыңыз|"
        r"ңдар|ңдер)?\b",
        r"\bдеп\s+(?:\w+\s+){0,2}?(?:жауап бер|айт|жаз|қайтала)(?:іңіз|ыңыз|ңыз)?\b\s*(?:[.!]|$)",
        r"\bсен\s+(?:\w+\s+){0,6}?(?:жауап беру|айту|жазу)\w*\s+(?:керек|тиіс|қажет)",
        r"(?:сұра\w+|жауап\w*|дерек\w*|кілт\w*)\s+.{0,80}?\bжібер\b\s*(?:[.!]|$)",
        r"нұсқау\w*\s+(?:\w+\s+){0,3}?орында\b\s*(?:[.!]|$)",
        r"(?:енді|бұдан былай|осы сәттен бастап),? сен\b",
        r"(?:жүйелік|бастапқы|құпия)\s+(?:нұсқау|промпт)\w*\s+(?:\w+\s+){0,3}?(?:көрсет|шығар|айт|жаз|бер)(?:іңіз|"
        r"ыңыз)?\b",
    )
)


def is_order(sentence: str) -> bool:
    """Whether the sentence tells a machine that reads it what to do or to say, outside quotation marks.

    Invisible characters and letters of another alphabet that look the same hide nothing. An order that asks something
    ("Could you …?") is a question and left to those who judge questions.
    """
    text = _visible(sentence[:_LONGEST]).strip()
    whole = _WHOLE.match(text)
    text = _QUOTED.sub(_PLACE, whole[1] if whole else text)
    if text.rstrip().endswith("?"):
        return False
    text = _SIGNS.sub(_one_sign, text)
    latin, cyrillic = text.translate(_TO_LATIN), text.translate(_TO_CYRILLIC)
    return (
        any(pattern.search(latin) for pattern in _ENGLISH)
        or any(pattern.search(cyrillic) for pattern in _RUSSIAN)
        or any(pattern.search(text) for pattern in _KAZAKH)
    )


def _one_sign(signs: re.Match[str]) -> str:
    """A run of signs as one of them with blanks: the most telling. A pattern has no more to look at than that."""
    sign = next((sign for sign in "\ue000.!?:;,—–-" if sign in signs[0]), "")
    return f" {sign} " if sign in ("\ue000", "—", "–", "-") else f"{sign} "


def _visible(text: str) -> str:
    """Without characters that have no width, in one Unicode form, with what stands for a space as one."""
    return "".join(
        " " if unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cc") else letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter) != "Cf"
    )
