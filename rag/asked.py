"""What kind of thing a question asks for, and whether a sentence holds one: an amount, money, a time, a name.

Knows closed sets of words in English, Russian and Kazakh, and the figures and names of `facts`; no models. A question
of no such kind, or in another language, is content with any sentence.
"""

import re

from rag.facts import facts_in, stated_in

_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|wide|big|large|far|tall|high|old|often|fast|deep|heavy)\b"
    r"|\b(?:what|which) (?:percent\w*|share|number|amount|score|size|length|capacity|rate|sum|age)\b|\bnumber of\b"
    r"|\bсколь?к\w*|\bкакой длины|\bнасколько\b|\bқанша|\bнеше",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\b(?:costs?|price[sd]?|money|fees?|spen[dt]|salary|fine[sd]?|invest(?:s|ed)?)\b"
    r"|\bсто(?:ит|ят|имость)\b|\bцена\b|\bденег\b|\bқаржы|\bақша|\bбағасы",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:dates?|day|year|month|time)\b|\bкогда\b|\bв каком году\b|\bкакого числа\b|\bқашан",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\bwho(?:m|se)?\b|\bкто\b|\bкого\b|\bкому\b|\bкем\b|\bкім", re.IGNORECASE)
_NAMED = re.compile(  # a kind of thing that has a name
    r"\b(?:what|which) (?:[\w'’-]+ ){0,3}?(?:city|cities|countr(?:y|ies)|towns?|regions?|villages?|airports?|airlines?"
    r"|newspapers?|compan(?:y|ies)|ministers?|ministr(?:y|ies)|ambassadors?|agenc(?:y|ies)|banks?|rivers?"
    r"|universit(?:y|ies)|institutes?|organi[sz]ations?)\b"
    r"|\bкак(?:ой|ая|ое|ом|ую|ого|ие|их|им|ими) (?:\w+ ){0,2}?(?:город|стран|област|сел[оеа]|аэропорт|авиакомпани"
    r"|газет|компани|министр|министерств|посол|посл|агентств|банк|рек[аеиу]|университет|институт|организаци)\w*"
    r"|\bқа(?:й|ндай) (?:\w+ ){0,2}?(?:қала|ел(?!\w{4})|облыс|ауыл|әуежай|газет|компания|министр|елші|агентті|банк"
    r"|университет|институт|ұйым)\w*",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:each|every|all|lists?|names)\b"
    r"|\b(?:which|what) (?:\w+ ){0,2}?\w{2,}s (?:are|were|will|did|do|have|get|can)\b"
    r"|\b(?:which|what) (?:(?:new|other|main|two|three|four|five|\d+) )?"
    r"(?!(?:is|was|does|has|this|its|as)\b)\w+(?<![su])s\b"
    r"|\bкаки[ехм]\w*|\bперечисл\w*|\bқандай",
    re.IGNORECASE,
)
_CIRCUMSTANCE = re.compile(  # of something that is taken to have happened, or to be going to
    r"^\W*(?:(?:and|so|but)\s+)?(?:why|when|how come|what (?:made|caused|led)|for what reason)\b"
    r"|^\W*(?:а\s+)?(?:почему|зачем|когда|отчего|из-за чего)\b|\b(?:неге|неліктен|қашан|не үшін)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"[$€£¥₸₽]|\b(?:USD|EUR|RUB|KZT|CNY)\b|\b(?:tenge|dollars?|euros?|roubles?|rubles?|yuan|pounds?)\b"
    r"|\b(?:тенге|теңге|доллар\w*|евро|рубл\w*|тг)\b|\bfree\b|\bбесплатн\w*",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b\d{1,2}:\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:to|yester)day\b|\btomorrow\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(?:янва|февра|март|апрел|ма[йя]|июн|июл|август|сентя|октя|нояб|декаб)\w*"
    r"|\b(?:this|next|last) (?:week|month|year|spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)


def asks_for_list(question: str) -> bool:
    """Whether several things are asked for, so that leaving one out would be wrong."""
    return bool(_SEVERAL.search(question))


def takes_for_granted(question: str) -> bool:
    """Whether the time of something or its reason is asked for, as though it were known to have happened."""
    return bool(_CIRCUMSTANCE.search(question))


def lacks_answer(question: str, said: str) -> bool:
    """Whether `question` asks for an amount, money, a time, a person or a named thing, and `said` has no new one."""
    asks_money = _MONEY.search(question) and (
        _AMOUNT.search(question) or re.match(r"(?i)\W*(?:what|which)\b", question)
    )
    if asks_money and not _CURRENCY.search(said):
        return True
    new = stated_in(question).missing(facts_in(said, first_word=True))
    if _AMOUNT.search(question):
        return not new.numbers
    if _TIME.search(question):
        return not new.dates and not set(_MOMENT.findall(said.lower())) - set(_MOMENT.findall(question.lower()))
    if _PERSON.search(question) or _NAMED.search(question):
        return not new.names
    return False
