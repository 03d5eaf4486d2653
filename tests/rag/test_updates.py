"""Two reports of one figure, told from all that only looks like it, in made-up articles."""

import pytest
from shelf import evidence_of, retrieved

from rag.evidence import Evidence
from rag.updates import Conflict, find_conflict

NEAR = 0.3  # of the embedder that hashes words


def said(text: str, day: str | None, title: str = "Story") -> Evidence:
    """The only sentence of an article."""
    return evidence_of("How many?", retrieved(title, text, published_at=day))[0]


def conflict(one: str, other: str, titles: tuple[str, str] = ("One", "Two")) -> Conflict | None:
    """What is found between a sentence of 3 March and one of 5 March."""
    return find_conflict(said(one, "2026-03-03", titles[0]), [said(other, "2026-03-05", titles[1])], near=NEAR)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("In Aktobe region, 120 people left their homes.", "In Aktobe region, 340 people left their homes."),
        (
            "In Aktobe region, 120 people left their homes because of the flood.",
            "As of 5 March, 340 people in Aktobe region left their homes because of the flood.",
        ),
        ("Inflation in Kazakhstan stood at 9.1% in 2025.", "Inflation in Kazakhstan stood at 9.4% in 2025."),
        ("The bridge in Pavlodar costs 12 billion tenge.", "The new bridge in Pavlodar costs 15 billion tenge."),
        ("The fire in Semey killed 3 people on Monday.", "The fire in Semey killed 5 people on Wednesday."),
        (
            "Длина дороги Кызылорда – Жезказган составит 208 км.",
            "Длина новой дороги Кызылорда – Жезказган составит 215 км.",
        ),
        ("Ақтөбе облысында 120 адам көшірілді.", "Ақтөбе облысында су тасқынынан 340 адам көшірілді."),
    ],
)
def test_reports_of_one_figure(one: str, other: str) -> None:
    """The earlier and the later are told apart by their articles' days, whichever is cited."""
    early, late = said(one, "2026-03-03"), said(other, "2026-03-05T10:00")
    for cited, evidence in ((early, [late]), (late, [early])):
        found = find_conflict(cited, evidence, near=NEAR)
        assert found is not None
        assert (found.earlier.text, found.later.text) == (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("In Aktobe region, 120 people left their homes.", "In Aktobe region, 120 people left their homes early."),
        ("In Aktobe region, 120 people left their homes.", "In Atyrau region, 340 people left their homes."),
        ("In Aktobe region, 120 people left their homes.", "In Aktobe region, another 340 people left their homes."),
        ("In Aktobe region, 120 people left their homes.", "In Aktobe region, 340 people have not left their homes."),
        ("In Aktobe region, 120 people left their homes.", "In Aktobe region, 340 families left their homes."),
        ("The hospital in Taraz will have 300 beds.", "The hospital in Taraz has 250 beds."),
        ("Prices in Astana grew by 9.1% in January 2026.", "Prices in Astana grew by 9.4% in February 2026."),
        ("Prices in Astana grew by 9.1% in 2024.", "Prices in Astana grew by 9.4% in 2025."),
        ("Exports to China grew by 12%.", "Imports from China grew by 15%."),
        ("Prices in Astana grew by 12%.", "Prices in Astana grew by 12 tenge."),
        ("In Almaty 12 schools with 40 teachers opened.", "In Almaty 15 schools with 50 teachers opened."),
        ("Тариф на воду в Алматы – 120 тенге.", "Тариф на тепло в Алматы – 150 тенге."),
        ("В Алматы построили 12 школ.", "В Алматы будет построено 15 школ."),
        ("The road is 208 km long.", "The road is 300 km long."),
    ],
)
def test_other_figures(one: str, other: str) -> None:
    """Another place, time, unit, thing, direction, a plan, a part, or nobody knows of what: no update."""
    assert conflict(one, other) is None
    assert conflict(other, one) is None


def test_headlines_name_what_sentences_leave_out() -> None:
    """A sentence without a name is about what its headline names."""
    one, other = "The road is 208 km long.", "The road is 300 km long."
    assert conflict(one, other, ("The road to Zhezkazgan opens", "The road to Zhezkazgan")) is not None
    assert conflict(one, other, ("The road to Zhezkazgan opens", "The road to Balkhash")) is None


@pytest.mark.parametrize("day", [None, "2026-03-03", "2026-03-03T23:59"])
def test_no_order_no_update(day: str | None) -> None:
    """Articles of one day, or without a date, are in no order."""
    one = said("In Aktobe region, 120 people left their homes.", "2026-03-03")
    assert find_conflict(one, [said("In Aktobe region, 340 people left their homes.", day)], near=NEAR) is None


def test_the_last_of_several() -> None:
    """Of several later figures the last; sentences of the cited article and far ones are none."""
    text = "In Aktobe region, {} people left their homes."
    cited = said(text.format(120), "2026-03-03")
    others = [said(text.format(n), f"2026-03-{day:02}") for n, day in ((200, 4), (340, 6), (300, 5))]
    found = find_conflict(cited, [cited, *others], near=NEAR)
    assert found is not None and found.later.text == text.format(340)
    assert find_conflict(cited, others, near=0.999) is None
    assert find_conflict(cited, [], near=NEAR) is None
