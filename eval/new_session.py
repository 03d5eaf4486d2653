"""A person decides about drafts of questions, one after the other, or nobody does. Knows the terminal, not the model.

Each draft is shown with its sentence in context; what is accepted is in the file at once, so leaving at any point,
or being thrown out, costs nothing.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from rich.console import Console
from rich.text import Text

from eval.new import Draft, Dropped, SeedText
from eval.new_checks import TYPES, alternatives, faults_of, guess_type, must_include
from eval.question_file import UNSEEN, QuestionFile
from rag.languages import detect_language

_CONTEXT = 280  # characters shown on either side of the sentence
_CHOICES = "[a]ccept  [e]dit  [t]hrow away  [s]kip article  [q]uit"

Drafts = Iterator[Draft | Dropped]
Ask = Callable[[str, str], str]  # a label and the text to begin with -> what was typed; raises EOFError at the end


@dataclass(slots=True)
class Tally:
    """What became of the drafts. `dropped`: reasons with their counts; one draft may have several."""

    accepted: int = 0
    thrown: int = 0
    failed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def summary(self, path: object) -> str:
        """What to say at the end: the counts, and below them the reasons why drafts were shown to nobody."""
        added = "1 question" if self.accepted == 1 else f"{self.accepted} questions"
        lines = [f"{added} added to {path}, {self.thrown} thrown away, {self.failed} failed the checks"]
        lines += [f"  {count} × {reason}" for reason, count in self.dropped.most_common()]
        return "\n".join(lines)

    def note(self, dropped: Dropped) -> None:
        """Count a draft that nobody was shown."""
        self.failed += 1
        self.dropped.update(dropped.reasons)


class Quit(Exception):
    """The person has had enough."""


def keep_all(drafts: Drafts, out: QuestionFile, tally: Tally) -> None:
    """Add every draft that passed the checks, under ids that say that nobody has seen it."""
    for draft in drafts:
        if isinstance(draft, Dropped):
            tally.note(draft)
        else:
            out.add(draft, UNSEEN)
            tally.accepted += 1


def review(drafts: Drafts, out: QuestionFile, tally: Tally, console: Console, ask: Ask) -> None:
    """Show the drafts of an article until there are no more or the person skips it. Raises Quit, and EOFError."""
    for draft in _waited_for(drafts, console):
        if isinstance(draft, Dropped):
            tally.note(draft)
        elif not _decide(draft, out, tally, console, ask):
            return


def ask_on_terminal(label: str, before: str) -> str:
    """A line typed by a person, who may change `before` where the terminal can edit; an empty one stands for it."""
    hook = None
    if before and sys.stdin.isatty():
        with suppress(ImportError):  # not every Python has it
            import readline

            hook = readline.set_startup_hook
            hook(lambda: readline.insert_text(before))
    try:
        shown = f" [{before}]" if before and hook is None else ""
        return input(f"{label}{shown}: ").strip() or before
    finally:
        if hook is not None:
            hook()


def _waited_for(drafts: Drafts, console: Console) -> Drafts:
    while True:
        with console.status("drafting a question …"):
            draft = next(drafts, None)
        if draft is None:
            return
        yield draft


def _decide(draft: Draft, out: QuestionFile, tally: Tally, console: Console, ask: Ask) -> bool:
    """What the person makes of one draft; whether to go on with the article. Raises Quit."""
    _show_sentence(draft, console)
    while True:
        _show_question(draft, console)
        match ask(_CHOICES, "").casefold()[:1]:
            case "a":
                try:
                    added = out.add(draft)
                except ValueError as exc:
                    console.print(f"Not added: {exc}", markup=False)
                    continue
                tally.accepted += 1
                console.print(f"{added} added", style="green")
                return True
            case "e":
                draft = _edited(draft, out, console, ask)
            case "t":
                tally.thrown += 1
                return True
            case "s":
                return False
            case "q":
                raise Quit
            case _:
                console.print("a, e, t, s or q, and Enter")


def _edited(draft: Draft, out: QuestionFile, console: Console, ask: Ask) -> Draft:
    question = ask("Question", draft.question)
    answer = ask("Answer (other wordings after |)", draft.answer)
    guessed = guess_type(question, answer) if draft.type == guess_type(draft.question, draft.answer) else draft.type
    kind = ask(f"Type ({', '.join(TYPES)})", guessed)
    draft = replace(draft, question=question, answer=answer, type=kind, lang=detect_language(question))
    for fault in faults_of(question, answer, draft.quote, draft.lang, _readable(draft.seed), out.questions):
        console.print(f"Look again: {fault}", style="yellow", markup=False)
    return draft


def _show_sentence(draft: Draft, console: Console) -> None:
    article, text = draft.seed.article, draft.seed.text
    console.rule(characters="─")
    date = f", {article.published_at[:10]}" if article.published_at else ""
    console.print(Text(f"{article.title} ({draft.seed.file or article.file}{date})", style="bold"))
    start = max(article.span.start, draft.span.start - _CONTEXT)
    end = min(article.span.end, draft.span.end + _CONTEXT)
    before, after = text[start : draft.span.start], text[draft.span.end : end]
    context = Text("… " if start > article.span.start else "")
    context.append(before, style="dim")
    context.append(draft.quote, style="reverse" if console.is_terminal else "")
    context.append(after, style="dim")
    console.print(context.append(" …" if end < article.span.end else ""))


def _show_question(draft: Draft, console: Console) -> None:
    demanded = " + ".join(" / ".join(group) for group in must_include(draft.answer, draft.type))
    console.print()
    for label, value in (
        ("Question", draft.question),
        ("Answer", " / ".join(alternatives(draft.answer))),
        ("Type", f"{draft.type}; a right answer holds: {demanded}"),
    ):
        console.print(Text(f"{label + ':':10}", style="cyan").append(value, style="default"))


def _readable(seed: SeedText) -> str:
    return f"{seed.article.title}\n{seed.whole}"
