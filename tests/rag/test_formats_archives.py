"""Zip and gzip: what is in them is read as if it lay beside them; bombs, tricks and damage are refused."""

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from documents import docx, paragraph, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.articles import read_articles
from rag.errors import SeedError
from rag.limits import Limits
from rag.sources import SUPPORTED_SUFFIXES, SeedFile, read_seed

STORY = "2026-03-04\nA bridge is opened in Semey\nThe bridge in Semey is 1,250 metres long.\n"


def seed(folder: Path, name: str, raw: bytes, limits: Limits = Limits()) -> SeedFile:
    """The seed file of that name and these bytes."""
    (folder / name).write_bytes(raw)
    return read_seed(folder, name, limits)


def test_gzip(tmp_path: Path) -> None:
    """Read as the file in it; offsets count in what was unpacked."""
    (source,) = seed(tmp_path, "a.txt.gz", gzip.compress(STORY.encode("utf-16"))).sources
    assert (source.file, source.text, source.extracted) == ("a.txt.gz", STORY, True)
    assert read_articles(source).articles[0].published_at == "2026-03-04"


def test_zip(tmp_path: Path) -> None:
    """A source a member, of any format, under the archive's name; what is no seed is passed over in silence."""
    members = {
        "north/мост.txt": STORY,
        "b.jsonl": '{"title": "T", "text": "The bridge is long."}\n',
        "c.docx": docx(paragraph("The bridge in Aktau is long.")),
        "README.txt": "not a seed",
        "__MACOSX/._b.txt": "nor this",
        "photo.jpg": b"\xff\xd8",
    }
    found = seed(tmp_path, "news.zip", zipped(members))
    assert [source.file for source in found.sources] == [
        "news.zip/north/мост.txt",
        "news.zip/b.jsonl",
        "news.zip/c.docx",
    ]
    assert found.warnings == ()
    assert len({source.sha256 for source in found.sources}) == 3


@pytest.mark.parametrize(
    ("name", "fault"),
    [("../../up.txt", r"\.\."), ("/etc/a.txt", "absolute"), ("C:/a.txt", "absolute"), ("nul.txt", "device")],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str, fault: str) -> None:
    """One such member is a warning; the others are read, and nothing is written anywhere."""
    found = seed(tmp_path, "news.zip", zipped({name: STORY, "good.txt": STORY}))
    assert [source.file for source in found.sources] == ["news.zip/good.txt"]
    assert len(found.warnings) == 1 and fault.replace("\\", "") in found.warnings[0]
    assert [path.name for path in tmp_path.iterdir()] == ["news.zip"]


def test_links_and_archives_inside(tmp_path: Path) -> None:
    """Neither is followed."""
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", zipped({"a.txt": STORY}))
        archive.writestr("good.txt", STORY)
    found = seed(tmp_path, "news.zip", raw.getvalue())
    assert [source.file for source in found.sources] == ["news.zip/good.txt"]
    assert len(found.warnings) == 2


def test_bombs(tmp_path: Path) -> None:
    """A little that unpacks to a lot is refused by count, whatever the header says."""
    zeros = b"bridge " * 2_000_000
    small = Limits(max_file_mb=1, max_unpacked_mb=2, max_members=3)
    with pytest.raises(SeedError, match=r"a\.txt\.gz: .*limit"):
        seed(tmp_path, "a.txt.gz", gzip.compress(zeros), small)
    with pytest.raises(SeedError):
        seed(tmp_path, "a.zip", zipped({"a.txt": zeros}), small)
    with pytest.raises(SeedError, match="members"):
        seed(tmp_path, "b.zip", zipped({f"{n}.txt": STORY for n in range(4)}), small)
    raw = bytearray(zipped({"a.txt": zeros}))
    place = raw.find(b"PK\x01\x02") + 24  # the size that the directory states
    raw[place : place + 4] = (500).to_bytes(4, "little")
    with pytest.raises(SeedError):
        seed(tmp_path, "c.zip", bytes(raw), small)


@pytest.mark.parametrize("raw", [b"", b"PK", zipped({"a.txt": STORY})[:-30], zipped({"photo.jpg": b"x"})])
def test_zips_of_nothing(tmp_path: Path, raw: bytes) -> None:
    """Empty, cut off, or without a file that Derek reads: one error that names it."""
    with pytest.raises(SeedError, match=r"a\.zip"):
        seed(tmp_path, "a.zip", raw)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
@given(raw=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path: Path, suffix: str, raw: bytes) -> None:
    """Nothing but SeedError comes out, for any format; spans of what is read cut the text."""
    try:
        found = seed(tmp_path, f"a{suffix}", raw)
    except SeedError as exc:
        assert str(exc).startswith("a.")
        return
    for source in found.sources:
        for article in read_articles(source).articles:
            assert all(0 <= piece.start < piece.end <= len(source.text) for piece in article.body)


def test_locks_and_doubles(tmp_path: Path) -> None:
    """An encrypted member and a second one of a name are refused, each with its reason."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", STORY)
        archive.writestr("locked.txt", STORY)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", "another")
    raw = bytearray(out.getvalue())
    at = raw.index(b"locked.txt", raw.index(b"PK\x01\x02"))  # its name in the directory
    raw[at - 46 + 8] |= 1
    found = seed(tmp_path, "n.zip", bytes(raw))
    assert [source.text for source in found.sources] == [STORY]
    assert len(found.warnings) == 2
    assert "n.zip/locked.txt: encrypted" in found.warnings[0]
    assert "n.zip/a.txt: a second member" in found.warnings[1]


def test_names_of_old_packers(tmp_path: Path) -> None:
    """CP866 from a Russian Windows, and UTF-8 without its flag."""
    for encoding in ("cp866", "utf-8"):
        name = "Новости дня.txt".encode(encoding)
        raw = zipped({"x" * len(name): STORY}).replace(b"x" * len(name), name)
        (tmp_path / "n.zip").unlink(missing_ok=True)
        (source,) = seed(tmp_path, "n.zip", raw).sources
        assert source.file == "n.zip/Новости дня.txt"


def test_a_header_that_lies(tmp_path: Path) -> None:
    """A member that states a small size gives no byte more than that, and is refused as damaged."""
    raw = bytearray(zipped({"a.txt": bytes(2_000_000)}))
    for at, offset in ((raw.index(b"PK\x03\x04"), 22), (raw.index(b"PK\x01\x02"), 24)):
        raw[at + offset : at + offset + 4] = (100).to_bytes(4, "little")
    with pytest.raises(SeedError, match="damaged"):
        seed(tmp_path, "n.zip", bytes(raw))
