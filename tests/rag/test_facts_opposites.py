"""Sentences that say the opposite of a quotation, and such as only look so."""

import pytest

from rag.facts import contradicts

OPPOSITE = [
    ("Exports fell by 8 percent.", "In January exports rose by 8 percent to 3 million tonnes."),
    ("Fires rose to 49.", "The number of fires has decreased by 39 percent in a year, from 81 to 49 cases."),
    ("Экспорт вырос на 8 процентов.", "Экспорт снизился на 8 процентов."),
    ("Экспорт 8 пайызға өсті.", "Экспорт 8 пайызға төмендеді."),
    ("Экспорт вырос на 8 процентов.", "Exports fell by 8 percent."),
    ("Exports rose by 8 percent.", "Экспорт 8 пайызға төмендеді."),
    ("Экспорт снизился на 8 процентов.", "Экспорт 8 пайызға өсті."),
    ("Omarov is guilty.", "Omarov is not guilty."),
    ("The court found that Omarov is not guilty of theft.", "The court said Omarov is guilty of theft."),
    ("The plant did not receive a licence.", "The plant received a licence in May."),
    ("There were no casualties in the fire.", "There were casualties in the fire."),
    ("The bridge isn’t finished in Aksu.", "The bridge in Aksu is finished."),
    ("Суд признал Омарова виновным.", "Суд не признал Омарова виновным."),
    ("Завод не получил лицензию.", "Завод получил лицензию в мае."),
    ("Ол кінәлі емес деп танылды.", "Ол кінәлі деп танылды."),
    ("Кездесу қалада болмады.", "Кездесу қалада болды."),
    ("Parliament rejected the bill.", "On Monday the parliament approved the bill."),
    ("The museum will be closed on Sunday.", "The museum will be open on Sunday."),
    ("The ministry allows drones over the stadium.", "The ministry bans drones over the stadium."),
    ("Kairat lost the match against Astana.", "Kairat won the match against Astana."),
    ("Wolves are rarely seen in the steppe.", "Wolves are often seen in the steppe."),
    ("The largest airport is in Taraz.", "The smallest airport of the country is in Taraz."),
    ("Most rural homes have gas.", "Most urban homes have gas since May."),
    ("The women pay 40 tenge a day.", "The men pay 40 tenge a day."),
    ("Дорога ведёт в северные районы.", "Дорога ведёт в южные районы."),
    ("Қалалық мектептерге көмек берілді.", "Ауылдық мектептерге көмек берілді."),
    ("Мост открыт для движения.", "Мост закрыт для движения."),
    ("Парламент одобрил закон о воде.", "Парламент отклонил закон о воде."),
    ("The law was signed before the election.", "The law was signed after the election."),
    ("Закон подписан до выборов.", "Закон подписан после выборов."),
]
NOT_OPPOSITE = [
    ("Exports rose 8 percent.", "Although production fell, exports rose by 8 percent."),
    ("The tariff fell by 8 percent.", "The tariff was reduced by 8 percent."),
    ("Exports rose by 8 percent.", "Imports fell by 5 percent."),
    ("Exports rose by 8 percent.", "Экспорт вырос на 8 процентов."),
    ("The bridge opened in May.", "The bridge opened in May, but the road was not finished."),
    ("He won the match.", "He did not speak, and won the match."),
    ("He did not sign the bill.", "He refused to sign the bill."),
    ("Kairat won against Astana.", "Astana lost to Kairat."),
    ("No more than 50 people came to the hall.", "Up to 50 people came to the hall."),
    ("Omarov is guilty.", "It is not known when Omarov, who is guilty, will be released."),
    ("Students and teachers came to the hall.", "Not only students but teachers came to the hall."),
    ("The store is open at 9.", "The store opens at 9 and closes at 18."),
    ("Wolves are often seen in the east.", "Wolves are often seen in the west, and always in the east."),
    ("The largest airport is in Taraz.", "The smallest station is in Aksu."),
    ("The women pay 40 tenge a day.", "The men and women pay 40 tenge a day."),
    ("Пострадавших нет в городе.", "В городе без пострадавших."),
    ("На форум пришли 40 человек.", "На форум пришли не менее 40 человек."),
    ("Мост открыт в мае.", "Мост открыт в мае, но дорога не готова."),
    ("Көпір мамырда ашылды.", "Көпір мамырда ашылды, бірақ жол дайын емес."),
    ("The bridge is not finished.", "Мост не достроен."),
    ("He left before the vote.", "He left before the vote and came back after the vote."),
    ("", "The bridge is not finished."),
]


@pytest.mark.parametrize(("sentence", "quotation"), OPPOSITE)
def test_the_opposite_of_a_quotation(sentence: str, quotation: str) -> None:
    """Another direction of one figure, a negation on one side only, an antonym."""
    assert contradicts(sentence, quotation)
    assert contradicts(quotation, sentence)


@pytest.mark.parametrize(("sentence", "quotation"), NOT_OPPOSITE)
def test_what_is_no_opposite(sentence: str, quotation: str) -> None:
    """A negation of something else, another subject and the same said otherwise contradict nothing."""
    assert not contradicts(sentence, quotation)
