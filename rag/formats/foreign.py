"""Other people's parsers: whatever they raise on a stranger's file is that file's SeedError. Knows no format."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from rag.errors import SeedError


@contextmanager
def parsing(file: str, what: str, logger: str) -> Iterator[None]:
    """Turn any failure inside into a SeedError that calls the file no sound `what`; `logger` is kept quiet meanwhile.

    A parser that is fed anything may raise anything, and what it would log is said in the error.
    """
    log = logging.getLogger(logger)
    level, log.level = log.level, logging.CRITICAL + 1
    try:
        yield
    except SeedError:
        raise
    except Exception as exc:
        reason = " ".join(str(exc).split())[:200] or type(exc).__name__
        raise SeedError(f"{file}: can't be read as {what} ({reason}); open it, and save it anew or as text") from exc
    finally:
        log.level = level


def document_reader(file: str, module: str) -> ModuleType:
    """A module of the extra `documents`. Raises SeedError that says how to install it."""
    try:
        return import_module(module)
    except ImportError as exc:
        raise SeedError(
            f"{file}: to read such files Derek needs {module}: run `pip install 'derek[documents]'`, then index again"
        ) from exc
