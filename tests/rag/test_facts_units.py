"""What numbers count and how they are bounded: pairs of a quotation and a drafted sentence, that agree or do not."""

import pytest

from rag.facts import facts_in, stated_in

AGREE = [
    ("The line has 14 stops and a depot.", "It has 14 stops."),
    ("The line has 14 new stops in the north.", "It has 14 stops."),
    ("The line has 14 stops in the north.", "It has 14 new stops."),
    ("Of 14 planned, two were built.", "It has 14 stops."),
    ("A line with stops: 14.", "It has 14 stops."),
    ("The fires fell from 81 to 49 cases in a year.", "There were 49 fires."),
    ("The bus with a capacity of 148 seats for passengers", "It carries 148 passengers."),
    ("A total of 506 passengers of the airline came back.", "It brought 506 people back."),
    ("The 506 people on the flight were safe.", "It carried 506 passengers."),
    ("It opened more than 500 schools in the region.", "It opened over 500 schools."),
    ("It opened more than 500 schools in the region.", "It opened 500 schools."),
    ("It opened about 500 schools in the region.", "It opened nearly 500 schools."),
    ("It will create up to 610 jobs in the town.", "It will create 610 jobs."),
    ("The road is 208 km long.", "It is 208 kilometres long."),
    ("The road of 208 kilometers was built.", "It is 208 km long."),
    ("A runway of 60 metres was laid.", "It has a 60-metre runway."),
    ("The boy is 14 years old.", "It is about a 14-year-old boy."),
    ("It is due in 30 calendar days of the request.", "It takes 30 days."),
    ("They sowed 5 hectares of wheat.", "It is 5 ha."),
    ("A plant of 100 MW was started.", "It gives 100 megawatts."),
    ("The heat was 35 °C in the city.", "It was 35 degrees."),
    ("The flat has 60 square metres of floor.", "It has 60 m2."),
    ("The rate fell by 2 percentage points in May.", "It fell by 2 percentage points."),
    ("It carried 13 million passengers in the year.", "It carried 13 million passengers."),
    ("It takes 14 days to reach the town.", "It takes 14."),
    ("Route 14 runs to the airport of the city.", "It is route 14, which goes to the airport."),
    ("It paid 120 tenge for each of the seats.", "It paid 120 tenge."),
    ("В городе 14 остановок.", "В городе есть 14 новых остановок."),
    ("На линии 14 новых остановок.", "На ней 14 остановок."),
    ("В области построят более 500 школ.", "В ней построят свыше 500 школ."),
    ("На форум приехали не менее 40 человек.", "На него приехали 40 участников."),
    ("Дорога длиной 208 км отремонтирована.", "Это дорога в 208 километров."),
    ("Решение принимают за 30 рабочих дней.", "Его принимают за 30 дней."),
    ("В пожаре сгорело 20 тонн зерна.", "В нём сгорело 20 т зерна."),
    ("Ставка снизилась на 2 процентных пункта.", "Она снизилась на 2 процентных пункта."),
    ("В рейсе было 12 случаев болезни.", "В нём было 12 больных."),
    ("Қалада 14 жаңа аялдама бар.", "Қалада 14 аялдама болады."),
    ("Өңірде 500-ден астам ауыл бар.", "Өңірде 500 ауыл бар."),
    ("Жолдың ұзындығы 208 шақырым.", "Жолдың ұзындығы 208 км."),
    ("Ол үшін 120 теңгеден төленді.", "Ол үшін 120 теңге төленді."),
    ("Қалада 14 аялдама бар.", "В городе есть 14 остановок."),
    ("В городе есть 14 остановок.", "Қалада 14 аялдама бар."),
    ("В городе есть 14 остановок.", "There are 14 stops in the city."),
    ("There are 14 stops in the city.", "Қалада 14 аялдама бар."),
    ("Жолдың ұзындығы 208 шақырым.", "The road is 208 kilometres long."),
    ("Дорога длиной 208 км построена в срок.", "The road is 208 kilometres long."),
    ("Өңірде 500-ден астам мектеп салынады.", "There will be more than 500 schools."),
    ("Өңірде 3 мыңнан астам ауыл бар.", "В области более 3 тысяч сёл."),
    ("В области более 3 тысяч сёл.", "It has over 3,000 villages."),
    ("Станция на 100 МВт построена в области.", "It is a plant of 100 MW."),
    ("Ему 12 лет, он из города.", "He is a boy of 12 years."),
    ("Это занимает 24 часа.", "It takes 24 hours."),
    ("Ставка снизилась на 2 процентных пункта.", "It fell by 2 percentage points."),
    ("Температура на улице 20 градусов.", "It was 20 °C."),
    ("Кемінде 40 адам келді, деді ол.", "It was at least 40 people."),
    ("Кемінде 40 адам келді, деді ол.", "На него пришли не менее 40 человек."),
    ("В нём 5 га пшеницы.", "Онда 5 гектар бидай бар, деді ол."),
    ("It lasts 3 weeks in the summer.", "Ол 3 аптаға созылады."),
    ("The price grew 3 times in a year.", "За год цена выросла в 3 раза."),
    ("На 8 процентов больше, чем в мае.", "It is 8 percent more."),
    ("It costs $5 million in the budget.", "Бұл 5 миллион доллар тұрады."),
    ("It is a team of 12 members.", "It is a 12-member team."),
]
DISAGREE = [
    ("The line is 14 kilometres long.", "It has 14 stops."),
    ("The line has 14 stops in the north.", "It is 14 kilometres long."),
    ("There were 49 fires in the city.", "It has 49 schools."),
    ("It is 24 hours to the town.", "It takes 24 months."),
    ("It is 24 hours to the town.", "It takes 24 days."),
    ("It is 208 km to the town.", "It is 208 metres to it."),
    ("It was 5 tonnes of grain.", "It was 5 kilograms."),
    ("It was 5 hectares of wheat.", "It was 5 tonnes."),
    ("It opened more than 500 schools.", "It opened less than 500 schools."),
    ("It opened over 500 schools.", "It opened under 500 schools."),
    ("It opened at least 500 schools.", "It opened up to 500 schools."),
    ("It opened no more than 500 schools.", "It opened more than 500 schools."),
    ("It opened nearly 500 schools.", "It opened over 500 schools."),
    ("It paid 120 tenge for it.", "It is 120 km to it."),
    ("The flat has 60 square metres.", "It is 60 metres to it."),
    ("It fell by 2 percentage points.", "It fell by 2 percent."),
    ("A plant of 100 MW was built.", "It is 100 km to it."),
    ("Это 14 километров пути.", "В нём 14 дней пути."),
    ("На линии 14 вагонов.", "На ней 14 остановок."),
    ("В области более 500 школ.", "В ней менее 500 школ."),
    ("В нём не более 40 человек.", "В нём не менее 40 человек."),
    ("В нём 20 тонн зерна.", "В нём 20 килограммов зерна."),
    ("Өңірде 500-ден астам ауыл бар.", "Өңірде 500-ден аз ауыл бар."),
    ("Жолдың ұзындығы 208 шақырым.", "Жолдың ұзындығы 208 метр."),
    ("Ол 3 аптаға созылады.", "Ол 3 айға созылады, деді ол."),
    ("Жолдың ұзындығы 208 шақырым.", "The road is 208 metres long."),
    ("Это занимает 24 часа.", "It takes 24 days."),
    ("В области более 500 школ.", "It has less than 500 schools."),
    ("Өңірде 500-ден астам мектеп бар.", "В ней менее 500 школ."),
    ("Кемінде 40 адам келді, деді ол.", "На него пришли не более 40 человек."),
    ("В нём 5 га пшеницы.", "It was 5 tonnes."),
    ("Станция на 100 МВт в области.", "It is 100 metres to it."),
    ("It lasts 3 weeks in the summer.", "Ол 3 айға созылады."),
    ("Ставка снизилась на 2 процентных пункта.", "It fell by 2 percent."),
]


def states(text: str, sentence: str) -> bool:
    """Whether `text` states every number of `sentence`, which has some."""
    facts = facts_in(sentence)
    assert facts.numbers
    return not stated_in(text).missing(facts).numbers


@pytest.mark.parametrize(("text", "sentence"), AGREE)
def test_one_number_of_one_thing(text: str, sentence: str) -> None:
    """Forms of a unit, a language and what is left unsaid make no other number."""
    assert states(text, sentence)


@pytest.mark.parametrize(("text", "sentence"), DISAGREE)
def test_one_number_of_two_things(text: str, sentence: str) -> None:
    """Another unit, a noun that is nowhere spoken of and an opposite bound are refused."""
    assert not states(text, sentence)
