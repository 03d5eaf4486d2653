"""Paths of seed files as they come: from a folder, from inside an archive, from a request. Which of them are safe.

Knows names only and touches no disk. Any script, blanks and either form of Unicode are the user's own and stay.
"""

import re
import unicodedata

_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\s*\..*|\s*)", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:", re.IGNORECASE)
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # show a name in another order
_LONGEST = 255  # bytes of one part; what file systems allow
_UNFINISHED = ("~", ".part", ".tmp")


def fault_of(path: str) -> str | None:
    """Why `path` (relative, with `/`) may not name a seed file, as the rest of a sentence; None where it may."""
    try:
        parts = [(part, len(part.encode())) for part in path.split("/")]
    except UnicodeEncodeError:
        return "the name is not valid Unicode"
    if any(unicodedata.category(char) == "Cc" or char in _TURNING for char in path):
        return "the name holds a control character"
    if path.startswith("/") or _DRIVE.match(path):
        return "the path is absolute"
    if "\\" in path:
        return "the name holds a backslash"
    if any(part in ("", ".", "..") for part, _ in parts):
        return "the path has a part that is empty, `.` or `..`"
    if any(_DEVICES.fullmatch(part) for part, _ in parts):
        return "the name is a device's on Windows"
    if any(size > _LONGEST for _, size in parts):
        return f"a part of the path is longer than {_LONGEST} bytes"
    return None


def is_left_out(path: str) -> bool:
    """Whether a path is nobody's seed: README*, a name that begins with a dot (a folder too), or an unfinished file."""
    *folders, name = path.lower().split("/")
    return (
        any(part.startswith(".") for part in (*folders, name))
        or name.startswith("readme")
        or name.endswith(_UNFINISHED)
    )
