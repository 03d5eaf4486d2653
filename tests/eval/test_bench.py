"""The parts of the bench that need no service: figures from answers, what the system tells."""

import io
import os
import socket
import sys
from typing import Any

from rich.console import Console

from eval.bench import Figure, ask_figures, free_port, peak_memory, table


def answer(prompt: int, written: int, retrieve: float, first: float, generate: float) -> dict[str, Any]:
    """What an ask returns of tokens and milliseconds."""
    return {
        "usage": {"prompt_tokens": prompt, "completion_tokens": written},
        "timings_ms": {"retrieve": retrieve, "first_token": first, "generate": generate},
    }


def test_figures_are_percentiles_of_what_the_service_told() -> None:
    """Tokens a second count from the first token on; asks without a model count for the total alone."""
    silent = {"usage": {"prompt_tokens": 0, "completion_tokens": 0}, "timings_ms": {"retrieve": 9.0}}
    asked = [answer(400, 21, 100.0, 1900.0, 3900.0), answer(600, 11, 100.0, 2900.0, 4900.0), silent]
    figures = {figure.name: figure.value for figure in ask_figures([4.0, 5.0, 0.1], asked)}
    assert figures["prompt p50"] == 500.0  # between 400 and 600
    assert figures["time to first token p50"] == 2.5  # between (100 + 1900) and (100 + 2900) ms
    assert figures["writing p50"] == 7.5  # between 20 tokens in 2 s and 10 tokens in 2 s
    assert figures["ask total p50"] == 4.0  # of 0.1, 4, 5


def test_without_a_model_there_is_nothing_to_tell_of_tokens() -> None:
    """No figure is made up."""
    figures = {figure.name: figure.value for figure in ask_figures([1.0], [])}
    assert figures["prompt p95"] is None
    assert figures["ask total p95"] == 1.0
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(table([Figure("memory", None, "GiB"), Figure("start", 1.5, "s")]))
    assert "not told" in console.export_text()


def test_peak_memory_is_told_where_the_system_keeps_it() -> None:
    """This process holds more than a megabyte; of a process that is not there nothing is known."""
    if sys.platform == "linux":
        assert (peak_memory(os.getpid()) or 0) > 1_000_000
    assert peak_memory(2**30) is None


def test_a_free_port_can_be_bound() -> None:
    """Nobody listens there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
