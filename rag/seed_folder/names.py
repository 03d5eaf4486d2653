"""Names of seed files as strangers send them -> names that lead to a file inside the seeds folder, or a clear refusal.

Knows what a name may look like and where it leads; writes nothing. What is accepted here is listed by `rag.sources`.
"""

import re
import stat
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from rag.errors import InputError
from rag.sources import SUPPORTED_SUFFIXES, UNFINISHED_ENDINGS

MAX_NAME = 500  # characters: what a filter by file accepts
MAX_PART = 240  # bytes of one folder's or file's name: file systems take 255, and an ending may be added while writing
FIELD = "name"
_DRIVE = re.compile(r"[A-Za-z]:")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: with any ending they are the device, not a file
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # invisible too, but letters of some scripts need them


def existing_name(name: str) -> str:
    """`name` where a seed file may be called so. Raises InputError, which says what is wrong with it."""
    for form in (name, unquote(name)):  # whoever decodes once more must not end up elsewhere
        if fault := _leads_astray(form):
            raise refused(name, fault)
    if fault := _not_a_seed(name):
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


def _leads_astray(name: str) -> str | None:
    for char in name:
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            return f"holds U+{ord(char):04X}, a control character"
        if char == "\ufffd":
            return "is not UTF-8"
    if not name:
        return "is empty; a seed file needs a name, such as news/today.txt"
    if "\\" in name:
        return "holds a backslash; sub-folders are divided by /"
    if name.startswith("/") or _DRIVE.match(name):
        return "is absolute; name the file from the seeds folder on"
    parts = name.split("/")
    if "" in parts:
        return "has an empty part; write one / between two names and none at the end"
    if "." in parts or ".." in parts:
        return "holds . or .. as a part; name the file from the seeds folder on"
    return None


def _not_a_seed(name: str) -> str | None:
    parts = name.split("/")
    last = parts[-1].lower()
    if any(part.startswith(".") for part in parts):
        return "is hidden (a part begins with a dot), so it would not be indexed"
    if last.startswith("readme"):
        return "is called README, so it would not be indexed"
    if last.endswith(UNFINISHED_ENDINGS):
        return f"ends as unfinished files do ({' '.join(UNFINISHED_ENDINGS)}), so it would not be indexed"
    if not last.endswith(SUPPORTED_SUFFIXES):
        return f"has no ending that Derek reads ({' '.join(SUPPORTED_SUFFIXES)})"
    return None


def _not_portable(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"is too long: {len(name)} characters, {MAX_NAME} may be"
    for part in name.split("/"):
        if (length := len(part.encode())) > MAX_PART:
            return f"has a part that is too long: {length} bytes, {MAX_PART} may be"
        if _DEVICE.match(part):
            return f"holds {part[:100]!r}, which is a device on Windows"
        if part != part.strip() or part.endswith("."):
            return "has a part that begins or ends with a blank or ends with a dot, which Windows drops"
        for char in part:
            if unicodedata.category(char) == "Cf" and char not in _JOINERS:
                return f"holds U+{ord(char):04X}, an invisible sign"
    return None
