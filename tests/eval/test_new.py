"""From seed files to drafts: which sentences are asked about, what the model is told, what comes of its reply."""

from pathlib import Path

import pytest
from fakes import ScriptedGenerator
from hypothesis import given
from hypothesis import strategies as st

from eval.new import (
    Draft,
    Dropped,
    SeedText,
    draft_prompt,
    drafts_of,
    questions_wanted,
    read_reply,
    read_seed_texts,
    spread,
    worth_asking,
)
from rag.errors import Cancelled, InputError, SeedError
from rag.types import Prompt, Span

TRAM = "How long is the new tram line in Almaty?"


def seed_of(seeds_dir: Path, file: str, number: int = 0) -> SeedText:
    """One article of a seed file."""
    return read_seed_texts([seeds_dir / file], seeds_dir, lambda warning: None)[number]


def quotes_worth_asking(seed: SeedText, *used: str) -> list[str]:
    """The sentences themselves."""
    return [seed.text[span.start : span.end] for span in worth_asking(seed, used)]


def test_articles_know_their_file(seeds_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path below the seeds folder, with /, however the file was named; an article given twice comes once."""
    nested = read_seed_texts([seeds_dir / "north" / "petropavl.txt"], seeds_dir, pytest.fail)
    assert [seed.file for seed in nested] == ["north/petropavl.txt"]
    monkeypatch.chdir(seeds_dir / "north")
    again = read_seed_texts([Path("../almaty.txt"), seeds_dir / "almaty.txt"], seeds_dir, pytest.fail)
    assert [seed.file for seed in again] == ["almaty.txt", "almaty.txt"]
    assert again[0].article.title == "Almaty opens a tram line to the airport"


@pytest.mark.parametrize("folder", ["seeds", "missing"])
def test_a_file_outside_is_read_without_a_name(seeds_dir: Path, tmp_path: Path, folder: str) -> None:
    """No index names it, so evidence can't; that is said, also where there is no seeds folder."""
    outside = tmp_path / "almaty.txt"
    outside.write_bytes((seeds_dir / "almaty.txt").read_bytes())
    told: list[str] = []
    seeds = read_seed_texts([outside], tmp_path / folder, told.append)
    assert [seed.file for seed in seeds] == [None, None]
    assert "no seed file below" in told[0]


def test_what_is_no_file_is_named(seeds_dir: Path, tmp_path: Path) -> None:
    """A missing file, a folder and an empty file each end with their name; doubts of the parser are passed on."""
    empty, loose = seeds_dir / "empty.txt", seeds_dir / "loose.txt"
    empty.touch()
    loose.write_text("Only a line of text without any headline or date in it at all.", "utf-8")
    for path, kind, said in (
        (tmp_path / "gone.txt", InputError, "gone.txt: no such file"),
        (seeds_dir, InputError, "a folder"),
        (empty, SeedError, "empty.txt: the file is empty"),
    ):
        with pytest.raises(kind, match=said):
            read_seed_texts([path], seeds_dir, pytest.fail)
    told: list[str] = []
    assert len(read_seed_texts([loose], seeds_dir, told.append)) == 1
    assert "no known layout" in told[0]


def test_sentences_with_a_fact_are_asked_about(seeds_dir: Path) -> None:
    """A name of several words or an amount is worth asking for; what is used already is not asked again."""
    seed = seed_of(seeds_dir, "almaty.txt")
    line = "The new tram line in Almaty is 14 kilometres long."
    stops = "It has 11 stops and was built in three years."
    assert line in quotes_worth_asking(seed)
    assert "The fare is 120 tenge." not in quotes_worth_asking(seed)  # too short to stand on its own
    assert line not in quotes_worth_asking(seed, "tram line in Almaty is 14 kilometres")
    assert line not in quotes_worth_asking(seed, f"{line} {stops}")
    assert questions_wanted(seed, [line], 3) == 2
    assert questions_wanted(seed, [line], 1) == 0
    assert questions_wanted(seed, quotes_worth_asking(seed), 50) == 0


def test_the_model_reads_what_a_pronoun_means(seeds_dir: Path) -> None:
    """Headline, the sentences before, the sentence, the answer and the language; nothing of another article."""
    seed = seed_of(seeds_dir, "almaty.txt")
    prompt = draft_prompt(seed, seed.sentences[1], "11 stops", "ru")
    assert "Russian" in prompt.system
    for part in ("Almaty opens a tram line", "14 kilometres long. It has 11", "Answer: 11 stops"):
        assert part in prompt.user
    assert "Shymkent" not in prompt.user
    assert "the language of the sentence" in draft_prompt(seed, seed.sentences[1], "11 stops", "fi").system


def test_a_good_reply_becomes_a_draft(seeds_dir: Path) -> None:
    """The quotation is the source text at its place, the answer stands in it, the type is guessed."""
    seed = seed_of(seeds_dir, "almaty.txt")
    drafts = list(drafts_of(seed, ScriptedGenerator(f"Question: {TRAM}"), 1, asked=list, used=()))
    draft = next(one for one in drafts if isinstance(one, Draft))
    assert seed.text[draft.span.start : draft.span.end] == draft.quote
    assert draft.answer in draft.quote
    assert (draft.question, draft.lang) == (TRAM, "en")


def test_a_poor_reply_is_dropped_with_its_reason(seeds_dir: Path) -> None:
    """What doesn't parse, is asked already or gives the answer away reaches no person; few sentences are tried."""
    seed = seed_of(seeds_dir, "almaty.txt")
    for said, reason in (
        ("Sure!\nHere is a question", "form"),
        ("", "form"),
        (TRAM, "asked already"),
        ("Tell me of Almaty.", "question mark"),
        ("Сколько стоит проезд в Алматы?", "language"),
    ):
        drafts = list(drafts_of(seed, ScriptedGenerator(said), 1, asked=lambda: [TRAM], used=()))
        assert 1 <= len(drafts) <= 2
        for draft in drafts:
            assert isinstance(draft, Dropped)
            assert any(reason in one for one in draft.reasons), draft.reasons


def test_drafts_end_with_what_was_wanted(seeds_dir: Path) -> None:
    """No call more than it takes, and none once nobody waits."""
    seed = seed_of(seeds_dir, "almaty.txt")
    asked: list[str] = []
    generator = ScriptedGenerator(
        lambda prompt: TRAM if "14 kilometres\n" in prompt.user else "Who is Mayor of Almaty?"
    )
    for draft in drafts_of(seed, generator, 2, asked=lambda: asked, used=()):
        if isinstance(draft, Draft):
            asked.append(draft.question)
    assert len(generator.prompts) == len(asked) == 2
    with pytest.raises(Cancelled):
        next(drafts_of(seed, generator, 2, asked=list, used=(), stop=lambda: True))


def test_a_question_may_be_in_another_language(seeds_dir: Path) -> None:
    """Asked for in Russian of an English article it is checked as Russian."""
    seed = seed_of(seeds_dir, "almaty.txt")

    def reply(prompt: Prompt) -> str:
        assert "in Russian" in prompt.system
        return "Какова длина новой трамвайной линии в Алматы?"

    drafts = [*drafts_of(seed, ScriptedGenerator(reply), 1, asked=list, used=(), language="ru")]
    assert isinstance(drafts[0], Draft)
    assert drafts[0].lang == "ru"


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Who won?", "Who won?"),
        (" Question:  Who won? \n", "Who won?"),
        ("Question:", None),
        ("Question: Who won?\nAnswer: Kim", None),
        ("Who won? Answer: Kim", None),
        ("Who\x07 won?", None),
    ],
)
def test_a_reply_is_one_line(said: str, question: str | None) -> None:
    """Label or not; anything beside the question is not what was asked for."""
    assert read_reply(said) == question


@given(st.lists(st.floats(0.1, 9), max_size=30), st.integers(1, 12))
def test_each_sentence_is_tried_once_and_first_all_over_the_article(worths: list[float], count: int) -> None:
    """The order is a permutation, and its first `count` lie in as many stretches of the article."""
    rated = [(Span(10 * n, 10 * n + 9), worth) for n, worth in enumerate(worths)]
    order = spread(rated, count)
    assert sorted(order) == [span for span, _ in rated]
    stretches = min(count, len(rated))
    first = sorted(span.start // 10 for span in order[:stretches])
    assert [len(rated) * n // stretches <= at < len(rated) * (n + 1) // stretches for n, at in enumerate(first)] == [
        True
    ] * stretches
