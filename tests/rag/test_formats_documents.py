"""PDF and DOCX: real files, their paragraphs as a reader sees them, and a clear word where there is no text."""

import sys

import pytest
from documents import docx, locked, paragraph, pdf

from rag.errors import SeedError
from rag.formats.content import Content
from rag.formats.documents import paragraphs_of
from rag.formats.docx import read_docx
from rag.formats.pdf import read_pdf
from rag.limits import Limits

LIMITS = Limits()
PAGES = (
    "Мост открыт в Семее\n04.03.2026\nНовый мост через Иртыш открыли в Семее в среду, и дли-\n"
    "на его составляет 1250 метров. Он обошёлся в 42 миллиарда тенге.\n1",
    "Движение по нему началось в тот же день, и за первые сутки про-\nехали 20 тысяч машин.\n2",
)


def told(content: Content) -> tuple[str, str | None, str]:
    """Title, date and body of the only article."""
    (record,) = content.records or ()
    return record.title, record.published_at, "\n".join(content.text[span.start : span.end] for span in record.body)


def test_a_pdf() -> None:
    """Title and date from its first lines; broken words are whole, page numbers gone."""
    title, published_at, body = told(read_pdf("a.pdf", pdf(*PAGES), LIMITS))
    assert (title, published_at) == ("Мост открыт в Семее", "2026-03-04")
    assert "и длина его составляет 1250 метров. Он обошёлся в 42 миллиарда тенге." in body
    assert "проехали 20 тысяч машин." in body
    assert not any(line.strip() in ("1", "2") for line in body.split("\n"))


def test_a_locked_pdf() -> None:
    """With a password for reading it is refused; one that only restricts printing is read."""
    with pytest.raises(SeedError, match=r"a.pdf: the PDF is locked by a password"):
        read_pdf("a.pdf", locked(pdf(*PAGES), "secret"), LIMITS)
    assert told(read_pdf("a.pdf", locked(pdf(*PAGES), ""), LIMITS))[0] == "Мост открыт в Семее"


def test_a_scanned_pdf() -> None:
    """No text: the way out is named."""
    with pytest.raises(SeedError, match=r"a PDF without text, scanned perhaps; have its letters recognised"):
        read_pdf("a.pdf", pdf("", ""), LIMITS)


def test_a_docx() -> None:
    """The title's style, the date, and a paragraph a line."""
    raw = docx(
        paragraph("Bridge opens in Semey", "Title")
        + paragraph("2026-03-04")
        + paragraph("The bridge is 1,250 metres long & wide.")
        + paragraph("It cost 42 billion tenge.")
    )
    assert told(read_docx("a.docx", raw, LIMITS)) == (
        "Bridge opens in Semey",
        "2026-03-04",
        "The bridge is 1,250 metres long & wide.\nIt cost 42 billion tenge.",
    )


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\xd0\xcf\x11\xe0 old", "locked by a password, or in Word's old format"),
        (b"no zip", "not a sound zip file"),
        (docx(paragraph("12")), "a document without text"),
    ],
)
def test_no_docx(raw: bytes, why: str) -> None:
    """Each is told apart."""
    with pytest.raises(SeedError, match=f"a.docx: {why}"):
        read_docx("a.docx", raw, LIMITS)


def test_a_docx_that_unpacks_to_too_much() -> None:
    """Is refused before a tree is made of it."""
    with pytest.raises(SeedError, match=r"a.docx: .*(limit|unpack)"):
        read_docx("a.docx", docx(paragraph("long " * 400_000)), Limits(max_file_mb=1))


@pytest.mark.parametrize(("reader", "module", "name"), [(read_pdf, "pypdf", "a.pdf"), (read_docx, "mammoth", "a.docx")])
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, reader: object, module: str, name: str) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SeedError, match=rf"{name}: .*pip install 'derek\[documents\]'"):
        reader(name, pdf("x") if name == "a.pdf" else docx(paragraph("x")), LIMITS)  # type: ignore[operator]


def test_lines_become_paragraphs() -> None:
    """Heads that repeat on most pages go, a word spelt with a hyphen keeps it, a full line may go on overleaf."""
    pages = [
        f"The Steppe Post, page {n}\nA well-known bridge, as it is well-\nknown to all who crossed it, was opened.\n{n}"
        for n in (1, 2, 3)
    ]
    told = "A well-known bridge, as it is well-known to all who crossed it, was opened."
    assert paragraphs_of(pages) == [f"{told} {told} {told}"]
    assert paragraphs_of([]) == []
