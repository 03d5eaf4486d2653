"""Writes in each way that Derek's libraries write, and tells which calls were seen: nothing may escape the watching.

Run as `python fault_witness.py FOLDER`; prints the calls as JSON, a list of [kind, name of the file, bytes].
"""

import ctypes
import json
import os
import shutil
import sqlite3
import sys
import threading
from functools import partial
from pathlib import Path

import tantivy
from syscalls import Then, watch


def by_python(folder: Path) -> None:
    """Buffered, with a sync, a rename, a deletion."""
    with (folder / "python").open("w") as file:
        file.write("x" * 10)
        file.flush()
        os.fsync(file.fileno())
    (folder / "python").rename(folder / "renamed")
    (folder / "renamed").unlink()


def by_c(folder: Path) -> None:
    """`fwrite`, whose bytes go out when the stream is closed, from inside of the C library."""
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    stream = ctypes.c_void_p(libc.fopen(os.fsencode(folder / "c"), b"w"))
    libc.fwrite(b"y" * 11, 1, 11, stream)
    libc.fclose(stream)


def by_sqlite(folder: Path) -> None:
    """A table, in a journal and a file."""
    connection = sqlite3.connect(folder / "sqlite")
    with connection:
        connection.execute("CREATE TABLE t (c)")
    connection.close()


def by_rust(folder: Path) -> None:
    """A word index, partly by threads of its own."""
    (folder / "rust").mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text")
    writer = tantivy.Index(builder.build(), str(folder / "rust")).writer()
    writer.add_document(tantivy.Document(text="word"))
    writer.commit()
    writer.wait_merging_threads()


def by_copying(folder: Path) -> None:
    """From file to file within the kernel, and in another thread."""
    (folder / "c").chmod(0o600)
    thread = threading.Thread(target=partial(shutil.copyfile, folder / "c", folder / "copied"))
    thread.start()
    thread.join()


def main(folder: Path) -> None:
    """Write in each way, watched; and outside of the watched folder, which must not count."""

    def write() -> None:
        (folder / "elsewhere").write_text("z")
        os.chdir(folder / "in")
        for way in (by_python, by_c, by_sqlite, by_rust, by_copying):
            way(Path())

    (folder / "in").mkdir()
    seen = watch(write, [folder / "in"], lambda _: Then.GO_ON)
    sys.stdout.write(json.dumps([[call.kind, call.path.name, call.size] for call in seen.calls]))
    sys.exit(seen.status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
