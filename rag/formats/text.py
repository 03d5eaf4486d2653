"""Bytes -> text: which encoding a file is in, and its text with newlines and Unicode untouched.

In this order: a byte order mark, UTF-8, what the file declares of itself (HTML and XML do), a guess. A guess is taken
only where it is certain, and always told: a wrong one would make quotations nobody wrote.
"""

import codecs
import re

from charset_normalizer import from_bytes

from rag.errors import SeedError
from rag.formats.content import Content
from rag.languages import detect_language
from rag.limits import Limits

_MARKS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC = ("cp1251", "kz1048", "koi8_r", "cp866")  # all that a guess may name
_RIVALS = ("cp1250", "cp1252", "cp1253", "cp1254")  # compete with them, but can't be told from each other
_COHERENCE = 0.4  # of a guess that is taken: a language's letters are about as frequent as they should be
_MARKED = re.compile(rb"\S*[\x80-\xff]\S*")  # words in which encodings differ
_PUNCTUATION = re.compile(rb"[\x00-\x7f\x82\x84-\x87\x91-\x97\x99\xa0\xa9\xab\xae\xb0\xb1\xb7\xbb]*")  # alike in 125x
_WIDE_SHARE = 0.9  # of UTF-16's high bytes that are Latin or Cyrillic, where no mark says that it is UTF-16
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined")  # Python's, not a page's
_SAMPLE = 100_000  # bytes of such words that a guess looks at
_ESCAPE = b"\x1b"  # switches alphabets in encodings that are ASCII otherwise


def read_text(file: str, raw: bytes, limits: Limits) -> Content:
    """A plain text of any layout. Raises SeedError where it is none."""
    text, notes = decode(file, raw)
    return Content(text, warnings=notes)


def decode(file: str, raw: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text without its byte order mark, and a warning where its encoding was guessed.

    Raises SeedError if it is blank, holds NUL characters, or is in no encoding that is certain.
    """
    text, guessed = _decoded(file, raw, declared)
    if not text.strip():
        raise SeedError(f"{file}: the file is empty; fill it or remove it")
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        raise SeedError(f"{file}:{line}: the file holds a NUL character, so it is not text; convert it to UTF-8 text")
    if guessed is None:
        return text, ()
    return text, (f"{file}: not UTF-8, read as {guessed}; if letters look wrong, save the file as UTF-8",)


def _decoded(file: str, raw: bytes, declared: str | None) -> tuple[str, str | None]:
    """The text, and the name of the encoding where it was guessed."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(encoding), None
            except UnicodeDecodeError as exc:
                raise SeedError(
                    f"{file}: begins with the mark of {encoding.upper()} but is not ({exc.reason} at byte "
                    f"{len(mark) + exc.start}); save the file as UTF-8 and index again"
                ) from exc
    if declared is not None and _ESCAPE in raw and (text := _as(declared, raw)) is not None:
        return text, None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        failure = exc
    else:
        wide = _wide(raw) if "\0" in text else None
        return (raw.decode(wide), wide.upper()) if wide else (text, None)
    if declared is not None and (text := _as(declared, raw)) is not None:
        return text, None
    if (guess := _wide(raw) or _old(raw)) is not None:
        return raw.decode(guess), guess.upper().replace("CP125", "Windows-125")
    line = raw.count(b"\n", 0, failure.start) + 1
    raise SeedError(
        f"{file}:{line}: byte {failure.start} is not UTF-8 ({failure.reason}), and no other encoding is certain; "
        "save the file as UTF-8 and index again"
    ) from failure


def _as(encoding: str, raw: bytes) -> str | None:
    """The text, if `encoding` is one of text and holds all the bytes."""
    try:
        # what pages call Latin-1 or ASCII has always been read as Windows-1252
        name = codecs.lookup(encoding).name
        if name in _NO_CHARSETS:
            return None
        return raw.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
    except (LookupError, ValueError):  # also codecs that are no encoding, such as base64
        return None


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is 0 (Latin, blanks) or 4 (Cyrillic), and blanks are there."""
    for encoding, high in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[::2])):
        alike = high.count(0) + high.count(4)
        if len(raw) % 2 == 0 and high.count(0) and alike >= _WIDE_SHARE * len(high) and _as(encoding, raw) is not None:
            return encoding
    return None


def _old(raw: bytes) -> str | None:
    """The one-byte encoding that makes Cyrillic words of the bytes above 127; None where that is not certain."""
    if _PUNCTUATION.fullmatch(raw):
        return "cp1252"
    words = b" ".join(_MARKED.findall(raw))[:_SAMPLE]
    best = from_bytes(words, cp_isolation=[*_CYRILLIC, *_RIVALS]).best()
    if best is None or best.encoding not in _CYRILLIC or best.chaos > 0 or best.coherence < _COHERENCE:
        return None
    text = _as(best.encoding, raw)
    if text is None or (best.encoding == "kz1048" and detect_language(text) != "kk"):  # Ukrainian looks like it too
        return None
    return best.encoding
