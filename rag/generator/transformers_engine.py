"""The engine for whatever is on the hub: transformers, on a graphics card where there is one, else on the CPU.

Knows one open model; behaves as the default engine does: greedy, no penalties, cut between tokens once nobody waits.
"""

import math
import time
from pathlib import Path
from typing import Any

from rag.errors import Cancelled, EngineFailed, WeightsDamaged, WeightsMissing
from rag.generator.chatml import CHATML, NO, YES, ChatTokenizer, Frame
from rag.types import Draft, Prompt, StopCheck


class TransformersGenerator:
    """A Generator over a causal language model of transformers."""

    def __init__(self, name: str, model: Any, tokenizer: ChatTokenizer) -> None:
        """`model` is a transformers PreTrainedModel in evaluation mode."""
        self._name = name
        self._model = model
        self._tokenizer = tokenizer
        self._context = int(getattr(model.config, "max_position_embeddings", 0) or 2**31)
        self._ends = tokenizer.ids(tokenizer.ends)
        self._yes, self._no = tokenizer.ids_of(YES), tokenizer.ids_of(NO)

    @property
    def model(self) -> str:
        """The model's name as shown in answers."""
        return self._name

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Decode greedily. Raises Cancelled once `stop()`, EngineFailed for a prompt too long or a broken engine."""
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        ids = self._ids(prompt, max_tokens)
        began = time.perf_counter()
        first: list[float] = []

        class Watch(StoppingCriteria):
            def __call__(self, _ids: Any, _scores: Any, **_: Any) -> Any:
                if not first:
                    first.append(time.perf_counter() - began)
                if stop():
                    raise Cancelled("the question was withdrawn while the model wrote")
                return torch.zeros(1, dtype=torch.bool, device=_ids.device)

        if stop():
            raise Cancelled("the question was withdrawn before the model began")
        tensor = torch.tensor([ids], device=self._model.device)
        try:
            with torch.inference_mode():
                output = self._model.generate(
                    tensor,
                    attention_mask=torch.ones_like(tensor),
                    max_new_tokens=max_tokens,
                    do_sample=False,
                    num_beams=1,
                    repetition_penalty=1.0,
                    temperature=None,
                    top_p=None,
                    top_k=None,
                    eos_token_id=self._ends,
                    pad_token_id=self._ends[0],
                    stopping_criteria=StoppingCriteriaList([Watch()]),
                )
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EngineFailed(f"transformers failed on {len(ids)} tokens with {self._name}: {error}") from error
        written = [token for token in output[0, len(ids) :].tolist() if token not in self._ends]
        return Draft(self._tokenizer.decode(written).strip(), len(ids), len(written), first[0] if first else 0.0)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """P(yes) / (P(yes) + P(no)) after the prompt, over their one-token spellings; None where there are none."""
        import torch

        if not self._yes or not self._no:
            return None
        if stop():
            raise Cancelled("the question was withdrawn before the model began")
        ids = self._ids(prompt, 1)
        try:
            with torch.inference_mode():
                output = self._model(torch.tensor([ids], device=self._model.device), logits_to_keep=1)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EngineFailed(f"transformers failed on {len(ids)} tokens with {self._name}: {error}") from error
        logits = output.logits[0, -1].double()
        gap = float(torch.logsumexp(logits[self._no], 0) - torch.logsumexp(logits[self._yes], 0))
        return 1.0 / (1.0 + math.exp(min(gap, 700.0)))

    def _ids(self, prompt: Prompt, room: int) -> list[int]:
        system, user = self._tokenizer.prompt(prompt)
        ids = self._tokenizer.ids([*system, *user])
        if len(ids) + room > self._context:
            raise EngineFailed(
                f"{self._name} holds {self._context} tokens; the prompt has {len(ids)}, the answer up to {room}: "
                "ask with a smaller top_k or use a model with a longer context"
            )
        return ids


def open_transformers(name: str, path: Path | None) -> TransformersGenerator:
    """Open a transformers folder, a .gguf file, or (`path` None) a hub name from the hub or its own cache.

    Raises WeightsMissing where the hub doesn't give it, WeightsDamaged where what is there doesn't load.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    location = name if path is None else str(path)
    options: dict[str, Any] = {} if path is None else {"local_files_only": True}
    if path is not None and path.is_file():
        location, options["gguf_file"] = str(path.parent), path.name
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(location, **options)
        model: Any = AutoModelForCausalLM.from_pretrained(location, dtype=_dtype(), **options)
        if torch.cuda.is_available():
            model = model.to("cuda")
        backend = tokenizer.backend_tokenizer
        return TransformersGenerator(name, model.eval(), ChatTokenizer(backend, _frame(tokenizer, backend)))
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError) as error:
        if path is None:
            raise WeightsMissing(f"the hub's {name} can't be loaded: {error}") from error
        raise WeightsDamaged(f"{path} is no chat model that transformers loads: {error}") from error


def _frame(tokenizer: Any, backend: Any) -> Frame:
    if backend.token_to_id(CHATML.ends[0]) is not None:
        return CHATML
    from rag.generator.template import frame_of

    return frame_of(tokenizer)


def _dtype() -> Any:
    import torch

    from rag.embedder import native_bfloat16

    return torch.bfloat16 if torch.cuda.is_available() or native_bfloat16() else torch.float32
