"""PDF: the text of its pages, by pypdf, a part of the extra `documents`. One file is one article.

A date stands in the article only where the document prints it alone on a line: when the file was made says little.
"""

from io import BytesIO

from rag.errors import SeedError
from rag.formats.content import Content, laid_out
from rag.formats.documents import paragraphs_of, story_of_document
from rag.formats.foreign import document_reader, parsing
from rag.limits import Limits

LAYOUT = "pdf"
_MOST_PAGES = 10_000


def read_pdf(file: str, raw: bytes, limits: Limits) -> Content:
    """The document's story. Raises SeedError where it is locked, scanned without text, or too large."""
    pypdf = document_reader(file, "pypdf")
    pages: list[str] = []
    with parsing(file, "PDF", "pypdf"):
        reader = pypdf.PdfReader(BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SeedError(f"{file}: the PDF is locked by a password; save it without one")
        if len(reader.pages) > _MOST_PAGES:
            raise SeedError(f"{file}: {len(reader.pages):,} pages; the limit is {_MOST_PAGES:,}: split the file")
        size = 0
        for page in reader.pages:
            pages.append(page.extract_text().replace("\0", ""))
            size += len(pages[-1])
            if size > limits.file_bytes:
                raise SeedError(
                    f"{file}: holds more than {limits.file_bytes:,} characters; split it, or set DEREK_MAX_FILE_MB"
                )
        stated = str((reader.metadata and reader.metadata.title) or "")
    paragraphs = paragraphs_of(pages)
    if not any(char.isalpha() for paragraph in paragraphs for char in paragraph):
        raise SeedError(
            f"{file}: a PDF without text, scanned perhaps; have its letters recognised (OCR) and save it anew"
        )
    return laid_out(LAYOUT, [story_of_document(paragraphs, stated)])
