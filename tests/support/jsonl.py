"""JSONL files for tests."""

import json
from pathlib import Path


def write_jsonl(path: Path, *lines: object) -> Path:
    """A file of these lines; texts as they are, anything else as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path
