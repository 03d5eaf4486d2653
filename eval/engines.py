"""Two engines, one language model, the same prompts: CTranslate2's seconds against transformers'.

Turn by turn, so that whatever else the machine does falls on both; each writes the same number of tokens, whatever it
would have said. Knows the engines' own packages, since only they can force a length.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.metrics.estimates import percentile
from eval.sets import Item
from rag.errors import WeightsMissing
from rag.types import Draft, Prompt, StopCheck

TOKENS = 48


class Recorder:
    """A generator that writes nothing down but its prompts."""

    model = "recorder"

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Keep the prompt, draft nothing."""
        self.prompts.append(prompt)
        return Draft("", 0, 0, 0.0)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """Can't tell."""
        return None


def record_prompts(items: Sequence[Item], vectors_dir: Path, embedder_name: str, cache_dir: Path) -> list[Prompt]:
    """The first prompt that answering each question would send to a language model."""
    from rag.answer import Library, answer
    from rag.embedder import open_embedder
    from rag.generations import open_current
    from rag.question import read_question

    recorder = Recorder()
    generation = open_current(vectors_dir)
    library = Library(generation, open_embedder(embedder_name, cache_dir), recorder)
    prompts = []
    for item in items:
        before = len(recorder.prompts)
        answer(read_question(item.question), library)
        prompts += recorder.prompts[before : before + 1]
    generation.close()
    return prompts


def compare(
    prompts: Sequence[Prompt], name: str, cache_dir: Path, checkpoint: str
) -> list[tuple[str, float | None, str]]:
    """Median seconds of both engines for TOKENS tokens a prompt, and the median of the ratios: (name, value, unit).

    Raises WeightsMissing where the converted weights are not in the cache.
    """
    import ctranslate2
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    from rag.generator.chatml import load_chat_tokenizer
    from rag.models import installed

    folder = installed(name, cache_dir)
    if folder is None:
        raise WeightsMissing(f"{name} is not in {cache_dir}; run: derek models pull {name}")
    tokenizer = load_chat_tokenizer(folder)
    vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json"))
    converted: Any = ctranslate2.Generator(str(folder), compute_type="int8", intra_threads=torch.get_num_threads())
    original: Any = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.bfloat16)
    original.eval()

    def by_ctranslate2(tokens: list[str]) -> None:
        converted.generate_batch([tokens], min_length=TOKENS, max_length=TOKENS, include_prompt_in_result=False)

    def by_transformers(tokens: list[str]) -> None:
        ids = torch.tensor([[vocabulary.token_to_id(token) for token in tokens]])
        with torch.inference_mode():
            original.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                min_new_tokens=TOKENS,
                max_new_tokens=TOKENS,
                do_sample=False,
                pad_token_id=0,
            )

    seconds: list[tuple[float, float]] = []
    for prompt in [prompts[0], *prompts]:  # the first one twice: once to warm up
        system, user = tokenizer.prompt(prompt)
        pair = []
        for write in (by_ctranslate2, by_transformers):
            started = time.perf_counter()
            write([*system, *user])
            pair.append(time.perf_counter() - started)
        seconds.append((pair[0], pair[1]))
    measured = seconds[1:]
    return [
        ("CTranslate2 median", percentile([one for one, _ in measured], 50), f"s for {TOKENS} tokens"),
        ("transformers median", percentile([other for _, other in measured], 50), f"s for {TOKENS} tokens"),
        ("transformers / CTranslate2, median", percentile([other / one for one, other in measured], 50), "times"),
    ]
