"""The engine for a server elsewhere that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama.

Knows that protocol as servers keep it, and that they may be slow, cut off, busy or broken: every such end is
EngineFailed with the status and the URL without its credentials. `transport` carries the bytes and the deadline.
"""

import json
import math
import time
from collections.abc import Mapping
from typing import Any

from rag.errors import Cancelled, EngineFailed
from rag.generator.transport import Reply, Transport
from rag.types import Draft, Prompt, StopCheck

_TOP = 20  # the most alternatives that servers commonly give
_MOST_CHARACTERS = 64  # of text a token: more is no token but a server gone wrong


class OpenAIGenerator:
    """A Generator over an OpenAI-compatible server."""

    def __init__(self, model: str, transport: Transport) -> None:
        """`model` is the name by which the server knows its model."""
        self._model = model
        self._transport = transport

    @property
    def model(self) -> str:
        """The model's name as shown in answers."""
        return self._model

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Ask greedily for a stream. Raises Cancelled once `stop()` (the connection is cut), else EngineFailed."""
        body = {
            **self._body(prompt, max_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        began = time.perf_counter()
        text, first, chunks, usage, ended = "", None, 0, {}, False
        with self._transport.post(body, stop) as reply:
            for event in self._events(reply):
                if isinstance(event.get("usage"), Mapping):
                    usage = event["usage"]
                piece, finished = self._piece(event)
                ended = ended or finished
                if piece:
                    first = first if first is not None else time.perf_counter() - began
                    text, chunks = text + piece, chunks + 1
                if len(text) > max_tokens * _MOST_CHARACTERS:
                    raise self._failed(f"{len(text)} characters where at most {max_tokens} tokens were asked for")
                if stop():
                    break
        if stop():
            raise Cancelled("the question was withdrawn while the server wrote")
        if not ended:
            raise self._failed(f"the answer broke off after {len(text)} characters")
        spent = first if first is not None else time.perf_counter() - began
        tokens = _count(usage, "completion_tokens", chunks)
        return Draft(text.strip(), _count(usage, "prompt_tokens", 0), tokens, spent)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """P(yes) / (P(yes) + P(no)) from the alternatives for one token; None where the server gives none of either."""
        body = {**self._body(prompt, 1), "logprobs": True, "top_logprobs": _TOP}
        with self._transport.post(body, stop) as reply:
            answer = self._object(reply.text())
        choice = self._choice(answer)
        try:
            alternatives = [
                (str(found["token"]).strip().lower(), float(found["logprob"]))
                for found in choice["logprobs"]["content"][0]["top_logprobs"]
            ]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        yes, no = (sum(math.exp(min(p, 0.0)) for token, p in alternatives if token == word) for word in ("yes", "no"))
        return yes / (yes + no) if yes + no > 0 else None

    def _body(self, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "max_tokens": max_tokens,
            "temperature": 0,
        }

    def _events(self, reply: Reply) -> Any:
        """The objects of a stream; a server that answers in one piece gives one."""
        if "text/event-stream" not in reply.content_type:
            yield self._object(reply.text())
            return
        for line in reply.lines():
            data = line[5:].strip() if line.startswith("data:") else ""
            if data == "[DONE]":
                return
            if data:
                yield self._object(data)

    def _piece(self, event: Mapping[str, Any]) -> tuple[str, bool]:
        """Text of one event, and whether the server says that it ended."""
        if not event.get("choices") and "usage" in event:
            return "", False
        choice = self._choice(event)
        part = choice.get("delta", choice.get("message"))
        text = part.get("content") if isinstance(part, Mapping) else choice.get("text")
        if text is not None and not isinstance(text, str):
            raise self._failed(f"an answer that is no text: {str(text)[:80]!r}")
        return text or "", choice.get("finish_reason") is not None

    def _choice(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        choices = answer.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
            raise self._failed(f"no choices in its answer: {json.dumps(answer)[:200]}")
        return choices[0]

    def _object(self, text: str) -> Mapping[str, Any]:
        try:
            answer = json.loads(text)
        except ValueError:
            raise self._failed(f"what is no JSON: {text[:80]!r}") from None
        if not isinstance(answer, Mapping):
            raise self._failed(f"JSON that is no object: {text[:80]!r}")
        if answer.get("error"):
            raise self._failed(f"an error: {json.dumps(answer['error'], ensure_ascii=False)[:300]}")
        return answer

    def _failed(self, what: str) -> EngineFailed:
        return EngineFailed(f"the model server at {self._transport.shown} gave {what}")


def open_openai(model: str, url: str, key: str | None) -> OpenAIGenerator:
    """An engine over the server at `url` (up to and with /v1). Nothing is sent yet. Raises SettingsError for no URL."""
    return OpenAIGenerator(model, Transport(url, key))


def _count(usage: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value >= 0 else otherwise
