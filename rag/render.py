"""Values -> JSON: pure functions from `rag.types` to the shapes of `rag.shapes`.

Knows neither HTTP nor where a value came from.
"""

from collections.abc import Sequence

from rag.generation import Manifest
from rag.reindex_report import ReindexPlan
from rag.seed_folder.listing import ListedSeed
from rag.seed_folder.store import Change
from rag.seed_folder.trash import Trashed
from rag.shapes import (
    AnswerJson,
    AppliedJson,
    ArticleDetailJson,
    ArticleJson,
    ArticlesJson,
    CitationJson,
    GenerationJson,
    PassageJson,
    PeriodJson,
    PlanJson,
    RetrievedJson,
    SearchJson,
    SeedChangeJson,
    SeedJson,
    SentenceJson,
    TimingsJson,
    TrashedJson,
)
from rag.timeliness import filters_in_force
from rag.types import Answer, AnswerSentence, Article, Citation, Passage, Period, Question, Retrieved, Timings


def answer_json(answer: Answer) -> AnswerJson:
    """An answer; what the model wrote before verification is left out."""
    return {
        "id": answer.id,
        "question": answer.question.text,
        "language": answer.question.language,
        "answer": answer.answer,
        "abstained": answer.abstained,
        "abstain_reason": answer.abstain_reason,
        "confidence": round(answer.confidence, 4),
        "sentences": [sentence_json(sentence) for sentence in answer.sentences],
        "citations": [citation_json(citation) for citation in answer.citations],
        "retrieved": [retrieved_json(item) for item in answer.retrieved],
        "related": [citation_json(citation) for citation in answer.related],
        "applied": applied_json(answer.question),
        "generation": answer.generation,
        "model": answer.model,
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
        },
        "timings_ms": timings_json(answer.timings),
    }


def sentence_json(sentence: AnswerSentence) -> SentenceJson:
    """A verified sentence."""
    return {
        "text": sentence.text,
        "start": sentence.span.start,
        "end": sentence.span.end,
        "citations": list(sentence.citations),
    }


def citation_json(citation: Citation) -> CitationJson:
    """A quotation."""
    article = citation.article
    shown: CitationJson = {
        "n": citation.n,
        "article_id": article.article_id,
        "passage_id": citation.passage.passage_id,
        "title": article.title,
        "published_at": article.published_at,
        "outlet": article.outlet,
        "file": article.file,
        "url": article.url,
        "cited_text": citation.cited_text,
        "start_char_index": citation.span.start,
        "end_char_index": citation.span.end,
        "source_sha256": article.source_sha256,
        "support": round(citation.support, 4),
        "also_in": list(article.also_in),
    }
    if article.extracted:
        shown["offset_base"] = "extracted"
    return shown


def retrieved_json(item: Retrieved) -> RetrievedJson:
    """A passage that was found."""
    return {
        "passage_id": item.passage.passage_id,
        "article_id": item.article.article_id,
        "title": item.article.title,
        "published_at": item.article.published_at,
        "outlet": item.article.outlet,
        "file": item.article.file,
        "text": item.passage.text,
        "score": round(item.score, 6),
        "dense_rank": item.dense_rank,
        "lexical_rank": item.lexical_rank,
    }


def applied_json(question: Question) -> AppliedJson:
    """The filters in force, and the times read from the question."""
    filters = filters_in_force(question)
    applied: AppliedJson = {}
    if filters.date_from is not None:
        applied["date_from"] = filters.date_from
    if filters.date_to is not None:
        applied["date_to"] = filters.date_to
    if filters.files:
        applied["files"] = list(filters.files)
    if filters.outlets:
        applied["outlets"] = list(filters.outlets)
    if filters.languages:
        applied["languages"] = list(filters.languages)
    if question.periods:
        applied["periods"] = [period_json(period) for period in question.periods]
    if question.latest:
        applied["latest"] = True
    if question.now is not None:
        applied["now"] = question.now
    return applied


def period_json(period: Period) -> PeriodJson:
    """A time that a question names."""
    return {
        "phrase": period.phrase,
        "from": period.start,
        "to": period.end,
        "use": period.use,
        "undone": period.undone,
    }


def timings_json(timings: Timings) -> TimingsJson:
    """Milliseconds, to a tenth."""
    shown: TimingsJson = {
        "retrieve": round(timings.retrieve, 1),
        "generate": round(timings.generate, 1),
        "ground": round(timings.ground, 1),
        "total": round(timings.total, 1),
    }
    if timings.first_token is not None:
        shown["first_token"] = round(timings.first_token, 1)
    return shown


def search_json(
    question: Question, found: Sequence[Retrieved], generation: str, retrieve_ms: float, total_ms: float
) -> SearchJson:
    """What a search found in one generation."""
    return {
        "results": [retrieved_json(item) for item in found],
        "applied": applied_json(question),
        "generation": generation,
        "timings_ms": {"retrieve": round(retrieve_ms, 1), "total": round(total_ms, 1)},
    }


def article_json(article: Article) -> ArticleJson:
    """An article as it stands in a list."""
    return {
        "id": article.article_id,
        "title": article.title,
        "published_at": article.published_at,
        "outlet": article.outlet,
        "language": article.language,
        "file": article.file,
        "url": article.url,
        "source_sha256": article.source_sha256,
        "start_char_index": article.span.start,
        "end_char_index": article.span.end,
        "also_in": list(article.also_in),
    }


def articles_json(total: int, articles: Sequence[Article], generation: str) -> ArticlesJson:
    """One page of articles."""
    return {"total": total, "articles": [article_json(article) for article in articles], "generation": generation}


def article_detail_json(
    article: Article, source_text: str, passages: Sequence[Passage], generation: str
) -> ArticleDetailJson:
    """An article with its text, headline block included, and its passages."""
    return {
        **article_json(article),
        "text": source_text[article.span.start : article.span.end],
        "passages": [
            {
                "passage_id": passage.passage_id,
                "text": passage.text,
                "start_char_index": passage.span.start,
                "end_char_index": passage.span.end,
            }
            for passage in passages
        ],
        "source_sha256": article.source_sha256,
        "generation": generation,
    }


def passage_json(passage: Passage, article: Article, generation: str) -> PassageJson:
    """A passage by its id."""
    return {
        "passage_id": passage.passage_id,
        "article_id": article.article_id,
        "title": article.title,
        "published_at": article.published_at,
        "outlet": article.outlet,
        "file": article.file,
        "text": passage.text,
        "score": None,
        "dense_rank": None,
        "lexical_rank": None,
        "spans": [(passage.span.start, passage.span.end)],
        "source_sha256": article.source_sha256,
        "generation": generation,
    }


def generation_json(manifest: Manifest, *, active: str | None, pinned: str | None, size: int) -> GenerationJson:
    """What a generation holds; `active` and `pinned` are ids, `size` counts bytes on disk."""
    return {
        "id": manifest.id,
        "created_at": manifest.created_at,
        "active": manifest.id == active,
        "pinned": manifest.id == pinned,
        "embedder": manifest.embedder,
        "embedder_name": manifest.embedder_name,
        "dim": manifest.dim,
        "size_bytes": size,
        "articles": manifest.articles,
        "passages": manifest.passages,
        "files": dict(manifest.files),
        "warnings": list(manifest.warnings),
    }


def seed_json(seed: ListedSeed) -> SeedJson:
    """A seed file as it lies in the folder."""
    return {
        "file": seed.file,
        "size": seed.size,
        "modified_at": seed.modified_at,
        "sha256": seed.sha256,
        "layout": seed.layout,
        "articles": seed.articles,
        "warnings": list(seed.warnings),
        "error": seed.error,
        "indexed": seed.indexed,
    }


def trashed_json(trashed: Trashed) -> TrashedJson:
    """A file in the trash."""
    return {
        "id": trashed.id,
        "file": trashed.file,
        "size": trashed.size,
        "sha256": trashed.sha256,
        "deleted_at": trashed.deleted_at,
        "expires_at": trashed.expires_at,
        "why": trashed.why,
    }


def change_json(change: Change, seed: ListedSeed) -> SeedChangeJson:
    """What putting or restoring a file did."""
    trashed = trashed_json(change.trashed) if change.trashed else None
    return {"done": change.done, "seed": seed_json(seed), "trashed": trashed}


def plan_json(plan: ReindexPlan) -> PlanJson:
    """What a reindex would find."""
    return {
        "dry_run": True,
        "changes": plan.changes,
        "added": list(plan.added),
        "changed": list(plan.changed),
        "removed": list(plan.removed),
        "renamed": [{"from": old, "to": new} for old, new in plan.renamed],
        "rebuild": plan.rebuild,
        "warnings": list(plan.warnings),
    }
