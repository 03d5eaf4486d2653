"""A model's own chat template -> a Frame, for models that don't speak ChatML.

Knows transformers' way to render a template: it is rendered once around two marks, and cut at them, so that texts are
never rendered themselves and nothing in them can be taken for a part of the template.
"""

from pathlib import Path
from typing import Any

from rag.generator.chatml import Frame

_SYSTEM, _USER = "\ue000system\ue000", "\ue000user\ue000"  # private-use characters: no template writes them


def read_frame(folder: Path) -> Frame:
    """The frame of the tokenizer in `folder`. Raises ValueError where it has no chat template that can be used."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    return frame_of(tokenizer)


def frame_of(tokenizer: Any) -> Frame:
    """The frame of a transformers tokenizer. Raises ValueError where its chat template is missing or can't be used."""
    if not getattr(tokenizer, "chat_template", None):
        raise ValueError("it has no chat template, so it is no model that follows instructions")
    separate = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _USER}]
    together = [{"role": "user", "content": f"{_SYSTEM}\n\n{_USER}"}]  # for models that know no system turn
    for messages in (separate, together):
        try:
            rendered = str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        except Exception:  # a template refuses a role by raising whatever it likes; the other form is tried
            continue
        head, found, rest = rendered.partition(_SYSTEM)
        middle, found_too, tail = rest.partition(_USER)
        if found and found_too:
            return Frame(head, middle, tail, (str(tokenizer.eos_token),))
    raise ValueError("its chat template takes neither a system nor a user turn")
