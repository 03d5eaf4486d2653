"""Runs and comparisons in a terminal: what is shown, what is coloured, and that nothing in a run steers it."""

from rich.console import Console
from runs import a_record, a_run, failed, ranked, refused, right, wrong

from eval.compare import compare
from eval.reading import Run
from eval.tables import estimate_cell, failures_table, print_comparison, print_run


def _console(*, colour: bool = False) -> Console:
    return Console(width=160, record=True, force_terminal=colour, color_system="standard" if colour else None)


def _shown(run: Run, *, failures: bool = False) -> str:
    console = _console()
    with console.capture() as captured:
        print_run(run, console, failures=failures)
    return captured.get()


def test_a_run_is_shown_with_halves_groups_and_costs() -> None:
    """Each metric on all questions, dev and test; by type and language; seconds and tokens; calibration."""
    shown = _shown(
        a_run("mine", a_record("1", right()), a_record("2", wrong(), split="test", lang="ru"), a_record("3", failed()))
    )
    assert "mine: 3 questions of trams, mode generate" in shown
    right_line = next(line for line in shown.splitlines() if line.startswith("right"))
    assert ".33 [.00, 1.00] 3" in right_line  # all
    assert ".50 [.00, 1.00] 2" in right_line  # dev: one right, one failed
    assert ".00 [.00, .00] 1" in right_line  # test
    for expected in ("errors", "all questions", "test half", "numeric", "ru", "tokens of the prompt", "ECE"):
        assert expected in shown


def test_a_run_of_rankings_has_no_tables_without_rows() -> None:
    """Nothing was answered: seconds alone, no tokens, no calibration, no empty table."""
    shown = _shown(a_run("mine", a_record("1", ranked("tram")), complete=False))
    assert "not complete, 1 questions" in shown
    assert "hit@1" in shown
    assert "seconds" in shown
    assert "tokens" not in shown and "confidence" not in shown


def test_failures_say_what_went_wrong() -> None:
    """Wrong, refused and failed questions with gold and reason; right ones are left out."""
    records = [a_record("1", right()), a_record("2", wrong()), a_record("3", refused()), a_record("4", failed())]
    table = failures_table(records)
    assert table.row_count == 3
    console = _console()
    with console.capture() as captured:
        console.print(table)
    for expected in ("wrong number 11", "14 kilometres", "refused wrongly", "EngineFailed"):
        assert expected in captured.get()


def test_a_comparison_colours_what_is_beyond_chance() -> None:
    """Better is green, worse is red, and a difference whose interval holds 0 has no colour."""
    ids = [str(n) for n in range(12)]
    a = a_run("old", *(a_record(one, wrong()) for one in ids), a_record("13", right()))
    b = a_run("new", *(a_record(one, right()) for one in ids), a_record("14", right()))
    lines = {}
    for first, second in ((a, b), (b, a)):
        console = _console(colour=True)
        with console.capture() as captured:
            print_comparison(compare(first, second), console)
        lines[first.name] = captured.get().splitlines()
    green, red = "\x1b[32m", "\x1b[31m"

    def line(run: str, start: str) -> str:
        return next(one for one in lines[run] if one.startswith(start))

    assert green in line("old", "right ") and "better" in line("old", "right ")
    assert red in line("new", "right ") and "worse" in line("new", "right ")
    assert green not in line("old", "hit@1") and red not in line("old", "hit@1")
    text = "\n".join(lines["old"])
    assert "12 questions in both" in text and "1 in old only" in text and "1 in new only" in text
    assert "12 questions became right, 0 became wrong" in text
    assert "It is 11 kilometres long." in text and "It is 14 kilometres long." in text


def test_runs_without_a_flip_say_so() -> None:
    """No table of flipped questions where there are none; doubts are told."""
    run = a_run("mine", a_record("1", right()), complete=False)
    console = _console()
    with console.capture() as captured:
        print_comparison(compare(run, run), console)
    assert "0 questions became right, 0 became wrong" in captured.get()
    assert "beware: mine is not complete" in captured.get()


def test_nothing_in_a_run_steers_the_terminal() -> None:
    """Markup is shown as it is, escape sequences and marks of direction are not passed on."""
    hostile = "[red]x[/] \x1b]0;owned\x07\x1b[2J \u202eback \ud800 [/bold]"
    run = a_run("mine", a_record("1", wrong(hostile), question=hostile, type=hostile, answers=[hostile]))
    shown = _shown(run, failures=True)
    assert "[red]x[/]" in shown
    assert not set(shown) & {"\x1b", "\x07", "\u202e", "\ud800"}


def test_cells_are_short() -> None:
    """No leading zero below one; three figures above; nothing for nothing."""
    assert estimate_cell({"value": 0.914, "n": 106, "low": 0.86, "high": 0.996}) == ".91 [.86, 1.00] 106"
    assert estimate_cell({"value": 14.63, "n": 7, "low": 13, "high": 16.5}) == "14.6 [13, 16.5] 7"
    assert estimate_cell(None) == ""
