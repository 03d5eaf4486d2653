"""Languages of questions and bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.languages import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how long is the road", "en"),
        ("Who is the new minister?", "en"),
        ("Olzhas Bektenov", "en"),
        ("Kyzylorda Zhezkazgan road length", "en"),
        ("Yerlan Akkenzhenov oil refinery", "en"),
        ("Air Astana flights Jeddah", "en"),
        ("Zhaslan Madiyev AlemGPT", "en"),
        ("What is Халық кеңесі?", "en"),
        ("", "en"),
        ("2026?!", "en"),
        ("Кто новый министр?", "ru"),
        ("Что такое Халық кеңесі?", "ru"),
        ("Что такое AlemGPT Multi-Agent Platform?", "ru"),
        ("Сколько стоит дорога", "ru"),
        ("президент Казахстана", "ru"),
        ("Қазақстан президенті кім?", "kk"),
        ("Министр кім болды", "kk"),
        ("Ирония дегеніміз не?", "kk"),
        ("Агроценоз деген не?", "kk"),
        ("Бұл қай жылы болды", "kk"),
        ("Хто президент України?", "uk"),
        ("Wer ist der Minister?", "de"),
        ("¿Quién es el presidente?", "es"),
        ("pourquoi le président", "fr"),
        ("quanto custa a estrada", "pt"),
        ("Cumhurbaşkanı kim?", "tr"),
        ("Ai là tổng thống", "vi"),
        ("من هو الرئيس؟", "ar"),
        ("رئیس جمهور کیست؟", "fa"),
        ("दिल्ली में क्या हुआ?", "hi"),
        ("北京在哪里", "zh"),
        ("NATO和SITA是何时开始的", "zh"),
        ("東京はどこですか", "ja"),
        ("서울은 어디입니까", "ko"),
    ],
)
def test_short_questions(text: str, language: str) -> None:
    """Questions and keyword queries of a few words, with names of people and places in them."""
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council opened a school on Monday. It has room for 600 pupils, the mayor said at the ceremony.", "en"),
        ("Der Rat hat am Montag eine Schule eröffnet. Sie hat Platz für 600 Kinder, sagte der Bürgermeister.", "de"),
        ("Il consiglio ha aperto lunedì una scuola. C'è posto per 600 alunni, ha detto il sindaco alla festa.", "it"),
        ("В понедельник открыли школу. В Халық кеңесі сообщили, что в ней шестьсот мест.", "ru"),
        ("Дүйсенбіде жаңа мектеп ашылды. Онда алты жүз оқушыға орын бар, деді әкім салтанатты жиында.", "kk"),
    ],
)
def test_bodies(text: str, language: str) -> None:
    """Bodies of a sentence or more; names in another language do not change theirs."""
    assert detect_language(text * 50) == language


@given(st.text(max_size=100))
def test_any_text_has_a_language(text: str) -> None:
    """Whatever the text, the answer is a code of two letters, and the same each time."""
    language = detect_language(text)
    assert len(language) == 2
    assert language.islower()
    assert detect_language(text) == language
