"""One query, one thread: what FAISS shares out among threads for a single query costs more than it saves."""

from collections.abc import Iterator
from contextlib import contextmanager

import faiss


@contextmanager
def one_thread() -> Iterator[None]:
    """Let FAISS work in the calling thread alone while the block lasts; other threads are not concerned."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # OpenMP keeps this number for each thread apart
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
