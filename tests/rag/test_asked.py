"""What a question asks for, and whether a sentence holds it: tables in three languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asked import asks_for_list, lacks_answer

ANSWERED = [
    ("What year was the university founded?", "It was founded in 1816."),
    ("How long is the tram line?", "It is 14 kilometres long."),
    ("How many people were on the plane?", "Flight KC2202 carried 142 passengers."),
    ("How many data centres are planned?", "Three more centres are planned."),
    ("What percentage of services is online?", "91% of them are."),
    ("How much does a ticket cost?", "A ticket costs 120 tenge."),
    ("How much was spent on the airport?", "The Government has allocated 9.3 billion tenge."),
    ("What is the fare? Is the price high?", "The ride is free."),
    ("When was it opened?", "It was opened on 3 March 2026."),
    ("When does the price end?", "It holds until Friday."),
    ("What year will it be ready?", "It will be ready in 2027."),
    ("Who opened the line?", "Mayor Satybaldy opened it."),
    ("Who runs Kazakhtelecom?", "Bagdat Musin is chairman of Kazakhtelecom."),
    ("Сколько мест в библиотеке?", "В библиотеке 200 мест."),
    ("Сколько стоит билет?", "Билет стоит 120 тенге."),
    ("Когда открыли мост?", "Мост открыли 3 марта."),
    ("Кто возглавил суд?", "Суд возглавил Арман Жукенов."),
    ("Кітапханада неше орын бар?", "В библиотеке 200 мест."),
    ("Жолдың ұзындығы қанша?", "The road is 14 kilometres long."),
    ("Көпір қашан ашылды?", "The bridge was opened on 3 March."),
    ("Сотты кім басқарады?", "The court is headed by Arman Zhukenov."),
]
UNANSWERED = [
    ("How long is the tram line?", "It is very long."),
    ("How long is the 14-kilometre tram line?", "It is 14 kilometres long, as was said."),
    ("How many people were on the plane?", "The plane carried passengers."),
    ("How much does a ticket cost?", "There are 11 stops."),
    ("When was it opened?", "It was opened by the mayor."),
    ("Who opened the line?", "It was opened in spring."),
    ("Who runs Kazakhtelecom?", "Kazakhtelecom serves 1.75 million households."),
    ("Сколько мест в библиотеке?", "В библиотеке много мест."),
    ("Сколько стоит билет?", "Билет можно купить на остановке."),
    ("Когда открыли мост?", "Мост открыли торжественно."),
    ("Кто возглавил суд?", "Суд работает каждый день."),
    ("Жолдың ұзындығы қанша?", "The road is long."),
    ("Көпір қашан ашылды?", "The bridge was opened."),
    ("Сотты кім басқарады?", "The court is open every day."),
]
NAMED = [  # a question for a thing that has a name, a sentence that names one, a sentence that does not
    ("Which city will host the games?", "The games will be held in Aktau.", "The games will be held by the sea."),
    ("What company built the bridge?", "The bridge was built by Bazis.", "The bridge was built in two years."),
    ("In which region was the well dug?", "It was dug near Kyzylorda.", "It was dug by hand."),
    ("Which ambassador came?", "Ambassador Silva came.", "An ambassador came."),
    ("В каком городе открыли музей?", "Музей открыли в Актау.", "Музей открыли для детей."),
    ("Какая компания построила мост?", "Мост построила компания Базис.", "Мост построила известная компания."),
    ("Какой посол приехал?", "Приехал посол Силва.", "Посол приехал вчера."),
    ("Мұражай қай қалада ашылды?", "Мұражай Ақтауда ашылды.", "Мұражай балаларға ашылды."),
    ("Көпірді қандай компания салды?", "Көпірді Базис салды.", "Көпірді екі жылда салды."),
    ("Қай елші келді?", "Елші Силва келді.", "Елші кеше келді."),
    ("Мұражай қай қалада ашылды?", "The museum was opened in Aktau.", "The museum was opened for children."),
    ("В каком городе открыли музей?", "The museum was opened in Aktau.", "The museum was opened for children."),
]
OF_NO_KIND = [
    "Why did the lake rise?",
    "Where is the data centre valley?",
    "What will replace the service centres?",
    "Почему поднялся уровень озера?",
    "Көл неліктен көтерілді?",
    "Wie heißt der Fluss?",
]


@pytest.mark.parametrize(("question", "said"), ANSWERED)
def test_holds_what_is_asked_for(question: str, said: str) -> None:
    """An amount, money, a time or a person, in whichever language each is put."""
    assert not lacks_answer(question, said)


@pytest.mark.parametrize(("question", "said"), UNANSWERED)
def test_lacks_what_is_asked_for(question: str, said: str) -> None:
    """Nothing of the kind, or only what the question itself says."""
    assert lacks_answer(question, said)


@pytest.mark.parametrize(("question", "named", "nameless"), NAMED)
def test_a_named_thing(question: str, named: str, nameless: str) -> None:
    """A city, a company, an ambassador: a sentence without a name does not say which, nor does one the question named.

    The language of the question and that of the sentence may differ.
    """
    assert not lacks_answer(question, named)
    assert lacks_answer(question, nameless)
    assert lacks_answer(f"{named} {question}", named)


@pytest.mark.parametrize("question", OF_NO_KIND)
def test_a_question_of_no_kind_is_content(question: str) -> None:
    """Any sentence may answer a question that names no kind of thing."""
    assert not lacks_answer(question, "The snow was heavy.")


@pytest.mark.parametrize(
    "question",
    [
        "Which oil refineries are going to be expanded?",
        "which towns get a bypass road in 2026",
        "In which regions are the border trade hubs being set up?",
        "How much did each sector of the economy grow?",
        "Kazakh ambassadors to Germany and Armenia: names?",
        "В каких городах построят заводы?",
        "Какие осложнения бывают у кори?",
        "Перечислите районы.",
    ],
)
def test_several_things_are_asked_for(question: str) -> None:
    """A plural after which or what, each, all, names: one thing would be no answer."""
    assert asks_for_list(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long is the tram line?",
        "Who runs Kazakhtelecom?",
        "Which institute does Chingiz Omarov head?",
        "Какой длины трасса?",
        "Жолдың ұзындығы қанша?",
        "Why did the lake rise?",
    ],
)
def test_one_thing_is_asked_for(question: str) -> None:
    """A single thing: three sentences are enough."""
    assert not asks_for_list(question)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_judged(question: str, said: str) -> None:
    """Always yes or no, and the question itself holds nothing new."""
    assert lacks_answer(question, said) in (True, False)
    assert lacks_answer(f"How many are there? {question}", question)
