"""Pairs of reports that differ in wording alone, and pairs that differ in one fact, in three languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.agreement import report_of, same_report, story_text

EN = (
    "Kazakhstan's exports to the European Union rose by 4 percent to $1,300 million in January, the Ministry of Trade "
    "said on 3 March 2026. Minister Arman Shakkaliyev met the ambassadors in Astana and promised “new corridors”.\n"
    "The talks will not be held in May: 12 delegations from Almaty, Aktau and Baku asked for more time, and the bridge "
    "of 208 km near Kyzylorda opens before winter."
)
RU = (
    "Экспорт Казахстана вырос на 4 процента до 1,3 млрд долларов, сообщил министр Арман Шаккалиев 3 марта 2026 года. "
    "Он принял послов в Астане и пообещал «новые коридоры».\n"
    "В понедельник российская делегация не приедет в Алматы: 12 вагонов с зерном остались на границе, погибших нет."
)
KK = (
    "Қазақстан экспорты 4 пайызға өсіп, 1,3 млрд доллар болды, деп хабарлады министр Арман Шаққалиев 2026 жылғы "
    "3 наурызда. Ол Астанада елшілерді қабылдап, «жаңа дәліздер» ашылады деді.\n"
    "Дүйсенбіде келіссөз өтпейді: Алматыдан 12 делегация келмеді, 208 шақырым жол қыстан бұрын ашылады."
)

SAME = [
    (EN, "“new corridors”", '"new corridors"'),
    (EN, "“new corridors”", "«new corridors»"),
    (EN, "the Ministry of Trade", "THE MINISTRY OF TRADE"),
    (EN, "the Ministry of Trade said", "the Ministry of Trade reports"),
    (EN, "4 percent", "4%"),
    (EN, "4 percent", "four per cent"),
    (EN, "$1,300 million", "$1.3 billion"),
    (EN, "$1,300 million", "1,300 million dollars"),
    (EN, "3 March 2026", "March 3, 2026"),
    (EN, "3 March 2026", "03.03.2026"),
    (EN, "Shakkaliyev", "Shakkaliev"),
    (EN, "in May: 12", "in May – 12"),
    (EN, "May: 12 delegations", "May:\u00a012  delegations"),
    (EN, "corridors”.\nThe", "corridors”. The"),
    (EN, "the European Union", "European Union"),
    (EN, "before winter.", "before winter.\nRead also: Tokayev to visit Baku on 5 May"),
    (EN, "before winter.", "before winter.\nPhoto: Ministry of Trade"),
    (EN, "before winter.", "before winter.\nBy Aigerim Sadykova"),
    (EN, "before winter.", "before winter.\nSubscribe to our Telegram channel!"),
    (EN, "before winter.", "before winter.\n© 2026 Some Site. All rights reserved."),
    (EN, "before winter.", "before winter.\nRelated news\nTokayev resigns\nBridge falls in Semey"),
    (RU, "«новые коридоры»", "“новые коридоры”"),
    (RU, "4 процента", "4%"),
    (RU, "1,3 млрд долларов", "$1,3 млрд"),
    (RU, "1,3 млрд", "1.3 млрд"),
    (RU, "1,3 млрд", "1300 млн"),
    (RU, "3 марта 2026 года", "3 марта 2026\u00a0года"),
    (RU, "сообщил министр", "сообщает министр"),
    (RU, "погибших нет.", "погибших нет.\nЧитайте также: В Семее открыли мост"),
    (RU, "погибших нет.", "погибших нет.\nПодписывайтесь на наш канал в Telegram"),
    (RU, "погибших нет.", "погибших нет.\nАвтор: Айгерим Садыкова"),
    (KK, "«жаңа дәліздер»", "“жаңа дәліздер”"),
    (KK, "4 пайызға", "4%-ға"),
    (KK, "1,3 млрд", "1300 млн"),
    (KK, "деп хабарлады", "деп хабарлайды"),
    (KK, "бұрын ашылады.", "бұрын ашылады.\nТағы оқыңыз: Семейде көпір ашылды"),
    (KK, "бұрын ашылады.", "бұрын ашылады.\nTelegram-арнамызға жазылыңыз!"),
]
OTHER = [
    (EN, "4 percent", "5 percent"),
    (EN, "4 percent", "4.4 percent"),
    (EN, "4 percent", "14 percent"),
    (EN, "by 4 percent", "to 4 percent"),
    (EN, "4 percent", "4 percentage points"),
    (EN, "$1,300 million", "$1,300 billion"),
    (EN, "$1,300 million", "$1,300m"),
    (EN, "$1,300 million", "€1,300 million"),
    (EN, "$1,300 million", "$1.300 thousand"),
    (EN, "$1,300 million", "-$1,300 million"),
    (EN, "rose by", "fell by"),
    (EN, "exports to", "imports to"),
    (EN, "exports to", "exports from"),
    (EN, "in January", "in June"),
    (EN, "3 March 2026", "4 March 2026"),
    (EN, "3 March 2026", "3 March 2025"),
    (EN, "3 March 2026", "3 March"),
    (EN, "Arman", "Serik"),
    (EN, "Shakkaliyev", "Shakkaliyeva"),
    (EN, "Minister Arman", "Deputy Minister Arman"),
    (EN, "Minister Arman", "Minister A.N. Arman"),
    (EN, "in Astana", "in Aktobe"),
    (EN, "will not be held", "will be held"),
    (EN, "will not be held", "may not be held"),
    (EN, "promised", "refused"),
    (EN, "12 delegations", "21 delegations"),
    (EN, "12 delegations", "twelve to 21 delegations"),
    (EN, "Almaty, Aktau and Baku", "Almaty, Atyrau and Baku"),
    (EN, "Almaty, Aktau and Baku", "Almaty and Baku"),
    (EN, "Almaty, Aktau and Baku", "Baku, Aktau and Almaty"),
    (EN, "208 km", "208 m"),
    (EN, "208 km", "280 km"),
    (EN, "before winter", "after winter"),
    (EN, "more time", "less time"),
    (EN, "and the bridge of 208 km near Kyzylorda opens before winter.", "."),
    (EN, "before winter.", "before winter. Five people were hurt."),
    (EN, "before winter.", "before winter?"),
    (EN, "before winter.", "before winter.\nAlmaty | 12 : 3"),
    (EN, "before winter.", "before winter.\nFind peace in the Channel"),
    (RU, "погибших нет.", "погибших нет.\nПодписали договор о канале"),
    (KK, "бұрын ашылады.", "бұрын ашылады.\nМұғалімдер арнайы оқыды"),
    (RU, "вырос", "сократился"),
    (RU, "4 процента", "6 процентов"),
    (RU, "1,3 млрд", "1,3 млн"),
    (RU, "долларов", "рублей"),
    (RU, "Арман", "Серик"),
    (RU, "Шаккалиев", "Шаккалиева"),
    (RU, "3 марта", "13 марта"),
    (RU, "не приедет", "приедет"),
    (RU, "В понедельник", "Во вторник"),
    (RU, "российская", "китайская"),
    (RU, "министр Арман", "министр А.Н. Арман"),
    (RU, "12 вагонов", "120 вагонов"),
    (RU, "12 вагонов", "12 тонн"),
    (RU, "погибших нет", "погибших двое"),
    (RU, "в Астане", "в Алматы"),
    (KK, "өсіп", "төмендеп"),
    (KK, "4 пайызға", "40 пайызға"),
    (KK, "4 пайызға", "4 есе"),
    (KK, "4 пайызға", "4 пайыздан"),
    (KK, "4 пайызға", "4%-дан"),
    (KK, "1,3 млрд доллар", "1,3 млрд долларға"),
    (KK, "млрд", "млн"),
    (KK, "Арман", "Серік"),
    (KK, "3 наурызда", "3 мамырда"),
    (KK, "өтпейді", "өтеді"),
    (KK, "бұрын", "бурын"),
    (KK, "Дүйсенбіде", "Сейсенбіде"),
    (KK, "қыстан бұрын", "қыстан кейін"),
    (KK, "208 шақырым", "208 метр"),
    (KK, "Алматыдан", "Ақтаудан"),
]


def _changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def _agree(one: str, other: str, title: str = "Trade", other_title: str = "Trade") -> bool:
    first, second = report_of(title, one), report_of(other_title, other)
    agreed = same_report(first, second)
    assert same_report(second, first) == agreed
    return agreed


@pytest.mark.parametrize(("text", "old", "new"), SAME)
def test_wording_that_carries_no_fact_leaves_one_report(text: str, old: str, new: str) -> None:
    """Case, signs, notations of one figure or day, spellings, and lines of the page."""
    assert _agree(text, _changed(text, old, new))


@pytest.mark.parametrize(("text", "old", "new"), OTHER)
def test_one_fact_changed_makes_two_reports(text: str, old: str, new: str) -> None:
    """A figure, name, day, unit, direction or negation; or one sentence more or less."""
    assert not _agree(text, _changed(text, old, new))


@pytest.mark.parametrize("text", [EN, RU, KK])
def test_a_shortened_copy_is_a_report_of_its_own(text: str) -> None:
    """It lacks facts, and the longer one may not be hidden behind it."""
    assert not _agree(text, text.split("\n")[0])


def test_two_days_listed_are_not_the_days_between() -> None:
    """The third and the fifth, or from the third to the fifth."""
    assert not _agree("It is open on 3-5 March.", "It is open on 3 and 5 March.")


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Exports rise by 4 percent", "Exports up 4%"),
        ("Minister Shakkaliyev meets ambassadors", "Ambassadors met in Astana"),
        ("EXPORTS RISE", "Exports rise"),
        ("Exports of grain rise in January | Qazinform", "Exports of grain rise in January"),
        ("Exports of grain rise in January", "Exports of grain rise in January - tengrinews.kz"),
    ],
)
def test_headlines_that_the_body_bears_out_may_differ(title: str, other: str) -> None:
    """Another headline over the same body that says nothing beside it."""
    assert _agree(EN, EN, title, other)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Exports rise by 4 percent", "Exports rise by 12 percent"),  # 12 stands in the body, but is something else
        ("Exports rise by 4 percent", "Exports rise by 7 percent"),
        ("Minister meets ambassadors in Astana", "Minister meets ambassadors in Paris"),
        ("Exports rise by 4 percent", "Exports fall by 4 percent"),
        ("Talks will be held", "Talks will not be held"),
        ("Weather | Oskemen", "Weather | Turkistan"),
        ("Weather | Oskemen", "Weather"),
        ("Exports of grain rise in January | Oskemen", "Exports of grain rise in January | Turkistan"),
        ("Exports of grain rise in January | 2024", "Exports of grain rise in January"),
    ],
)
def test_headlines_that_say_different_things_make_two_reports(title: str, other: str) -> None:
    """A name or figure of its own, the opposite, or two figures of which one must be wrong."""
    assert not _agree(EN, EN, title, other)


def test_what_has_no_word_is_like_nothing() -> None:
    """Signs alone say nothing that could be the same."""
    assert not _agree("***", "---")


def test_rows_of_a_table_are_no_lines_of_the_page() -> None:
    """A bar is in credits as well as in tables; what stands in a table is compared."""
    rows = "Weather today.\nAlmaty | +5\nAstana | -3"
    assert story_text(rows) == rows
    assert not _agree(rows, rows.replace("-3", "+3"))


def test_a_text_of_nothing_but_page_lines_is_compared_as_it_is() -> None:
    """Something has to be compared."""
    assert story_text("Read also: bridges") == "Read also: bridges"


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_agreeing_has_no_direction(one: str, other: str) -> None:
    """Whatever the texts."""
    _agree(one, other)


@settings(deadline=None)
@given(st.text(st.characters(categories=["Ll", "Zs", "Nd"]), max_size=80))
def test_a_report_agrees_with_itself_if_it_says_anything(text: str) -> None:
    """Whatever the text."""
    assert _agree(text, text) == bool(report_of("", text).story)
