"""The default engine: CTranslate2, int8, on the CPU.

Knows one open model folder; greedy decoding without penalties, cut between tokens once nobody waits. Prefill can't be
cut: `stop` is heard before it and after the first token.
"""

import ctypes
import json
import math
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import psutil

from rag.errors import Cancelled, EngineFailed, WeightsDamaged
from rag.generator.chatml import NO, YES, ChatTokenizer, load_chat_tokenizer
from rag.types import Draft, Prompt, StopCheck

_UNSTATED_CONTEXT = 4096  # what a folder that doesn't say may be trusted with
_KEPT = 8  # system turns whose state is kept, megabytes each: CTranslate2 itself never lets one go


class CTranslate2Generator:
    """A Generator over a CTranslate2 model folder with a tokenizer.json beside it."""

    def __init__(self, model: str, engine: Any, tokenizer: ChatTokenizer, context: int) -> None:
        """`engine` is a ctranslate2.Generator, `context` the most tokens of prompt and answer together."""
        self._model = model
        self._engine = engine
        self._tokenizer = tokenizer
        self._context = context
        self._kept: set[tuple[str, ...]] = set()
        self._yes, self._no = tokenizer.ids_of(YES), tokenizer.ids_of(NO)

    @property
    def model(self) -> str:
        """The model's name as shown in answers."""
        return self._model

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Decode greedily. Raises Cancelled once `stop()`, EngineFailed for a prompt too long or a broken engine."""
        system, user = self._tokenizer.prompt(prompt)
        size = len(system) + len(user)
        self._check(size + max_tokens, size, max_tokens)
        first: list[float] = []
        broken: list[BaseException] = []
        stopped = False
        began = time.perf_counter()

        def after_token(_step: object) -> bool:
            nonlocal stopped
            if not first:
                first.append(time.perf_counter() - began)
            try:
                stopped = stop()
            except BaseException as error:  # an exception must not unwind through the engine's own thread
                broken.append(error)
                return True
            return stopped

        if stop():
            raise Cancelled("the question was withdrawn before the model began")
        result = self._run(
            system,
            user,
            max_length=max_tokens,
            callback=after_token,
            end_token=self._tokenizer.ends,
        )
        if broken:
            raise broken[0]
        if stopped:
            raise Cancelled("the question was withdrawn while the model wrote")
        ids = list(result.sequences_ids[0])
        spent = first[0] if first else time.perf_counter() - began
        return Draft(self._tokenizer.decode(ids).strip(), size, len(ids), spent)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """P(yes) / (P(yes) + P(no)) after the prompt, over their one-token spellings; None where there are none."""
        if not self._yes or not self._no:
            return None
        if stop():
            raise Cancelled("the question was withdrawn before the model began")
        system, user = self._tokenizer.prompt(prompt)
        self._check(len(system) + len(user) + 1, len(system) + len(user), 1)
        result = self._run(system, user, max_length=1, return_logits_vocab=True)
        if stop():
            raise Cancelled("the question was withdrawn while the model judged")
        logits = np.asarray(result.logits[0][0], dtype=np.float64).reshape(-1)
        gap = float(np.logaddexp.reduce(logits[self._no]) - np.logaddexp.reduce(logits[self._yes]))
        return 1.0 / (1.0 + math.exp(min(gap, 700.0)))

    def _check(self, needed: int, prompt: int, answer: int) -> None:
        if needed > self._context:
            raise EngineFailed(
                f"{self._model} holds {self._context} tokens; the prompt has {prompt}, the answer up to {answer}: "
                "ask with a smaller top_k or use a model with a longer context"
            )

    def _run(self, system: list[str], user: list[str], **options: Any) -> Any:
        """One generation; the engine keeps its state after a few system turns, so that they are not read again."""
        if len(self._kept) < _KEPT:
            self._kept.add(tuple(system))
        tokens = user if tuple(system) in self._kept else system + user
        static = system if tokens is user else None
        try:
            return self._engine.generate_batch(
                [tokens], static_prompt=static, include_prompt_in_result=False, **options
            )[0]
        except (RuntimeError, ValueError, MemoryError) as error:
            size = len(system) + len(user)
            raise EngineFailed(f"CTranslate2 failed on {size} tokens with {self._model}: {error}") from error


def open_ctranslate2(model: str, folder: Path) -> CTranslate2Generator:
    """Open a converted model. Raises WeightsDamaged where the folder holds none or it doesn't load."""
    tokenizer = load_chat_tokenizer(folder)
    try:
        engine = ctranslate2.Generator(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=_cores()
        )
    except (RuntimeError, ValueError, MemoryError) as error:
        raise WeightsDamaged(f"{folder} is no CTranslate2 model that loads: {error}") from error
    _return_freed_memory()
    return CTranslate2Generator(model, engine, tokenizer, _context(folder))


def _return_freed_memory() -> None:
    """Give back what loading allocated and freed: glibc would keep 1.2 GB of it for a 1.8 GB model."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library that has no malloc_trim manages by itself
            ctypes.CDLL(None).malloc_trim(0)


def _cores() -> int:
    """Physical cores this process may use: hyper-threads share the multiplier and only get in each other's way."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or 1, allowed))


def _context(folder: Path) -> int:
    try:
        stated = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8")).get("model_max_length")
    except (OSError, ValueError, AttributeError):
        stated = None
    return int(stated) if isinstance(stated, int | float) and 0 < stated < 10**8 else _UNSTATED_CONTEXT
