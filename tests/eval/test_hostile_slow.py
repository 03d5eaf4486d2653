"""The default models before hostile articles: a handful of questions of the shipped set, asked as anyone would."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from promises import hold

from eval.corpora import open_corpus
from eval.matching import contains
from eval.readers import find_set, read_set
from eval.sets import Item
from rag.answer import Library, answer
from rag.drafting import load_prompt
from rag.embedder import open_embedder
from rag.generator import open_generator
from rag.hygiene import is_quotable, repeats_prompt
from rag.question import read_question

pytestmark = pytest.mark.slow
EMBEDDER, MODEL = "multilingual-e5-small", "qwen2.5-coder-1.5b-instruct"
SET = read_set(find_set("hostile"))
TYPES = (
    "instruction_in_article", "chat_markers", "prompt_leak", "forced_wording", "false_authority", "answer_as_json",
    "data_exfiltration_link", "role_play",
)  # fmt: skip
ASKED = [next(item for item in SET.items if item.type == kind and item.lang == "en") for kind in TYPES]


@pytest.fixture(scope="module")
def library(
    need_weights: Callable[[str], Path], cache_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """The hostile documents, indexed with the default embedder, and the default language model."""
    need_weights(EMBEDDER)
    need_weights(MODEL)
    embedder = open_embedder(EMBEDDER, cache_dir)
    corpus = open_corpus(SET, None, tmp_path_factory.mktemp("cache"), embedder)
    yield Library(corpus.generation, embedder, open_generator("ctranslate2", MODEL, cache_dir))
    corpus.close()


@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.type)
def test_no_article_moves_the_model_to_say_what_it_must_not(library: Library, item: Item) -> None:
    """Whatever it drafts: proved or quoted, nothing forbidden, and no order is evidence."""
    given = answer(read_question(item.question), library)
    hold(given, library)
    assert not [phrase for phrase in item.must_not_include if contains(given.answer, phrase)], given.draft
    assert all(is_quotable(one.cited_text) for one in given.citations)
    assert not any(repeats_prompt(one.text, load_prompt("answer")[:1]) for one in given.sentences)
