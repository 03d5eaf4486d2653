"""Question sets on disk -> eval.sets. Which reader reads a set is told by what stands at its path, never by its name.

    NAME.jsonl                                    lines.py    Derek's own form, asked of the user's index
    NAME/corpus.jsonl + questions.jsonl           folder.py   the same questions with documents of their own
    NAME/corpus.jsonl + queries.jsonl + qrels/    beir.py     BEIR: retrieval only
    NAME.json                                     squad.py    SQuAD 2.0 (and 1.1)

A faulty set is refused with its faults as `file:line: what`, never half-used.
"""

from pathlib import Path

from eval.readers.beir import QRELS, QUERIES, read_beir
from eval.readers.folder import CORPUS, QUESTIONS, read_folder
from eval.readers.lines import read_lines
from eval.readers.question import QUESTION
from eval.readers.squad import read_squad
from eval.sets import QuestionSet
from rag.errors import InputError

SHIPPED = Path(__file__).parents[1] / "questions"
_EXPECTED = (
    f"expected a .jsonl file of questions, a SQuAD .json file, or a folder with {CORPUS} and either {QUESTIONS} or "
    f"{QUERIES} with {QRELS}/"
)


def find_set(name: str) -> Path:
    """The path of a set named by its file or folder, or by its name among those shipped. Raises InputError.

    A folder counts only if it holds a corpus: any other may bear the name of a shipped set.
    """
    given = Path(name)
    for path in (given, SHIPPED / f"{name}.jsonl", SHIPPED / name):
        if path.is_file() or (path / CORPUS).is_file():
            return path
    if given.is_dir():
        raise InputError(f"{given}: no question set; {_EXPECTED}", "set")
    shipped = [*SHIPPED.glob("*.jsonl"), *(path.parent for path in SHIPPED.glob(f"*/{CORPUS}"))]
    known = ", ".join(sorted(path.stem for path in shipped)) or "none"
    raise InputError(f"no question set {name!r}: neither a file or folder nor a shipped set ({known})", "set")


def read_set(path: Path, question_field: str = QUESTION) -> QuestionSet:
    """Read and check a set. Raises InputError that lists the faults, each with file:line.

    `question_field`: another field of each line to be asked instead, a translation of the question, say.
    """
    if path.is_dir():
        if not (path / CORPUS).is_file():
            raise InputError(f"{path}: no question set, {CORPUS} is missing; {_EXPECTED}", "set")
        if (path / QUESTIONS).is_file():
            return read_folder(path, question_field)
        if (path / QUERIES).is_file():
            return read_beir(path, question_field)
    elif path.suffix.lower() == ".jsonl":
        return read_lines(path, question_field)
    elif path.suffix.lower() == ".json":
        return read_squad(path, question_field)
    raise InputError(f"{path}: no question set; {_EXPECTED}", "set")
