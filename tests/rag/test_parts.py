"""Two questions in one are parted and each completed; whatever might be one question stays one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.parts import parts_of


@pytest.mark.parametrize(
    ("question", "language", "parts"),
    [
        (
            "How many bridges were built in 2025, and how many wells will be dug?",
            "en",
            ("How many bridges were built in 2025?", "How many wells will be dug?"),
        ),
        ("where is the port and who owns the mine?", "en", ("Where is the port?", "Who owns the mine?")),
        (
            "who runs the museum in Aktau and who in Oskemen?",
            "en",
            ("Who runs the museum in Aktau?", "Who runs the museum in Oskemen?"),
        ),
        (
            "How many beds does Aktau's hospital have, and how many Oskemen's clinic?",
            "en",
            ("How many beds does Aktau's hospital have?", "How many beds does Oskemen's clinic have?"),
        ),
        (
            "With which Polish mayor and which Greek poet did pupils talk about rivers?",
            "en",
            (
                "With which Polish mayor did pupils talk about rivers?",
                "With which Greek poet did pupils talk about rivers?",
            ),
        ),
        (
            "new ferry: when does it sail and how many cars does it carry?",
            "en",
            ("New ferry: when does it sail?", "New ferry: how many cars does it carry?"),
        ),
        (
            "Who are the mayors in Aktau and Oskemen?",
            "en",
            ("Who are the mayors in Aktau?", "Who are the mayors in Oskemen?"),
        ),
        (
            "What was said in Aktau and in Oskemen about rivers?",
            "en",
            ("What was said in Aktau about rivers?", "What was said in Oskemen about rivers?"),
        ),
        ("Compare the prices of wheat and barley", "en", ("The prices of wheat?", "The prices of barley?")),
        (
            "Сколько мостов построили в 2025 году, а сколько школ откроют?",
            "ru",
            ("Сколько мостов построили в 2025 году?", "Сколько школ откроют?"),
        ),
        (
            "Кто руководит музеем в Актау и кто в Семее?",
            "ru",
            ("Кто руководит музеем в Актау?", "Кто руководит музеем в Семее?"),
        ),
        (
            "Акимы в Актау и Семее: имена?",
            "ru",
            ("Акимы в Актау: имена?", "Акимы в Семее: имена?"),
        ),
        (
            "Көпір қай қалада, ал мұражай қашан ашылды?",
            "kk",
            ("Көпір қай қалада?", "Мұражай қашан ашылды?"),
        ),
        (
            "Ақтаудағы және Семейдегі әкімдер кімдер?",
            "kk",
            ("Ақтаудағы әкімдер кімдер?", "Семейдегі әкімдер кімдер?"),
        ),
        (
            "Ақтаудағы әкім кіммен, Семейдегі әкім кіммен кездесті?",
            "kk",
            ("Ақтаудағы әкім кіммен кездесті?", "Семейдегі әкім кіммен кездесті?"),
        ),
    ],
)
def test_two_questions(question: str, language: str, parts: tuple[str, ...]) -> None:
    """Each part says what both share: a verb, a place, a topic put in front."""
    assert parts_of(question, language) == parts


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What did Poland and the EU negotiate?", "en"),
        ("When and where did the games take place?", "en"),
        ("Who is the poet who wrote the anthem and who died in 1954?", "en"),
        ("What did the company, which owns the port, say?", "en"),
        ("Who founded the club, and how many of its members are abroad?", "en"),
        ("How many people live in Bosnia and Herzegovina?", "en"),
        ("What are relations between Poland and Greece like?", "en"),
        ("What is the price of bread and butter?", "en"),
        ("Who won?", "en"),
        ("", "en"),
        ("Какие договоры подписали Польша и Греция?", "ru"),
        ("Кто и когда построил мост?", "ru"),
        ("Что сказал мэр, когда открыл мост?", "ru"),
        ("Польша мен Греция қандай келісімге қол қойды?", "kk"),
        ("Көпірді кім және қашан салды?", "kk"),
        ("Wer baute die Brücke, und wann wurde sie eröffnet?", "de"),
    ],
)
def test_one_question(question: str, language: str) -> None:
    """A question that may be one is given back as it came."""
    assert parts_of(question, language) == (question,)


WORDS = [
    "who", "which", "how", "many", "in", "and", ",", ":", "?", "Aktau", "mayors", "does", "it", "сколько", "и", "кто",
    "в", "қай", "және", "кім",
]  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=80),
    st.sampled_from(["en", "ru", "kk", "fr"]),
)
def test_any_question(question: str, language: str) -> None:
    """Whatever is asked, there are one to three parts, none blank, and one part is the question itself."""
    parts = parts_of(question, language)
    assert 1 <= len(parts) <= 3
    assert parts == (question,) if len(parts) == 1 else all(part.strip("? ") for part in parts)
