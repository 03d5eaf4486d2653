"""What a language model is given to draft from, overheard. Changes no word of it; knows no questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.answer import Library
from rag.types import Draft, Generator, Prompt, StopCheck


@dataclass(frozen=True, slots=True)
class Listener:
    """A generator in front of a generator that keeps the user's part of each drafting prompt, in order."""

    inner: Generator
    heard: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        """The inner model's name."""
        return self.inner.model

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """The inner model's draft."""
        self.heard.append(prompt.user)
        return self.inner.complete(prompt, max_tokens=max_tokens, stop=stop)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """The inner model's; such a prompt judges a draft and is not kept."""
        return self.inner.yes_probability(prompt, stop=stop)


def listened(library: Library) -> tuple[Library, Sequence[str]]:
    """The library with its generator overheard, and where the prompts will be; none of a library without one."""
    if library.generator is None:
        return library, ()
    listener = Listener(library.generator)
    return replace(library, generator=listener), listener.heard
