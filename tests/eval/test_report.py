"""The page about runs: complete or absent, closed to the network and to what a run says, and working in a browser."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import browser
from playwright.sync_api import Page
from runs import a_record, a_run, an_answer, failed, ranked, refused, right, wrong

from eval.reading import Run
from eval.report import render, write_report
from rag.errors import InputError

UNANSWERABLE: dict[str, Any] = {
    "type": "unanswerable", "answerable": False, "answers": [], "must_include": [], "evidence": [], "gold": [],
}  # fmt: skip
HOSTILE = (
    "</script></title></style><script>document.title='owned'</script><img src=http://x.test/a onerror=alert(1)>\"' &"
)


def _runs() -> list[Run]:
    """Two runs in which every verdict occurs."""
    return [
        a_run(
            "first",
            a_record("q1", right()),
            a_record("q2", wrong(), question="How long is the BUS line?", type="factoid"),
            a_record("q3", refused(), lang="ru", question="Сколько стоит билет?", split="test"),
            a_record("q4", refused(rightly=True), **UNANSWERABLE),
            a_record("q5", failed()),
        ),
        a_run(
            "second",
            a_record("q1", right()),
            a_record("q2", right(), question="How long is the BUS line?", type="factoid"),
            a_record("q3", refused(), lang="ru", question="Сколько стоит билет?", split="test"),
            a_record("q4", wrong("Someone."), **UNANSWERABLE),
            a_record("q5", right()),
        ),
    ]


@pytest.fixture(scope="module")
def text() -> str:
    """The page of the two runs."""
    return render(_runs())


class _Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is made; a failure leaves the page of before and no part of a new one."""
    path = tmp_path / "pages" / "report.html"
    assert write_report(_runs()[:1], path) == path
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_report(_runs()[:1], path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_the_same_runs_give_the_same_page(text: str) -> None:
    """Nothing of the hour or of chance is in it."""
    assert render(_runs()) == text


def test_runs_that_make_no_report_are_refused() -> None:
    """None, or two of one name."""
    with pytest.raises(InputError, match="needs a run"):
        render([])
    with pytest.raises(InputError, match="run first is named twice"):
        render([_runs()[0], _runs()[0]])


def test_the_page_says_what_the_runs_showed(text: str) -> None:
    """Headline, difference of the runs, every question with gold, answer, reason and quotation."""
    for expected in (
        "Of 4 questions that the sources answer, 25", "second against first", "2 became right and 1 became wrong",
        "refused rightly", "refused wrongly", "EngineFailed", "missing 14; wrong number 11", "14 kilometres",
        "<mark>It is 14 kilometres\nlong.<sup>1</sup></mark>", "Сколько стоит билет?", "Rank of the gold passage",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_run_of_rankings_has_its_page() -> None:
    """No answers: the plots about them are left out with the reason, questions show where gold was ranked."""
    page = render([a_run("words", a_record("1", ranked("tram")), a_record("2", ranked("park")), complete=False)])
    for expected in ("gold ranked first", "gold not found", "first was park", "Left out:", "The run is not complete"):
        assert expected in page
    assert "second against" not in page


def test_runs_of_other_questions_stand_side_by_side() -> None:
    """What can't be compared is said in the place of the comparison; the rest of the page is there."""
    page = render([_runs()[0], a_run("other", a_record("z1"), set={"name": "buses", "sha256": "cd" * 32})])
    assert "runs first and other have no question in common" in page
    assert "Evaluations of trams, buses" in page


def test_nothing_in_a_run_becomes_part_of_the_page(text: str) -> None:
    """Markup in any text of a run stays text: no element, attribute or policy of the page comes from it."""
    answer = an_answer(HOSTILE, retrieved=[{"passage_id": "tram-0", "text": f"{HOSTILE} It is 14 kilometres long."}])
    answer["citations"][0] |= {"title": HOSTILE, "file": HOSTILE, "outlet": HOSTILE}
    values = dict.fromkeys(("question", "type", "lang", "split", "haystack"), HOSTILE) | {
        "answers": [HOSTILE],
        "must_include": [[HOSTILE]],
        "evidence": [{"file": HOSTILE, "quote": HOSTILE}],
    }
    told = dict.fromkeys(("mode", "model", "embedder", "commit", "judge", "started_at"), HOSTILE)
    plain = {tag for tag, _ in _Elements(text).found}
    named = {"set": {"name": HOSTILE, "sha256": HOSTILE}}
    runs = [a_run(HOSTILE, a_record(HOSTILE, right(answer=answer), **values), **told, **named)]
    elements = _Elements(render(runs)).found
    assert {tag for tag, _ in elements} <= plain
    assert [tag for tag, _ in elements].count("script") == 1
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on") or name == "src"]


def test_what_no_page_can_hold_is_replaced(tmp_path: Path) -> None:
    """Control characters and lone surrogates do not stop the page from being written, nor get into it."""
    reply = wrong("a\x00b\ud800c\x1b[2J")
    page = write_report(
        [a_run("mine", a_record("q\udfff1", reply, question="\x08?"))], tmp_path / "r.html"
    ).read_bytes()
    assert "a�b�c�[2J" in page.decode("utf-8")
    assert not re.search(rb"[\x00\x08\x1b]", page)


def test_the_page_refers_to_nothing_outside(text: str) -> None:
    """No address that a browser would load; its policy allows its own style and script by their hashes only."""
    elements = _Elements(text).found
    loading = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "style", "background"}
    assert not [(tag, name) for tag, attributes in elements for name in attributes if name in loading]
    assert not [tag for tag, _ in elements if tag in ("link", "iframe", "object", "embed", "img", "base")]
    assert "@import" not in text and "url(" not in text
    policy = next(a["content"] or "" for _, a in elements if a.get("http-equiv") == "Content-Security-Policy")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
    addresses = set(re.findall(r"https?://[^\"'\s<>]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names, not addresses


def test_headings_go_down_by_one(text: str) -> None:
    """One h1, and no level is left out on the way down."""
    levels = [int(tag[1]) for tag, _ in _Elements(text).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.fixture(scope="module")
def page(text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of two runs, opened from its file in a real browser. Whatever it asks for or complains of fails."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(text, "utf-8")
    with browser() as started:
        opened = started.new_page(viewport={"width": 1280, "height": 900})
        told: list[str] = []
        opened.on("console", lambda message: told.append(message.text))
        opened.on("pageerror", lambda error: told.append(str(error)))
        opened.on("request", lambda request: told.append(request.url) if request.url != path.as_uri() else None)
        opened.goto(path.as_uri())
        yield opened
        assert told == []


def _questions(page: Page) -> list[str]:
    return [one.split()[-1] for one in page.locator("article.question:not([hidden]) .id").all_text_contents()]


def _reset(page: Page) -> None:
    """Clear the filters, and let the timer run that applies them then."""
    page.click("button[type=reset]")
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    page.get_by_text("5 of 5 questions", exact=True).wait_for()


@pytest.fixture
def cleared(page: Page) -> Page:
    """The page without filters."""
    _reset(page)
    return page


@pytest.mark.parametrize(
    ("field", "option", "expected"),
    [
        ("state", "right", ["q1", "q2", "q5"]),
        ("state", "wrong", ["q2", "q4"]),
        ("state", "refused rightly", ["q4"]),
        ("state", "refused wrongly", ["q3"]),
        ("state", "failed", ["q5"]),
        ("type", "factoid", ["q2"]),
        ("lang", "ru", ["q3"]),
        ("split", "test", ["q3"]),
        ("differ", "answers", ["q2", "q4", "q5"]),
        ("differ", "verdicts", ["q2", "q4", "q5"]),
    ],
)
def test_questions_are_filtered(cleared: Page, field: str, option: str, expected: list[str]) -> None:
    """By verdict in any run, type, language, half, and by what differs; the count is said."""
    cleared.select_option(f"select[name={field}]", option)
    assert _questions(cleared) == expected
    assert cleared.inner_text("#shown") == f"{len(expected)} of 5 questions"


def test_filters_add_up(cleared: Page) -> None:
    """A verdict in one run alone; words, in any case and script, anywhere in the question or its answers."""
    cleared.select_option("select[name=state]", "right")
    cleared.select_option("select[name=run]", "first")
    assert _questions(cleared) == ["q1"]
    _reset(cleared)
    cleared.fill("input[name=text]", "long bus")
    assert _questions(cleared) == ["q2"]
    cleared.fill("input[name=text]", "СТОИТ")
    assert _questions(cleared) == ["q3"]


def test_a_question_opens_from_the_keyboard(cleared: Page) -> None:
    """The summary takes the focus and Enter shows the quotation in its passage."""
    cleared.locator("article.question summary").first.focus()
    assert not cleared.locator("article.question mark").first.is_visible()
    cleared.keyboard.press("Enter")
    assert cleared.locator("article.question mark").first.is_visible()
    cleared.click("#close-all")


def test_the_page_fits_a_telephone(page: Page) -> None:
    """At 400 px nothing is wider than the screen but tables, which scroll by themselves."""
    page.click("#open-all")
    page.set_viewport_size({"width": 400, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.set_viewport_size({"width": 1280, "height": 900})
    page.click("#close-all")


def test_dark_and_light_read_alike(page: Page) -> None:
    """Text and each run's colour stand out from the paper by 4.5 to 1 (WCAG 2.2, 1.4.3), whichever the reader likes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours = page.evaluate(
            """names => { const probe = document.body.appendChild(document.createElement("i")); const found = {};
                for (const name of names) {
                  probe.style.color = `var(--${name})`; found[name] = getComputedStyle(probe).color; }
                probe.remove(); return found; }""",
            ["paper", "ink", "soft", "good", "bad", "link", *(f"run-{n}" for n in range(1, 7))],
        )
        paper = _luminance(colours.pop("paper"))
        for name, colour in colours.items():
            low, high = sorted((paper, _luminance(colour)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (scheme, name, colour)


def _luminance(colour: str) -> float:
    """Relative luminance of an `rgb(…)` colour (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_without_script_every_question_is_shown(page: Page) -> None:
    """The filter stays hidden, and nothing else does."""
    context = page.context.browser
    assert context is not None
    plain = context.new_page(java_script_enabled=False)
    plain.goto(page.url)
    assert not plain.locator("#filter").is_visible()
    assert plain.locator("article.question:visible").count() == 5
    plain.close()
