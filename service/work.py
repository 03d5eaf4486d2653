"""What routes and verbs have in common: a validated request and an open library in, JSON out.

Knows neither HTTP nor the terminal.
"""

import time
from datetime import datetime

from rag.answer import Library, answer
from rag.errors import InputError
from rag.generation import Generation
from rag.question import read_question
from rag.render import answer_json, articles_json, search_json
from rag.retriever import narrowed, retrieve
from rag.shapes import AnswerJson, ArticlesJson, SearchJson
from rag.types import Filters, StopCheck
from service.requests import ArticlesQuery, AskBody, SearchBody


def ask(body: AskBody, library: Library, stop: StopCheck = lambda: False) -> AnswerJson:
    """The answer to a question. Raises Cancelled once `stop()` is true."""
    filters = body.filters.filters() if body.filters else Filters()
    question = read_question(body.question, filters, body.now or _now())
    return answer_json(answer(question, library, mode=body.mode, top_k=body.top_k, stop=stop))


def search(body: SearchBody, library: Library) -> SearchJson:
    """Passages for a query, best first."""
    began = time.perf_counter()
    try:
        question = read_question(body.query, body.filters.filters() if body.filters else Filters(), _now())
    except InputError as exc:
        raise InputError(str(exc), "query" if exc.field == "question" else exc.field) from exc
    started = time.perf_counter()
    question = narrowed(question, library.generation)
    found = retrieve(question, library.generation, library.embedder, body.top_k)
    ended = time.perf_counter()
    return search_json(question, found, library.generation.id, 1000 * (ended - started), 1000 * (ended - began))


def articles(query: ArticlesQuery, generation: Generation) -> ArticlesJson:
    """One page of the articles that pass a filter."""
    total, found = generation.catalog.articles(query.filters(), query.q, query.limit, query.offset)
    return articles_json(total, found, generation.id)


def _now() -> str:
    """The local time, to the second, with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
