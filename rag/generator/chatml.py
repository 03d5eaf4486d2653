"""A Prompt -> tokens for models that speak ChatML (Qwen and its kin), in which no article can pretend to be a turn.

Knows a tokenizer and the shape of a conversation, nothing of engines. Text between the markers is encoded with special
tokens switched off: "<|im_end|>" in an article becomes the characters it is made of.
"""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from rag.errors import WeightsDamaged
from rag.types import Prompt

START, END = "<|im_start|>", "<|im_end|>"
ENDS = (END, "<|endoftext|>")


class ChatTokenizer:
    """Encodes prompts and decodes answers with one tokenizer.json."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Raises ValueError where the tokenizer has no ChatML markers."""
        missing = [token for token in (START, END) if tokenizer.token_to_id(token) is None]
        if missing:
            raise ValueError(f"the tokenizer has no {' '.join(missing)}")
        self._tokenizer = tokenizer
        # Of the instance, not of a call: every text Derek encodes is data, the markers are put in by hand.
        self._tokenizer.encode_special_tokens = True
        self.ends = [token for token in ENDS if tokenizer.token_to_id(token) is not None]

    def prompt(self, prompt: Prompt) -> tuple[list[str], list[str]]:
        """Tokens of the system turn and of the rest, up to where the assistant begins to write."""
        system = [START, *self.text("system\n" + prompt.system), END, *self.text("\n")]
        user = [START, *self.text("user\n" + prompt.user), END, *self.text("\n"), START, *self.text("assistant\n")]
        return system, user

    def text(self, text: str) -> list[str]:
        """Tokens of plain text; nothing in it is a marker."""
        tokens: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return tokens

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids, markers left out."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def ids_of(self, words: Sequence[str]) -> list[int]:
        """Ids of those words that are one token."""
        encoded = (self._tokenizer.encode(word, add_special_tokens=False).ids for word in words)
        return sorted({ids[0] for ids in encoded if len(ids) == 1})


def load_chat_tokenizer(folder: Path) -> ChatTokenizer:
    """Open `folder`/tokenizer.json. Raises WeightsDamaged where it is missing or no ChatML tokenizer."""
    path = folder / "tokenizer.json"
    try:
        return ChatTokenizer(Tokenizer.from_file(str(path)))
    except Exception as error:  # tokenizers raises bare Exception for whatever is wrong with the file
        raise WeightsDamaged(f"{path} is no ChatML tokenizer: {error}") from error
