"""Near-duplicates: who stands for whom, whatever the order, and what a signature may not depend on."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.duplicates import CROWD, Candidate, near_duplicates, signature_of

STORY = (
    "Kazakhstan's exports rose by 4 percent in January, the Ministry of Trade said. Minister Arman Shakkaliyev met the "
    "ambassadors in Astana and promised “new corridors” for grain. The talks in Baku go on until the end of the week."
)
OTHER = (
    "A bridge near Semey was closed on Monday after the ice had damaged two of its piers. Engineers from Almaty will "
    "look at it, and lorries are sent over the old road by Ayagoz until then, the regional akimat said."
)
QUOTED = STORY.replace("“", "«").replace("”", "»")
SITE = f"{STORY}\nRead also: Tokayev visits Baku on 5 May"
WITH_7 = STORY.replace("4 percent", "7 percent")
TEXTS = (STORY, QUOTED, SITE, WITH_7, WITH_7.upper(), OTHER, OTHER.replace(" on Monday", " on  Monday"))


def candidate(number: int, text: str, day: str | None = "2026-03-04", **changes: str | None) -> Candidate:
    """An article that holds `text`, in a file named by its number."""
    made = Candidate(
        article_id=f"id{number}",
        title="News",
        published_at=day,
        outlet=None,
        file=f"{number:03}.txt",
        start=0,
        signature=signature_of(text),
        text=lambda: text,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_twins_are_grouped_and_the_first_by_file_stands_for_them() -> None:
    """Another story stands for itself."""
    found = near_duplicates([candidate(3, SITE), candidate(1, STORY), candidate(2, QUOTED), candidate(4, OTHER)])
    assert found == {"id2": "id1", "id3": "id1"}


def test_of_one_file_the_first_in_place_stands() -> None:
    """The order of ids says nothing."""
    twins = [candidate(1, STORY, file="a.txt", start=900), candidate(2, QUOTED, file="a.txt", start=20)]
    assert near_duplicates(twins) == {"id1": "id2"}


def test_when_the_standing_one_goes_another_takes_its_place() -> None:
    """The next by file."""
    assert near_duplicates([candidate(2, QUOTED), candidate(3, SITE)]) == {"id3": "id2"}


def test_a_figure_that_differs_makes_two_reports() -> None:
    """4 percent and 7 percent."""
    assert near_duplicates([candidate(1, STORY), candidate(2, WITH_7)]) == {}


@pytest.mark.parametrize(
    ("day", "other", "grouped"),
    [
        ("2026-03-04", "2026-03-05", False),
        ("2026-03-04", None, False),
        (None, None, True),
        ("2026-03-04T10:00", "2026-03-04T15:30", True),
        ("2026-03-04T10:00", "2026-03-04", True),
    ],
)
def test_twins_are_of_one_day(day: str | None, other: str | None, grouped: bool) -> None:
    """The time within the day says nothing of the story; a day that only one has does."""
    assert bool(near_duplicates([candidate(1, STORY, day), candidate(2, QUOTED, other)])) == grouped


@pytest.mark.parametrize(
    ("outlet", "other", "grouped"), [("Kazinform", "Zakon", False), ("Zakon", "ZAKON", True), ("Zakon", None, True)]
)
def test_twins_are_of_one_outlet_as_far_as_both_name_it(outlet: str, other: str | None, grouped: bool) -> None:
    """Who published is what a reader may filter by."""
    twins = [candidate(1, STORY, outlet=outlet), candidate(2, QUOTED, outlet=other)]
    assert bool(near_duplicates(twins)) == grouped


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(["2026-03-04", None])), max_size=12), st.randoms())
def test_groups_do_not_depend_on_the_order_and_do_not_chain(
    chosen: list[tuple[str, str | None]], rng: random.Random
) -> None:
    """Each of a group agrees with the one that stands for it, and those that stand have no twins left."""
    candidates = [candidate(number, *one) for number, one in enumerate(chosen)]
    found = near_duplicates(candidates)
    shuffled = rng.sample(candidates, len(candidates))
    assert near_duplicates(shuffled) == found
    assert not set(found) & set(found.values())  # who stands for others stands for itself
    by_id = {one.article_id: one for one in candidates}
    for twin, first in found.items():
        assert by_id[first].file < by_id[twin].file
        assert near_duplicates([by_id[twin], by_id[first]]) == {twin: first}
    assert near_duplicates([one for one in candidates if one.article_id not in found]) == {}


@settings(deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=8), st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_what_was_settled_before_changes_no_group(texts: list[str], before: set[int], now: set[int]) -> None:
    """Whoever came or went in between, those that stayed need not be read again."""
    candidates = [candidate(number, text) for number, text in enumerate(texts)]
    earlier = [candidates[number] for number in sorted(before) if number < len(texts)]
    later = [candidates[number] for number in sorted(now) if number < len(texts)]
    found = near_duplicates(earlier)
    settled = {one.article_id: found.get(one.article_id, one.article_id) for one in earlier if one in later}
    assert near_duplicates(later, settled) == near_duplicates(later)


def test_what_was_settled_is_not_read_again() -> None:
    """Not even where it collides with others that were."""
    twins = [candidate(1, STORY), candidate(2, QUOTED), candidate(3, WITH_7)]
    unread = [replace(one, text=lambda: pytest.fail("read")) for one in twins]
    settled = {"id1": "id1", "id2": "id1", "id3": "id3"}
    assert near_duplicates(unread, settled) == {"id2": "id1"}


def test_a_file_added_behind_the_others_changes_no_group() -> None:
    """It joins one or stands for itself."""
    before = [candidate(1, STORY), candidate(2, QUOTED), candidate(3, WITH_7)]
    found = near_duplicates(before)
    after = near_duplicates([*before, candidate(4, WITH_7.upper()), candidate(5, SITE)])
    assert after == {**found, "id4": "id3", "id5": "id1"}


def test_boilerplate_that_differs_in_a_figure_stays_apart_and_its_twins_are_found() -> None:
    """More of it than a bucket is compared in full."""
    rates = [
        f"The official rate of the dollar set by the National Bank of Kazakhstan for today is {rate / 100:.2f} tenge, "
        "the press service of the bank said. Exchange offices may set rates of their own within the limits of the law."
        for rate in range(45_000, 45_000 + 4 * CROWD)
    ]
    candidates = [candidate(number, text, None) for number, text in enumerate(rates)]
    assert near_duplicates(candidates) == {}
    twin = candidate(900, rates[-1].replace(", the press", " – the press"), None)
    assert near_duplicates([*candidates, twin]) == {"id900": candidates[-1].article_id}


def test_a_crowd_of_twins_is_read_once_each() -> None:
    """However many bands they share."""
    calls: list[int] = []

    def counted(number: int) -> Candidate:
        return replace(candidate(number, STORY), text=lambda: calls.append(number) or STORY)  # type: ignore[func-returns-value]

    found = near_duplicates([counted(number) for number in range(5 * CROWD)])
    assert set(found.values()) == {"id0"}
    assert len(found) == 5 * CROWD - 1
    assert len(calls) == 5 * CROWD


def test_an_unlike_text_is_never_read() -> None:
    """The signatures are enough to tell."""
    unread = replace(candidate(2, OTHER), text=lambda: pytest.fail("read"))
    assert near_duplicates([replace(candidate(1, STORY), text=lambda: pytest.fail("read")), unread]) == {}


def test_a_signature_is_the_same_in_another_process() -> None:
    """It is stored, so it may not hang on the hash seed of a process."""
    code = "import sys; from rag.duplicates import signature_of; print(signature_of(sys.argv[1]).hex())"
    run = subprocess.run([sys.executable, "-c", code, STORY], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == signature_of(STORY).hex()


def test_a_signature_is_the_one_that_was_stored() -> None:
    """If this changes, the version has to change with it."""
    assert (
        signature_of("Жаңа көпір Semey 208 km").hex()[:58]
        == "01bf28c89d14a460809ef1fbaff6f8585ca3a58b8e4d863dd751a0368b"
    )


def test_a_signature_of_another_version_is_refused() -> None:
    """Nothing in it could be compared."""
    old = candidate(1, STORY)
    with pytest.raises(ValueError, match="version"):
        near_duplicates([old, replace(candidate(2, STORY), signature=b"\0" + old.signature[1:])])


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_signature_of_one_length(text: str) -> None:
    """An empty one too."""
    assert len(signature_of(text)) == len(signature_of(""))


def test_what_is_longer_than_any_story_is_only_like_itself() -> None:
    """A book costs one hash, not one for every three of its words."""
    book = " ".join(f"{number} lines of {STORY}" for number in range(1000))
    assert len(book) > 200_000
    assert near_duplicates([candidate(1, book), candidate(2, book.replace("“", "«"))]) == {}


def test_none_and_one_have_no_twins() -> None:
    """Nothing to compare."""
    assert near_duplicates([]) == {}
    assert near_duplicates([candidate(1, STORY)]) == {}
