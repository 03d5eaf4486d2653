"""Qualifiers, scale words and units that a sentence dropped, put back from its quotations."""

import pytest

from rag.facts import with_qualifiers


@pytest.mark.parametrize(
    ("sentence", "quotation", "restored"),
    [
        ("It will create 610 jobs.", "It is to create up to 610 additional jobs.", "It will create up to 610 jobs."),
        ("610 jobs are to be created.", "It is about 610 jobs.", "About 610 jobs are to be created."),
        ("It costs $5 million.", "It is over $5 million.", "It costs over $5 million."),
        ("It serves 1.75 households.", "It serves 1.75 million households.", "It serves 1.75 million households."),
        ("It serves 1.75.", "It serves 1.75 million households.", "It serves 1.75 million."),
        ("The rate is 8.5.", "The rate is 8.5 percent.", "The rate is 8.5 percent."),
        ("The line is 14 long.", "It is 14 kilometres in length.", "The line is 14 kilometres long."),
        ("It will open in 2029.", "It opens by 2029.", "It will open by 2029."),
        ("In 2029 it will open.", "It opens by the end of 2029.", "By the end of 2029 it will open."),
        ("В области 500 сёл.", "В области более 500 сёл.", "В области более 500 сёл."),
        ("Завод построят в 2029 году.", "Его построят к 2029 году.", "Завод построят к 2029 году."),
        ("Завод построят в 2029 году.", "Его построят до конца 2029 года.", "Завод построят до конца 2029 года."),
        ("Облыста 500 ауыл бар.", "Онда 500-ден астам ауыл бар, деді ол.", "Облыста 500-ден астам ауыл бар."),
        (
            "Облыста шамамен бар: жаңа 500 ауыл.",
            "Онда кемінде 500 ауыл бар.",
            "Облыста шамамен бар: жаңа кемінде 500 ауыл.",
        ),
        ("Зауыт 2029 жылы ашылады.", "Ол 2029 жылға дейін ашылады.", "Зауыт 2029 жылға дейін ашылады."),
    ],
)
def test_what_was_dropped_is_put_back(sentence: str, quotation: str, restored: str) -> None:
    """In the quotation's words; what is complete stays."""
    assert with_qualifiers(sentence, [quotation]) == restored
    assert with_qualifiers(restored, [quotation]) == restored


@pytest.mark.parametrize(
    ("sentence", "quotations"),
    [
        ("The 610 jobs are to go.", ["Up to 610 jobs are to go."]),
        ("It will create 610 jobs.", ["It is up to 610 jobs.", "It is 610 jobs."]),
        ("It will create 610 jobs.", ["Он создаст до 610 рабочих мест."]),
        ("It will create over 610 jobs.", ["It is about 610 jobs."]),
        ("It is a 610-bed hospital.", ["It is up to 610 beds."]),
        ("It lasted 14 days.", ["It was held over 14 days."]),
        ("It has 2 projects.", ["It is 2 million tenge."]),
        ("It opened in 2029.", ["It opens by 2029.", "It is in 2029."]),
        ("В области 21 село.", ["В области более 21 села."]),
        ("Он вырос до 500 тонн.", ["Он вырос до 500 тонн."]),
        ("Он составил 500 тонн.", ["Он вырос до 500 тонн."]),
        ("3\ufe0f\u20e3 The talk of the day", ["It is up to 3 of them."]),
        ("It is so.", []),
        ("", [""]),
    ],
)
def test_what_is_left_alone(sentence: str, quotations: list[str]) -> None:
    """Where quotations differ, are in another language, or an insertion would break the sentence."""
    assert with_qualifiers(sentence, quotations) == sentence
