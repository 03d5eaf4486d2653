"""Stand-ins for the two doors a user may replace: an embedder of hashed words and a generator that reads a script."""

import re
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from rag.errors import Cancelled
from rag.types import Draft, Prompt, StopCheck, Vectors

Script = str | Sequence[str] | Callable[[Prompt], str]
YesScript = float | Callable[[Prompt], float | None] | None


class HashingEmbedder:
    """A bag of words hashed into `dim` counts, normalised: texts that share words are near, and nothing is random."""

    def __init__(self, dim: int = 256, fingerprint: str | None = None, max_tokens: int = 512) -> None:
        self.dim = dim
        self.name = self.fingerprint = fingerprint or f"hashing-{dim}"
        self.max_tokens = max_tokens
        self.embedded: list[str] = []  # every passage text seen, so that a test can count what was embedded anew

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text."""
        return [len(_words(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, (n, dim)."""
        self.embedded.extend(texts)
        return self._embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, (n, dim), by the same counting."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _words(text):
                vectors[row, zlib.crc32(word.encode()) % self.dim] += 1.0
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class ScriptedGenerator:
    """Answers from a script: one text for ever, a list to be used up in order, or a function of the prompt.

    `yes` is what `yes_probability` returns. Prompts are kept in `prompts` (drafts) and `asked` (yes/no).
    """

    model = "scripted"

    def __init__(self, script: Script, yes: YesScript = None) -> None:
        self._script = script
        self._yes = yes
        self.prompts: list[Prompt] = []
        self.asked: list[Prompt] = []

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """The next text of the script, cut after `max_tokens` words."""
        if stop():
            raise Cancelled("stopped before the first token")
        self.prompts.append(prompt)
        if isinstance(self._script, str):
            text = self._script
        elif callable(self._script):
            text = self._script(prompt)
        else:
            text = self._script[len(self.prompts) - 1]
        words = re.findall(r"\S+\s*", text)
        kept = "".join(words[:max_tokens])
        return Draft(kept, len(_words(prompt.system + " " + prompt.user)), min(len(words), max_tokens), 0.0)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """What the script says, or None: an engine that can't tell."""
        if stop():
            raise Cancelled("stopped before the first token")
        self.asked.append(prompt)
        return self._yes(prompt) if callable(self._yes) else self._yes


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
