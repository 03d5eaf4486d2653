"""Bytes to text: every encoding that is certain is read to the letter, and what is not certain is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SeedError
from rag.formats.text import decode

RUSSIAN = "Президент подписал закон о бюджете на 2026 год. «Это важно», — сказал он журналистам в пятницу."
KAZAKH = "Мемлекет басшысы өңірлерге жұмыс сапарымен барды. Ғылым мен білім саласы дамып келеді, деп хабарлайды."
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=1).filter(str.strip)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_unicode_is_read_to_the_letter(text: str, encoding: str) -> None:
    """UTF-8 with a mark or without, UTF-16 and UTF-32 with one: the text itself, without a word of warning."""
    assert decode("a.txt", text.encode(encoding)) == (text, ())


@given(TEXTS)
def test_big_endian_marks(text: str) -> None:
    """The other byte order has a mark of its own."""
    assert decode("a.txt", b"\xfe\xff" + text.encode("utf-16-be")) == (text, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN.replace("—", "-"), "The bridge opened on Monday.\r\nIt is long."])
def test_utf_16_without_a_mark(text: str, encoding: str) -> None:
    """Its shape gives it away; that it was a guess is said."""
    found, warnings = decode("a.txt", text.encode(encoding))
    assert found == text
    assert encoding.upper() in warnings[0]


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (RUSSIAN, "cp1251", "Windows-1251"),
        (f"The agency writes:\n{RUSSIAN}\nSo it says.", "cp1251", "Windows-1251"),
        (KAZAKH, "kz1048", "KZ1048"),
        (RUSSIAN.replace("«", '"').replace("»", '"').replace("—", "-"), "koi8_r", "KOI8_R"),
        ("It’s a test – “quoted”, he said.", "cp1252", "Windows-1252"),
    ],
)
def test_a_certain_guess_is_taken_and_told(text: str, encoding: str, named: str) -> None:
    """Old encodings of running text are recognised to the letter, with a warning that names them."""
    found, (warning,) = decode("a.txt", text.encode(encoding))
    assert found == text
    assert warning.startswith("a.txt: not UTF-8, read as " + named)


@pytest.mark.parametrize(
    "raw",
    [
        "привет".encode("cp1251"),
        ("The price was paid. " * 20 + "цена ").encode("cp1251"),
        "Le président a signé la loi de finances, a annoncé l’Élysée à la presse étrangère.".encode("cp1252"),
        "Україна й Європа домовились про їхню спільну ґазету, повідомив уряд.".encode("koi8_u"),
        "Cumhurbaşkanı İstanbul'da bir açıklama yaptı ve şöyle dedi: güçlü bir ülke.".encode("cp1254"),
        bytes(range(128, 256)) * 4,
    ],
)
def test_what_is_not_certain_is_refused(raw: bytes) -> None:
    """Too few letters to tell by, or letters that suit several encodings: no guess, so no garbled quotation."""
    with pytest.raises(SeedError, match="no other encoding is certain; save the file as UTF-8"):
        decode("a.txt", raw)


def test_what_a_file_declares_comes_before_a_guess() -> None:
    """Even for one word; but bytes that are UTF-8 are UTF-8, and names that are no encoding count for nothing."""
    assert decode("a.html", "цена".encode("cp1251"), "windows-1251") == ("цена", ())
    assert decode("a.html", "цена".encode(), "windows-1251") == ("цена", ())
    assert decode("a.html", "価格".encode("iso2022_jp"), "iso-2022-jp") == ("価格", ())
    assert decode("a.html", b"caf\xe9 \x93x\x94", "iso-8859-1") == ("café “x”", ())
    for name in ("base64", "idna", "nonsense", "unicode_escape"):
        with pytest.raises(SeedError, match="no other encoding"):
            decode("a.html", "цена".encode("cp1251"), name)


def test_a_mark_that_lies_is_named() -> None:
    """A byte order mark in front of something else."""
    with pytest.raises(SeedError, match="mark of UTF-16-LE but is not"):
        decode("a.txt", b"\xff\xfea")
