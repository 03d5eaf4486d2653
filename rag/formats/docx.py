"""DOCX: its text as Word shows it, by mammoth, a part of the extra `documents`. One file is one article.

Notes, lists, tables and tracked insertions are read, pictures and what was struck out are not.
"""

import re
from io import BytesIO

from rag.errors import SeedError
from rag.formats.archives import open_zip
from rag.formats.content import Content, laid_out
from rag.formats.documents import story_of_document
from rag.formats.foreign import document_reader, parsing
from rag.formats.markup import text_of
from rag.limits import Limits

LAYOUT = "docx"
_TITLES = "p[style-name='Title'] => h1:fresh"
_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
_OLD = b"\xd0\xcf\x11\xe0"  # begins .doc files, and .docx files that a password locks


def read_docx(file: str, raw: bytes, limits: Limits) -> Content:
    """The document's story. Raises SeedError where it is locked, without text, or too large."""
    if raw.startswith(_OLD):
        raise SeedError(f"{file}: locked by a password, or in Word's old format; save it as .docx without a password")
    mammoth = document_reader(file, "mammoth")
    with open_zip(file, raw, limits) as archive:
        size = sum(part.file_size for part in archive.infolist() if part.filename.endswith((".xml", ".rels")))
    if size > limits.file_bytes:  # its tree in memory is many times as large
        raise SeedError(f"{file}: unpacks to {size:,} bytes of text; the limit is {limits.file_bytes:,}: split it")
    with parsing(file, "DOCX", "mammoth"):
        markup = mammoth.convert_to_html(BytesIO(raw), style_map=_TITLES, convert_image=lambda _: []).value
    paragraphs = text_of(markup).split("\n")
    if not any(char.isalpha() for paragraph in paragraphs for char in paragraph):
        raise SeedError(f"{file}: a document without text; nothing to index")
    heading = _HEADING.search(markup)
    return laid_out(LAYOUT, [story_of_document(paragraphs, text_of(heading[1]) if heading else "")])
