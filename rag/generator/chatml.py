"""A Prompt -> tokens, in the shape of conversation that a model was trained on; no article can pretend to be a turn.

Knows a tokenizer and a frame, nothing of engines. Only the frame's own markers are special tokens: text put into it is
encoded with special tokens switched off, so that "<|im_end|>" in an article becomes the characters it is made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from rag.errors import WeightsDamaged
from rag.types import Prompt

YES = ("yes", "Yes", "YES", " yes", " Yes", " YES")
NO = ("no", "No", "NO", " no", " No", " NO")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before the system text, between it and the user's, after that; and the tokens that end an answer."""

    head: str
    middle: str
    tail: str
    ends: tuple[str, ...]


CHATML = Frame(
    "<|im_start|>system\n",
    "<|im_end|>\n<|im_start|>user\n",
    "<|im_end|>\n<|im_start|>assistant\n",
    ("<|im_end|>", "<|endoftext|>"),
)


class ChatTokenizer:
    """Encodes prompts and decodes answers with one tokenizer.json."""

    def __init__(self, tokenizer: Tokenizer, frame: Frame = CHATML) -> None:
        """Raises ValueError where the tokenizer lacks the frame's first ending token."""
        self._tokenizer = tokenizer
        self.ends = [token for token in frame.ends if tokenizer.token_to_id(token) is not None]
        if not self.ends:
            raise ValueError(f"the tokenizer has none of {', '.join(frame.ends)}")
        self._head, self._middle, self._tail = (self.text(part) for part in (frame.head, frame.middle, frame.tail))
        # Of the instance, not of a call: from here on every text is data.
        self._tokenizer.encode_special_tokens = True

    def prompt(self, prompt: Prompt) -> tuple[list[str], list[str]]:
        """Tokens of the system turn and of the rest, up to where the assistant begins to write."""
        system, user = self.text(prompt.system.strip()), self.text(prompt.user.strip())
        return [*self._head, *system], [*self._middle, *user, *self._tail]

    def text(self, text: str) -> list[str]:
        """Tokens of plain text; nothing in it is a marker."""
        tokens: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return tokens

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """The ids of tokens that `prompt` or `text` gave."""
        known = (self._tokenizer.token_to_id(token) for token in tokens)
        return [i for i in known if i is not None]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids, markers left out."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def ids_of(self, words: Sequence[str]) -> list[int]:
        """Ids of those words that are one token."""
        encoded = (self._tokenizer.encode(word, add_special_tokens=False).ids for word in words)
        return sorted({ids[0] for ids in encoded if len(ids) == 1})


def load_chat_tokenizer(folder: Path) -> ChatTokenizer:
    """Open `folder`/tokenizer.json, with ChatML or, where it has no such markers, the folder's own chat template.

    Raises WeightsDamaged where it is missing, no tokenizer, or without either.
    """
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
        if tokenizer.token_to_id(CHATML.ends[0]) is not None:
            return ChatTokenizer(tokenizer)
        from rag.generator.template import read_frame

        return ChatTokenizer(tokenizer, read_frame(folder))
    except Exception as error:  # tokenizers raises bare Exception for whatever is wrong with the file
        raise WeightsDamaged(f"{path} is no tokenizer of a chat model: {error}") from error
