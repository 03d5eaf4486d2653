"""Seed files that keep changing, of which each passage tells which edition of which story it is.

Knows what stands in the folder after each step, so that whoever reads a passage can say whether an index made from
those files may hold it. Knows nothing of indexing.
"""

import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

A_FILE = 6  # stories of a file
_SYLLABLES = ("ba", "cho", "du", "fe", "gi", "ka", "lo", "mu", "ne", "pi", "ra", "so", "tu", "ve", "zhi", "ya")
_STRIDE = 1_237  # names that follow each other share no syllable in the same place more often than chance has it
_MARK = re.compile(r"brought ([\d,]+) passengers to Kuryk, says edition (\d+) of the list on the (\w+)")


@dataclass(frozen=True, slots=True)
class Story:
    """One edition of the report on a ferry; no two ferries share a name."""

    name: str
    edition: int

    @property
    def passengers(self) -> str:
        """Their number, which tells name and edition apart."""
        return f"{1_000 + sum(map(ord, self.name)) * 7 + self.edition:,}"

    @property
    def text(self) -> str:
        """An article of one passage."""
        return (
            f"2026-03-{1 + self.edition % 28:02}\n"
            f"The ferry {self.name} reaches Kuryk\n"
            f"On its last trip the ferry brought {self.passengers} passengers to Kuryk, says edition "
            f"{self.edition} of the list on the {self.name}. The harbour had waited for the {self.name} since dawn.\n"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What one passage of an answer says of itself: its file, and the story if it is one of ours."""

    file: str
    story: Story | None


def told_by(file: str, text: str) -> Told:
    """Read a passage. One that mixes two editions is of neither: its number fits no story."""
    found = _MARK.search(" ".join(text.split()))
    if found is None:
        return Told(file, None)
    story = Story(found[3], int(found[2]))
    return Told(file, story if found[1] == story.passengers else Story("a mixture", 0))


class Shelf:
    """The changing files below a seeds folder, beside the `others` that stay as they are."""

    def __init__(self, folder: Path, stories: int = A_FILE) -> None:
        """`stories`: how many each file holds, so how many passages are new with each step."""
        self._folder = folder
        self._stories = stories
        self.others = frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self._files: dict[str, tuple[Story, ...]] = {}
        self._numbers, self._names, self._editions = count(1), count(1), count(1)
        self.all_names: list[str] = []
        for _ in range(4):
            self._add()

    @property
    def held(self) -> frozenset[Told]:
        """What an index of the folder as it is now may tell."""
        ours = {Told(file, story) for file, stories in self._files.items() for story in stories}
        return frozenset(ours | {Told(file, None) for file in self.others})

    def step(self, nth: int) -> str:
        """Change the folder as users do, with a file's worth of new passages; says what was done."""
        oldest = next(iter(self._files))
        match nth % 4:
            case 0:
                self._add()
                return "added"
            case 1:
                stories = self._files.pop(oldest)
                edition = next(self._editions)
                self._write(oldest, tuple(Story(story.name, edition) for story in stories))
                return "changed"
            case 2:
                del self._files[oldest]
                (self._folder / oldest).unlink()
                self._add()
                return "removed, added"
            case _:
                renamed = f"moved/{next(self._numbers):03}.txt"
                (self._folder / "moved").mkdir(exist_ok=True)
                (self._folder / oldest).rename(self._folder / renamed)
                self._files[renamed] = self._files.pop(oldest)
                self._add()
                return "renamed, added"

    def _add(self) -> None:
        names = [_name(next(self._names)) for _ in range(self._stories)]
        self.all_names += names
        edition = next(self._editions)
        self._write(f"ferries-{next(self._numbers):03}.txt", tuple(Story(name, edition) for name in names))

    def _write(self, file: str, stories: tuple[Story, ...]) -> None:
        part = self._folder / f"{file}.part"  # by renaming, as Derek would have it
        part.write_text("\n".join(story.text for story in stories), encoding="utf-8")
        part.replace(self._folder / file)
        self._files[file] = stories


def _name(nth: int) -> str:
    """Another made-up name for each number up to 65,535."""
    value = nth * _STRIDE % 16**4
    return "".join(_SYLLABLES[value >> shift & 15] for shift in (0, 4, 8, 12)).capitalize()
