"""How much of the seeds Derek takes on: sizes and counts above which a file is refused. Knows no file."""

from dataclasses import dataclass

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Megabytes are millions of bytes; each limit itself is still allowed. The settings are of the same names."""

    max_file_mb: int = 50  # of a seed file, and of a file unpacked from an archive
    max_files: int = 100_000  # below the seeds folder
    max_unpacked_mb: int = 200  # of all files in one archive together
    max_members: int = 10_000  # files and folders in one archive

    @property
    def file_bytes(self) -> int:
        """The largest seed file, in bytes."""
        return self.max_file_mb * _MEGABYTE

    @property
    def unpacked_bytes(self) -> int:
        """The most that one archive may unpack to, in bytes."""
        return self.max_unpacked_mb * _MEGABYTE
