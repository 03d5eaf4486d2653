"""Names of seed files as strangers send them -> names that lead to a file inside the seeds folder, or a clear refusal.

On what is safe to read (`rag.seed_names`) it puts what may be made anew, and where a name leads; writes nothing. What
is accepted here is listed by `rag.sources`.
"""

import stat
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from rag.errors import InputError
from rag.seed_names import fault_of, is_left_out
from rag.sources import SUPPORTED_SUFFIXES

MAX_NAME = 500  # characters: what a filter by file accepts
MAX_PART = 240  # bytes of one folder's or file's name: file systems take 255, and an ending may be added while writing
FIELD = "name"
_JOINERS = "\u200c\u200d"  # invisible too, but letters of some scripts need them


def existing_name(name: str) -> str:
    """`name` where a seed file may be called so. Raises InputError, which says what is wrong with it."""
    if fault := _fault(name):
        raise refused(name, fault)
    return name


def new_name(name: str) -> str:
    """`name` in Unicode's composed form, where a new file may be called so on any system. Raises InputError."""
    name = unicodedata.normalize("NFC", existing_name(name))
    if fault := _not_portable(name):
        raise refused(name, fault)
    return name


def place_of(root: Path, name: str) -> Path:
    """Where the file of that name is, or would be. `name` has been checked.

    Raises InputError where a link is on the way, a file stands where a folder should be, or something else than a file
    where the file should be. `root` itself may be a link.
    """
    path = root
    parts = name.split("/")
    for depth, part in enumerate(parts, start=1):
        path /= part
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            return root.joinpath(*parts)
        except OSError as exc:
            raise refused(name, f"can't be looked up ({exc.strerror})") from exc
        here = "/".join(parts[:depth])
        if stat.S_ISLNK(mode):
            raise refused(name, f"{here} is a link; name the file that it leads to")
        if depth < len(parts) and not stat.S_ISDIR(mode):
            raise refused(name, f"{here} is a file, so nothing can lie below it")
        if depth == len(parts) and not stat.S_ISREG(mode):
            raise refused(name, "is a folder" if stat.S_ISDIR(mode) else "is no regular file")
    return path


def refused(name: str, fault: str) -> InputError:
    """The refusal of a name."""
    return InputError(f"{name[:100]!r}: {fault}", FIELD)


def _fault(name: str) -> str | None:
    for form in (name, unquote(name)):  # whoever decodes once more must not end up elsewhere
        if fault := fault_of(form):
            return fault
    if "\ufffd" in name:
        return "the name is not UTF-8"
    if is_left_out(name):
        return "hidden files (a part begins with a dot), README* and unfinished files (*~, *.part, *.tmp) are no seeds"
    if not name.lower().endswith(SUPPORTED_SUFFIXES):
        return f"no ending that Derek reads ({' '.join(SUPPORTED_SUFFIXES)})"
    return None


def _not_portable(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"is too long: {len(name)} characters, {MAX_NAME} may be"
    for part in name.split("/"):
        if (length := len(part.encode())) > MAX_PART:
            return f"has a part that is too long: {length} bytes, {MAX_PART} may be"
        if part != part.strip() or part.endswith("."):
            return "has a part that begins or ends with a blank or ends with a dot, which Windows drops"
        for char in part:
            if unicodedata.category(char) in ("Cf", "Zl", "Zp") and char not in _JOINERS:
                return f"holds U+{ord(char):04X}, an invisible sign"
    return None
