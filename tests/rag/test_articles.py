"""From a source text to articles: the five seeds to the letter, and every oddity of their families on other stories."""

import functools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.articles import NO_LAYOUT, ParsedFile, article_text, read_articles
from rag.sources import list_seed_files, read_seed
from rag.types import Article, Source

REPOSITORY = Path(__file__).parents[2]
SEEDS = REPOSITORY / "seeds"
GOLDEN = json.loads(Path(__file__).with_name("golden").joinpath("articles.json").read_text("utf-8"))

BODY_A = "The bridge over the river was opened on Monday. It is 300 metres long.\nTraffic began at noon."
BODY_B = "A new school has been built in the north of the city. It has room for 600 pupils."
DAILY = f"12.05.2025\nBridge opened in the south\n{BODY_A}\n11.05.2025\nSchool built in the north\n{BODY_B}\n"
FEED = (
    "12.05.2025, 10:30 1234\nBridge opened in the south\nPhoto | city.example\nShare\n"
    f"{BODY_A}\n"
    "This material may not be reproduced without reference to Morning Post. Copyright of materials of Morning Post.\n"
    "related news\n"
    "11.05.2025, 09:05 99\nSchool built in the north\nPhoto | Stock\nShare\n"
    f"{BODY_B}\n"
    "This material may not be reproduced without reference to Morning Post. Copyright of materials of Morning Post.\n"
)
SECTION = (
    "Evening Star\n\nSociety\n\n"
    "Bridge opened in the south 12.05.2025\n"
    "The bridge was opened on Monday.It is long.Source : https://city.example/news/1?lang=en\n"
    "School built in the north 11.05.2025\n"
    "A new school has been built. It has room for 600 pupils.\n"
)


def parse(text: str, file: str = "any.txt") -> ParsedFile:
    """What the parser sees in a text, and the promises that hold for every text."""
    parsed = read_articles(Source(file=file, sha256="0" * 64, text=text))
    at = 0
    for article in parsed.articles:
        assert article.body
        assert at <= article.span.start <= article.span.end == article.body[-1].end <= len(text)
        for piece, following in zip(article.body, [*article.body[1:], None], strict=True):
            quoted = text[piece.start : piece.end]
            assert quoted
            assert quoted == quoted.strip()
            assert following is None or piece.end <= following.start
        at = article.span.end
    return parsed


@functools.cache
def seed_articles() -> list[tuple[Article, str]]:
    """All articles of the repository's seeds with the text of their file."""
    sources = [read_seed(SEEDS, file).sources[0] for file in list_seed_files(SEEDS)]
    return [(article, source.text) for source in sources for article in read_articles(source).articles]


def titles(parsed: ParsedFile) -> list[str]:
    """Titles in the order of the file."""
    return [article.title for article in parsed.articles]


def test_seeds_are_read_as_recorded() -> None:
    """Titles, dates, languages, outlets, addresses and spans of all 56 articles are as checked by eye."""
    seen = [
        {
            "file": article.file,
            "title": article.title,
            "published_at": article.published_at,
            "language": article.language,
            "outlet": article.outlet,
            "url": article.url,
            "start": article.span.start,
            "end": article.span.end,
            "pieces": len(article.body),
            "first": article_text(article, text)[:40],
            "last": article_text(article, text)[-40:],
        }
        for article, text in seed_articles()
    ]
    assert len(seen) == 56
    assert seen == GOLDEN


def test_seeds_give_no_warning() -> None:
    """Every seed file is of a known layout and leaves no doubt."""
    for file in list_seed_files(SEEDS):
        parsed = read_articles(read_seed(SEEDS, file).sources[0])
        assert (parsed.warnings, parsed.layout != NO_LAYOUT) == ((), True)


def test_seeds_with_other_newlines_hold_the_same_articles() -> None:
    """Windows newlines change no id, title or date of any seed's articles."""
    for file in list_seed_files(SEEDS):
        source = read_seed(SEEDS, file).sources[0]
        windows = replace(source, text=source.text.replace("\n", "\r\n"))
        assert [(a.article_id, a.title, a.published_at, a.outlet) for a in read_articles(windows).articles] == [
            (a.article_id, a.title, a.published_at, a.outlet) for a in read_articles(source).articles
        ]


def test_each_article_of_the_seeds_stands_alone() -> None:
    """An article cut out of its file, tail and all, is the same article as the only one of a file, without a doubt."""
    articles = seed_articles()
    for (article, text), (after, _) in zip(articles, [*articles[1:], (articles[0][0], "")], strict=True):
        end = after.span.start if after.file == article.file and after.span > article.span else len(text)
        alone = parse(text[article.span.start : end])
        assert ([one.article_id for one in alone.articles], alone.warnings) == ([article.article_id], ())


@pytest.mark.parametrize(
    "phrase",
    ["Tell a friend", "Images |", "relevant news", "may not be reproduced", "Copyright of", "Most viewed", "Source :",
     "date 2026-", "Amur tigers", "KAZAKHSTAN TODAY LIVE"],
)  # fmt: skip
def test_no_piece_of_a_seed_holds_what_belongs_to_the_page(phrase: str) -> None:
    """Credits, buttons, notices and the lists around the stories can't be quoted."""
    assert [article.title for article, text in seed_articles() if phrase in article_text(article, text)] == []


def test_ids_are_those_of_the_content() -> None:
    """The same story has the same id in another file, behind other stories, with other newlines."""
    first, second = parse(DAILY).articles
    alone = parse("\r\n\r\n11.05.2025\r\nSCHOOL  built in the\u00a0north\r\n" + BODY_B + "\r\n", "b.txt").articles
    assert [article.article_id for article in alone] == [second.article_id]
    assert first.article_id != second.article_id
    assert len(first.article_id) == 16
    other_day = parse(DAILY.replace("11.05.2025", "10.05.2025")).articles[1]
    assert other_day.article_id != second.article_id


@pytest.mark.parametrize(
    ("text", "dates", "outlet"),
    [
        (DAILY, ["2025-05-12", "2025-05-11"], None),
        (FEED, ["2025-05-12T10:30", "2025-05-11T09:05"], "Morning Post"),
        (SECTION, ["2025-05-12", "2025-05-11"], "Evening Star"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", ["", " ", "\u00a0"])
def test_families(text: str, dates: list[str], outlet: str | None, newline: str, indent: str) -> None:
    """Each family gives the same two stories, whatever its newlines and the blanks around its lines."""
    lines = [indent + line + indent for line in text.split("\n")]
    parsed = parse(newline.join(lines))
    assert titles(parsed) == ["Bridge opened in the south", "School built in the north"]
    assert [article.published_at for article in parsed.articles] == dates
    assert {article.outlet for article in parsed.articles} == {outlet}
    assert parsed.warnings == ()


def test_furniture_is_in_no_piece() -> None:
    """Of a feed's story only its paragraphs can be quoted."""
    first, second = parse(FEED).articles
    assert article_text(first, FEED) == BODY_A
    assert article_text(second, FEED) == BODY_B


def test_source_remark_is_cut_and_kept_as_address() -> None:
    """A "Source : URL" glued to the end becomes the address; a story without one has none."""
    first, second = parse(SECTION).articles
    assert first.url == "https://city.example/news/1?lang=en"
    assert article_text(first, SECTION).endswith("It is long.")
    assert second.url is None


def test_source_remark_behind_no_break_spaces() -> None:
    """No-break spaces before the remark are cut with it."""
    text = SECTION.replace("It is long.Source", "It is long.\u00a0\u00a0 Source")
    assert article_text(parse(text).articles[0], text).endswith("It is long.")


def test_remark_in_the_middle_parts_the_body() -> None:
    """A cut within a body leaves two pieces, none of which holds it."""
    text = SECTION.replace("?lang=en", "?lang=en More was said later.")
    first = parse(text).articles[0]
    assert [text[piece.start : piece.end] for piece in first.body] == [
        "The bridge was opened on Monday.It is long.",
        "More was said later.",
    ]


@pytest.mark.parametrize("glue", ["", "\n", " ", ". ", "\u00a0"])
def test_title_repeated_at_the_start_of_the_body(glue: str) -> None:
    """A title that stands again before the body is no part of it, glued or not."""
    title = "Staff of the Northern Depot Help a Driver Home"
    text = f"Star\n\nNews\n\n{title} 12.05.2025\n{title}{glue}Workers of the depot helped a driver.\n"
    (article,) = parse(text).articles
    assert article_text(article, text) == "Workers of the depot helped a driver."


def test_body_that_begins_with_the_title_as_a_sentence() -> None:
    """A first sentence that begins with the title's words is kept whole."""
    text = "12.05.2025\nMayor opens the bridge\nMayor opens the bridge on Monday. He will cut a ribbon.\n"
    (article,) = parse(text).articles
    assert article_text(article, text).startswith("Mayor opens the bridge on Monday.")


def test_crawl_marker_is_no_date() -> None:
    """A crawler's mark in front of the first line is neither the date nor part of the article."""
    text = " date 2025-05-13 " + FEED
    first = parse(text).articles[0]
    assert first.published_at == "2025-05-12T10:30"
    assert first.span.start == len(" date 2025-05-13 ")


@pytest.mark.parametrize("head", ["date 2025-05-13\n", "date 2025-05-13 ", "Date: 2025-05-13T08:00\n\n"])
def test_crawl_marker_before_a_site_header(head: str) -> None:
    """The mark may stand before a header: the publisher is the line behind it."""
    assert {article.outlet for article in parse(head + SECTION).articles} == {"Evening Star"}


TAIL = (
    "12.05.2025, 08:45Ships return to the harbour 12.05.2025, 10:30Bridge opened in the south17981Bridge opened in the "
    "south 09.05.2025, 18:1017801Unknown story of a lake 08.05.2025, 11:0016116School built in the north"
)


@pytest.mark.parametrize("heading", ["", "Most read\n", "WEB TV\nMORNING LIVE\nMost popular\n", "Zxcv\n"])
def test_tail_of_links_is_no_article(heading: str) -> None:
    """A line of headlines run together, some of stories not in the file, ends the last story with what names it."""
    for text in (FEED + heading + TAIL + "\n", FEED[: FEED.rindex("This material")] + heading + TAIL):
        parsed = parse(text)
        assert titles(parsed) == ["Bridge opened in the south", "School built in the north"]
        assert article_text(parsed.articles[1], text) == BODY_B


def test_tail_of_links_on_lines_of_their_own_is_no_article() -> None:
    """Date lines and titles without bodies at the end of a file are links, with or without a heading."""
    links = "10.05.2025, 10:00\nShips return to the harbour\n12.05.2025, 10:30\nBridge opened in the south\n"
    for text in (FEED + links, FEED + "Most viewed\n" + links, FEED + "Popular\nShips return\nUnknown lake\n"):
        parsed = parse(text)
        assert titles(parsed) == ["Bridge opened in the south", "School built in the north"]
        assert article_text(parsed.articles[1], text) == BODY_B


def test_lines_that_every_story_shares_belong_to_the_page() -> None:
    """A button in words nobody foresaw is known by standing in every story."""
    stories = [f"{day}.05.2025\nStory of day {day}\nZap to pals\nOn day {day} it rained.\n" for day in (10, 11, 12)]
    text = "".join(stories)
    assert [article_text(article, text) for article in parse(text).articles] == [
        f"On day {day} it rained." for day in (10, 11, 12)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "13.05.2025 is the day of the next meeting, the council said.",
        "13.05.2025, 10:00 the plane landed in the capital.",
        "31.02.2025",
        "25.13.2025",
        "- 13.05.2025",
        "The term ends on 13.05.2025",
        "Applications are taken until 13.05.2025",
        "Schedule:\n13.05.2025\nMeeting of the council\n14.05.2025\nVisit of the depot\nBoth are open to the public.",
        "- first item\n13.05.2025\n- second item",
    ],
)
@pytest.mark.parametrize("text", [DAILY, FEED, SECTION])
def test_dates_in_a_body_open_no_article(text: str, line: str) -> None:
    """A line of the body that is, begins with or ends in a date stays in the body."""
    head, tail = text.split("A new school", 1)
    paragraph, rest = tail.split("\n", 1)
    mixed = f"{head}A new school{paragraph}\n{line}\nThe mayor thanked all workers for what they had done.\n{rest}"
    parsed = parse(mixed)
    assert titles(parsed) == ["Bridge opened in the south", "School built in the north"]
    body = article_text(parsed.articles[1], mixed)
    assert line in body
    assert body.endswith("what they had done.")


def test_date_line_with_nothing_after_it_is_dropped() -> None:
    """A last line that is only a date opens nothing and is quoted nowhere."""
    text = DAILY + "10.05.2025\n"
    parsed = parse(text)
    assert len(parsed.articles) == 2
    assert article_text(parsed.articles[1], text) == BODY_B


def test_impossible_time_is_no_date_line() -> None:
    """A time the clock does not have makes no headline."""
    assert len(parse(FEED.replace("11.05.2025, 09:05 99", "11.05.2025, 25:61 99")).articles) == 1


def test_stories_out_of_order_keep_their_dates() -> None:
    """Each story has the date of its own headline, in whatever order they come."""
    text = DAILY + f"13.05.2025\nLake rises again\n{BODY_B} Again.\n"
    assert [article.published_at for article in parse(text).articles] == ["2025-05-12", "2025-05-11", "2025-05-13"]


def test_title_in_capitals() -> None:
    """A title in capitals is a title like any other, and kept as it stands."""
    assert titles(parse(SECTION.replace("Bridge opened in the south", "BRIDGE OPENED: NOTICE")))[0] == (
        "BRIDGE OPENED: NOTICE"
    )


def test_file_of_one_article() -> None:
    """One story is enough to know a layout."""
    for text, layout in ((DAILY, "date line"), (FEED, "date and time line"), (SECTION, "title with date")):
        alone = text[: text.index("School") if "Evening" in text else text.index("11.05.2025")]
        parsed = parse(alone)
        assert (titles(parsed), parsed.layout) == (["Bridge opened in the south"], layout)


@pytest.mark.parametrize(
    "text",
    ["12.05.2025\nBridge opened in the south\n", "Star\n\nNews\n\nBridge opened in the south 12.05.2025\n"],
)
def test_title_without_a_body_is_its_own_body(text: str) -> None:
    """A headline with nothing below is kept, quotes its title, and is warned of with file and line."""
    parsed = parse(text, "lonely.txt")
    (article,) = parsed.articles
    assert article.title == article_text(article, text) == "Bridge opened in the south"
    assert article.published_at == "2025-05-12"
    assert parsed.warnings[0].startswith("lonely.txt:")


def test_unknown_layout_is_one_article_with_a_warning() -> None:
    """A file of no known layout is its first line as title, the rest as body, no date; the warning names it."""
    text = "\n\nA tale of two rivers\n\nIt was a wet spring.\n\nThen came summer.\n"
    parsed = parse(text, "odd/tale.txt")
    (article,) = parsed.articles
    assert (article.title, article.published_at, parsed.layout) == ("A tale of two rivers", None, NO_LAYOUT)
    assert article_text(article, text) == "It was a wet spring.\n\nThen came summer."
    assert "odd/tale.txt" in parsed.warnings[0]
    assert "DD.MM.YYYY" in parsed.warnings[0]


def test_running_text_before_the_first_headline_is_not_lost() -> None:
    """A story whose headline is missing at the top of a file becomes an article without date, with a warning."""
    remnant = "Rivers rose again in the east\n" + "The water rose by a metre in a single night. " * 10
    parsed = parse(f"{remnant}\n{DAILY}")
    assert titles(parsed)[0] == "Rivers rose again in the east"
    assert len(parsed.articles) == 3
    assert len(parsed.warnings) == 1


def test_same_story_twice_in_a_file_is_read_once() -> None:
    """A repeated story is one article, with a warning."""
    parsed = parse(DAILY + DAILY)
    assert len(parsed.articles) == 2
    assert len(parsed.warnings) == 2


def test_russian_title_over_an_english_body() -> None:
    """The language is the body's."""
    text = SECTION.replace("Bridge opened in the south", "В городе открыли новый мост")
    assert [article.language for article in parse(text).articles] == ["en", "en"]


@pytest.mark.parametrize(
    ("sentence", "outlet"),
    [
        ("The bridge was opened, Northern Wire reports.", "Northern Wire"),
        ("The bridge was opened, Northern News Agency cites the press service.", "Northern News Agency"),
        ("The bridge was opened, Wire24 has learned from the ministry.", "Wire24"),
        ("The bridge was opened, Wire24 has learnt from the ministry.", "Wire24"),
        ("The bridge was opened, Wire24 reports, citing the ministry's press service.", "Wire24"),
        ("The bridge was opened, Wire24 reports via the press service.", "Wire24"),
        ("The bridge was opened, bridges.example reports.", "bridges.example"),
        ("It was opened, Ministry of Roads of the City of Oz reports.", "Ministry of Roads of the City of Oz"),
        ("Мост открыли, сообщает агентство «Север».", "Север"),
        ("Мост открыли, передаёт корреспондент Sever.example.", "Sever.example"),
        ("Көпір ашылды, деп хабарлайды Солтүстік Ақпарат.", "Солтүстік Ақпарат"),
        ("Reports from regions were heard, and the audit reports were read.", None),
        ("The bridge was opened, President Ivanov reports.", None),
        ("The crime rate fell, the minister reports.", None),
    ],
)  # fmt: skip
def test_agency_that_reports(sentence: str, outlet: str | None) -> None:
    """Without a publisher of the file the outlet is the agency that reports, named as in the text."""
    assert parse(f"12.05.2025\nBridge opened in the south\n{sentence}\n").articles[0].outlet == outlet


def test_publisher_of_the_file_wins_over_the_agency() -> None:
    """A copyright line or a site header names the outlet even where an agency reports."""
    for text, outlet in ((FEED, "Morning Post"), (SECTION, "Evening Star")):
        told = text.replace("was opened on Monday.", "was opened on Monday, Northern Wire reports.")
        assert parse(told).articles[0].outlet == outlet


def test_words_about_copyright_are_no_notice() -> None:
    """A story about copyright keeps its sentences."""
    body = "The law protects copyrighted works. Copyright holders may ask for 5 percent."
    text = f"12.05.2025\nLaw on authors signed\n{body}\n"
    assert article_text(parse(text).articles[0], text) == body


def test_huge_line_is_read() -> None:
    """Five million characters on one line are an article, in linear time."""
    text = "word " * 1_000_000
    (article,) = parse(text).articles
    assert len(article.title) <= 200
    assert article.body[0].end == len(text) - 1


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        # a notice glued to the last sentence
        (FEED.replace("\nThis material", "This material"), [BODY_A, BODY_B]),
        # a credit above the title
        (FEED.replace("Bridge opened in the south\nPhoto | city.example", "Photo | A\nBridge opened in the south"),
         [BODY_A, BODY_B]),
        # no counts of views, no comma
        (FEED.replace(" 1234", "").replace("05, 99", "05").replace(",", ""), [BODY_A, BODY_B]),
        # a site named without an address
        (SECTION.replace("https://city.example/news/1?lang=en", "city.example"),
         ["The bridge was opened on Monday.It is long.", "A new school has been built. It has room for 600 pupils."]),
        # a body in paragraphs below a title with its date
        (SECTION.replace("It is long.", "\nIt is long.\n"),
         ["The bridge was opened on Monday.\nIt is long.", "A new school has been built. It has room for 600 pupils."]),
        # a tail below a section
        (SECTION + "Most read\nLake rises 10.05.2025\nBridge opened in the south 12.05.2025\n",
         ["The bridge was opened on Monday.It is long.", "A new school has been built. It has room for 600 pupils."]),
        # a bare date, a title in lower case
        (DAILY.replace("School built", "eSchool built").replace("Bridge opened", "how the bridge was opened"),
         [BODY_A, BODY_B]),
        # dates glued to words in a body are no list of links
        (SECTION.replace("pupils.", "pupils.It began on 01.02.2024The work ended on 03.04.2025In May it opened."),
         ["The bridge was opened on Monday.It is long.",
          "A new school has been built. It has room for 600 pupils.It began on 01.02.2024The work ended on "
          "03.04.2025In May it opened."]),
    ],
)  # fmt: skip
def test_variants_of_the_families(text: str, bodies: list[str]) -> None:
    """Small differences between sites of a family change nothing in what can be quoted."""
    parsed = parse(text)
    assert [article_text(article, text) for article in parsed.articles] == bodies
    assert [article.published_at and article.published_at[:10] for article in parsed.articles] == [
        "2025-05-12",
        "2025-05-11",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Morning Post\n\nPolitics\n\n",
        "https://post.example/news\nMorning Post\n",
        "Latest news\nMorning Post\nHome | News\n",
    ],
)
@pytest.mark.parametrize("text", [DAILY, FEED, SECTION[SECTION.index("Bridge") :]])
def test_site_header_of_any_family(header: str, text: str) -> None:
    """The first line of a header that is no link, menu or heading names the publisher, above every layout."""
    parsed = parse(header + text)
    assert {article.outlet for article in parsed.articles} == {"Morning Post"}
    assert len(parsed.articles) == 2


def test_header_that_comes_again_is_in_no_body() -> None:
    """Pages joined in one file repeat their header between stories; it is quoted nowhere."""
    text = SECTION.replace("School built", "Evening Star\n\nSociety\n\nSchool built")
    assert article_text(parse(text).articles[0], text).endswith("It is long.")


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff\n\u200b"])
def test_nothing_but_blanks_is_no_article(text: str) -> None:
    """A text of blanks holds no article and says so."""
    parsed = parse(text)
    assert parsed.articles == ()
    assert len(parsed.warnings) == 1


FRAGMENTS = st.sampled_from(
    ["12.05.2025", "31.02.2025", "12.05.2025, 10:30 12", "A title", "TITLE 12.05.2025", "\n", "\r\n", "\r", " ",
     "\u00a0", "Share", "Most read", "It rained. It stopped.", "- item", "© Post", "Source : https://a.example",
     "date 2025-01-01 ", "Images | x", "\u2028", "é", "Ә", "|", ":", '"', "1️⃣", TAIL]
)  # fmt: skip


@given(st.lists(FRAGMENTS | st.text(max_size=20), max_size=40).map("".join))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read(text: str) -> None:
    """No text breaks the parser; spans are in order and inside the text; reading twice gives the same."""
    first = parse(text)
    assert parse(text) == first
    assert len({article.article_id for article in first.articles}) == len(first.articles)
    if any(char.isalnum() for char in text.replace("date 2025-01-01", "")):
        assert first.articles


@given(st.integers(0, 5))
def test_place_in_the_file_does_not_change_an_id(blank_lines: int) -> None:
    """Ids do not depend on offsets."""
    moved = parse("\n" * blank_lines + FEED).articles
    assert [replace(a, span=b.span, body=b.body) for a, b in zip(moved, parse(FEED).articles, strict=True)] == list(
        parse(FEED).articles
    )
