"""The times that questions name: phrases in three languages, what binds a story, and texts that name none."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.moments import times_in
from rag.types import Period

TODAY = date(2026, 3, 10)  # a Tuesday


def times(text: str, today: date | None = TODAY) -> list[tuple[str, str | None, str | None]]:
    """Phrases and their days."""
    return [(one.phrase, one.start, one.end) for one in times_in(text, today)[0]]


def days(text: str, today: date | None = TODAY) -> tuple[str | None, str | None]:
    """The days of the only time that a text names."""
    ((_, start, end),) = times(text, today)
    return start, end


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Who was received on 3 March 2026?", "2026-03-03", "2026-03-03"),
        ("who came on March 3rd, 2026", "2026-03-03", "2026-03-03"),
        ("Кто приезжал 3 марта 2026 года?", "2026-03-03", "2026-03-03"),
        ("Кто приезжал 03.03.2026?", "2026-03-03", "2026-03-03"),
        ("2026 жылғы 3 наурызда кім келді?", "2026-03-03", "2026-03-03"),
        ("2026 ж. 3 наурызда кім келді?", "2026-03-03", "2026-03-03"),
        ("What was built in March 2026?", "2026-03-01", "2026-03-31"),
        ("Что построили в феврале 2024 года?", "2024-02-01", "2024-02-29"),
        ("2025 жылдың қыркүйегінде не салынды?", "2025-09-01", "2025-09-30"),
        ("What was built in 2025?", "2025-01-01", "2025-12-31"),
        ("Что построили в 2025 году?", "2025-01-01", "2025-12-31"),
        ("2025 жылы не салынды?", "2025-01-01", "2025-12-31"),
        ("Who called in early March 2026?", "2026-03-01", "2026-03-11"),
        ("Who called in the first days of March 2026?", "2026-03-01", "2026-03-08"),
        ("Who called in mid-March 2026?", "2026-03-11", "2026-03-21"),
        ("Who called late in March 2026?", "2026-03-21", "2026-03-31"),
        ("Кто звонил в начале марта 2026 года?", "2026-03-01", "2026-03-11"),
        ("Кто звонил в первых числах марта 2026?", "2026-03-01", "2026-03-08"),
        ("2026 жылғы наурыздың басында кім келді?", "2026-03-01", "2026-03-11"),
        ("2025 жылдың соңында не салынды?", "2025-09-01", "2025-12-31"),
        ("How much in the first quarter of 2026?", "2026-01-01", "2026-03-31"),
        ("Сколько в третьем квартале 2025 года?", "2025-07-01", "2025-09-30"),
        ("2026 жылдың бірінші тоқсанында қанша?", "2026-01-01", "2026-03-31"),
        ("How many in the first 10 months of 2025?", "2025-01-01", "2025-10-31"),
        ("Сколько за 10 месяцев 2025 года?", "2025-01-01", "2025-10-31"),
        ("2026 жылдың алғашқы екі айында қанша?", "2026-01-01", "2026-02-28"),
        ("Сколько во втором полугодии 2025 года?", "2025-07-01", "2025-12-31"),
        ("What changed since October 2025?", "2025-10-01", None),
        ("Что изменилось с октября 2025 года?", "2025-10-01", None),
        ("2025 жылғы қазаннан бері не өзгерді?", "2025-10-01", None),
        ("What changed from 3 March 2026 onwards?", "2026-03-03", None),
        ("What changed after 3 March 2026?", "2026-03-04", None),
        ("2026 жылғы 3 наурыздан кейін не өзгерді?", "2026-03-04", None),
        ("What was built before 3 March 2026?", None, "2026-03-02"),
        ("What was built until 3 March 2026?", None, "2026-03-03"),
        ("Что построят до 20 декабря 2025?", None, "2025-12-20"),
        ("What will be built by 2029?", None, "2029-12-31"),
        ("2026 жылдың соңына дейін не салынады?", None, "2026-12-31"),
        ("How many as of 1 January 2026?", "2026-01-01", "2026-01-01"),
        ("Сколько по состоянию на 1 января 2026 года?", "2026-01-01", "2026-01-01"),
        ("Who came between 3 and 5 March 2026?", "2026-03-03", "2026-03-05"),
        ("Кто приезжал с 3 по 5 марта 2026 года?", "2026-03-03", "2026-03-05"),
    ],
)
def test_times_of_the_calendar(text: str, start: str | None, end: str | None) -> None:
    """With their year they stand for themselves, whatever today is, and if it is not known."""
    for today in (TODAY, date(2031, 1, 1), None):
        assert days(text, today) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Who came today?", "2026-03-10", "2026-03-10"),
        ("Who came yesterday?", "2026-03-09", "2026-03-09"),
        ("Who came the day before yesterday?", "2026-03-08", "2026-03-08"),
        ("Кто приезжал вчера?", "2026-03-09", "2026-03-09"),
        ("Кто приезжал позавчера?", "2026-03-08", "2026-03-08"),
        ("Кеше кім келді?", "2026-03-09", "2026-03-09"),
        ("Бүгін кім келді?", "2026-03-10", "2026-03-10"),
        ("Who came on Friday?", "2026-03-06", "2026-03-06"),
        ("Кто приезжал в среду?", "2026-03-04", "2026-03-04"),
        ("Кто приезжал в прошлую пятницу?", "2026-03-06", "2026-03-06"),
        ("Дүйсенбіде кім келді?", "2026-03-09", "2026-03-09"),
        ("What changed since Friday?", "2026-03-06", None),
        ("Who came three days ago?", "2026-03-07", "2026-03-07"),
        ("Кто приезжал три дня назад?", "2026-03-07", "2026-03-07"),
        ("Үш күн бұрын кім келді?", "2026-03-07", "2026-03-07"),
        ("Who came two weeks ago?", "2026-02-21", "2026-02-27"),
        ("Who came last week?", "2026-03-02", "2026-03-08"),
        ("Кто приезжал на прошлой неделе?", "2026-03-02", "2026-03-08"),
        ("Өткен аптада кім келді?", "2026-03-02", "2026-03-08"),
        ("Who came this month?", "2026-03-01", "2026-03-31"),
        ("Кто приезжал в этом месяце?", "2026-03-01", "2026-03-31"),
        ("Осы айда кім келді?", "2026-03-01", "2026-03-31"),
        ("What was built last year?", "2025-01-01", "2025-12-31"),
        ("Былтыр не салынды?", "2025-01-01", "2025-12-31"),
        ("Биыл не салынды?", "2026-01-01", "2026-12-31"),
        ("Who came in the last two weeks?", "2026-02-24", "2026-03-10"),
        ("Кто приезжал за последние три дня?", "2026-03-07", "2026-03-10"),
        ("Соңғы 3 күнде кім келді?", "2026-03-07", "2026-03-10"),
        ("Кто приезжал за последнюю неделю?", "2026-03-03", "2026-03-10"),
        ("Who came on 3 March?", "2026-03-03", "2026-03-03"),
        ("Who came on 12 March?", "2025-03-12", "2025-03-12"),
        ("Кто приезжал 29 февраля?", "2024-02-29", "2024-02-29"),
        ("Who came in May?", "2025-05-01", "2025-05-31"),
        ("Кто приезжал в марте?", "2026-03-01", "2026-03-31"),
        ("Ақпанда кім келді?", "2026-02-01", "2026-02-28"),
    ],
)
def test_times_counted_from_today(text: str, start: str | None, end: str | None) -> None:
    """They are the latest such that are not after today; where today is not known they are not read."""
    assert days(text) == (start, end)
    assert times(text, None) == []


@pytest.mark.parametrize(
    "text",
    [
        "How may a family get help?",
        "When do women march for peace?",
        "How many hectares are 2000 hectares of forest?",
        "How many people live in 1,995 houses?",
        "Жылыту маусымында неше өрт болды?",
        "Как празднуют Наурыз?",
        "Where is the Monday market?",
        "What does the company's last report say?",
        "",
    ],
)
def test_no_times(text: str) -> None:
    """Words and figures that only look like a time."""
    assert times(text) == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Who came between 28 February and 5 March 2026?", "2026-02-28", "2026-03-05"),
        ("Who came from 28 December to 5 January 2026?", "2025-12-28", "2026-01-05"),
        ("Кто приезжал с 28 февраля по 5 марта?", "2026-02-28", "2026-03-05"),
        ("2026 жылғы 3 наурыздан 5 наурызға дейін кім келді?", "2026-03-03", "2026-03-05"),
        ("How much was built from 2023 to 2025?", "2023-01-01", "2025-12-31"),
    ],
)
def test_ranges(text: str, start: str, end: str) -> None:
    """Two times joined to one, of which one may leave its year to the other."""
    assert days(text) == (start, end)


def test_two_times() -> None:
    """Each is read; days or months joined by "and" share the year of the last."""
    assert times("How many in January and February 2025?") == [
        ("January", "2025-01-01", "2025-01-31"),
        ("February 2025", "2025-02-01", "2025-02-28"),
    ]
    assert [phrase for phrase, _, _ in times("What was said on 1 March 2026 and built in 2025?")] == [
        "1 March 2026",
        "2025",
    ]
    assert times("Where was it on Tuesday 3 March 2026?") == [("3 March 2026", "2026-03-03", "2026-03-03")]


@pytest.mark.parametrize(
    "text",
    [
        "What is the news from yesterday?",
        "yesterday's news",
        "latest news of the last week",
        "Which articles were published on 3 March 2026?",
        "stories about floods published in March 2026",
        "Since 3 March what has been reported about floods?",
        "What was reported about floods in February?",
        "вчерашние новости",
        "новости за вчера",
        "статьи, опубликованные 3 марта",
        "Что сообщалось 3 марта о паводках?",
        "кешегі жаңалықтар",
        "өткен аптаның жаңалықтары",
        "3 наурызда жарияланған мақалалар",
    ],
)
def test_bound_to_the_story(text: str) -> None:
    """News of a day are what came out that day."""
    assert [one.use for one in times_in(text, TODAY)[0]] == ["filter"]


@pytest.mark.parametrize(
    "text",
    [
        "Who was received yesterday?",
        "How many crimes were reported in January?",
        "What news agency opened in 2025?",
        "Which article of the law changed in 2025?",
        "Что министерство сообщило 3 марта?",
        "Что построят до 2029 года?",
        "Кеше не болды?",
    ],
)
def test_not_bound_to_the_story(text: str) -> None:
    """What happened, was counted or will be then may be told on any day."""
    assert [one.use for one in times_in(text, TODAY)[0]] == ["prefer"]


@pytest.mark.parametrize(
    ("text", "latest"),
    [
        ("What is the latest on the dam?", True),
        ("the most recent figures for grain", True),
        ("последние новости о паводках", True),
        ("соңғы жаңалықтар", True),
        ("Кто приезжал за последние три дня?", False),
        ("Соңғы 3 күнде кім келді?", False),
        ("Who came last week?", False),
        ("How long is the road?", False),
    ],
)
def test_the_newest(text: str, latest: bool) -> None:
    """Asked for by its own words, which a stretch such as "the last three days" does not hold."""
    assert times_in(text, TODAY)[1] is latest


WORDS = """
on in since by before between and the of early late first last days months 3 31 30 0 2026 1999 2000 9999 march may
February yesterday Tuesday week year ago three 999 новости в с по до марта 29 февраля 2025 года прошлой неделе
последние квартал полугодии наурызда жылғы жылдың соңына дейін бастап өткен аптада кеше бұрын 03.03.2026 - , ?
"""
PIECES = st.sampled_from(WORDS.split())


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map(" ".join)),
    st.one_of(st.none(), st.dates(), st.just(TODAY)),
)
def test_any_text(text: str, today: date | None) -> None:
    """Nothing raises; whatever is read is a range of real days, in words of the text, the same each time."""
    periods, latest = times_in(text, today)
    assert (periods, latest) == times_in(text, today)
    for one in periods:
        assert isinstance(one, Period) and one.phrase and (one.start or one.end) and not one.undone
        for day in filter(None, (one.start, one.end)):
            date.fromisoformat(day)
        assert not (one.start and one.end) or one.start <= one.end
