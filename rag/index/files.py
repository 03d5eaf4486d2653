"""A FAISS index -> one file. FAISS's own writing is silent where the disk refuses the last bytes; Python's is not."""

from pathlib import Path

import faiss


def write_file(index: faiss.Index, path: Path) -> None:
    """Write the index, whatever its kind. Raises OSError; then what lies at `path` is no index."""
    with path.open("wb") as file:
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]  # not in its stubs
