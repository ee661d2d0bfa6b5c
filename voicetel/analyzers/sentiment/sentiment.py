"""Sentiment: every turn's transcript is scored, and a call is the mean of its caller's turns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.sentiment.results import TurnSentiment
from voicetel.sentiment import NEUTRAL_WITHIN
from voicetel.store.sentiment_scores import get_scores, put_scores
from voicetel.store.transcripts import transcript_bytes, transcripts_of_turns

if TYPE_CHECKING:
    import duckdb

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.sentiment import Scorer
    from voicetel.store import LoadProgress, Store


def score_turns(store: Store, context: AnalysisContext, scorer: Scorer, progress: LoadProgress | None = None) -> None:
    """Make ``turn_sentiment``, and give those of ``selected_calls`` that have no logged sentiment their mean.

    A text that comes again is scored once. Scores are kept in the store, by line and never with its transcript, so that the
    next run reads and scores what is new.
    """
    connection = store.connection
    name = scorer.name or "unnamed"
    context.rows(load_sql(__name__, "cached_scores.sql"))
    get_scores(store, "sentiment_scores")
    if not scorer.name:
        _drop_scores(connection, name)
    connection.execute(load_sql(__name__, "turns_to_score.sql"), {"scorer": name})
    if progress:
        progress.start(transcript_bytes(store, "turns_to_score"))
    languages = dict(connection.execute("SELECT line_hash, language FROM turns_to_score").fetchall())
    if languages:
        scores = _scores(store, languages, scorer, progress)
        _keep(connection, name, languages, scores)
        if scorer.name:
            put_scores(store, "sentiment_scores")
    connection.execute(load_sql(__name__, "turn_sentiment.sql"), {"scorer": name})
    context.rows(load_sql(__name__, "call_sentiment.sql"))
    if not scorer.name:
        _drop_scores(connection, name)


def turn_sentiment(context: AnalysisContext) -> dict[int | None, TurnSentiment]:
    """Group → the sentiment of turns, after ``score_turns``; under None, all calls."""
    rows = context.rows(load_sql(__name__, "turn_sentiment_totals.sql"), neutral=NEUTRAL_WITHIN)
    return {
        group_id: TurnSentiment(turns, n, float(total) / n if n else None, good, neutral, bad)
        for group_id, turns, n, total, good, neutral, bad in rows
    }


def _scores(
    store: Store, languages: dict[int, str | None], scorer: Scorer, progress: LoadProgress | None
) -> dict[int, float | None]:
    """Line hash → score. Texts are told apart by their hashes, so that none has to be held."""
    by_text: dict[tuple[str | None, int], float | None] = {}
    found: dict[int, float | None] = {}
    for piece in transcripts_of_turns(
        store, "turns_to_score", progress.advance if progress else lambda read_bytes: None
    ):
        new: defaultdict[str | None, dict[int, str]] = defaultdict(dict)
        keys = {}
        for line in piece:
            language, text = languages[line.line_hash], line.user_text or ""
            keys[line.line_hash] = key = (language, hash(text))
            if key not in by_text:
                new[language][key[1]] = text
        for language, texts in new.items():
            scores = scorer.scores(list(texts.values()), language)
            by_text.update(zip(((language, text) for text in texts), scores, strict=True))
        found.update((line, by_text[key]) for line, key in keys.items())
    return found


def _keep(
    connection: duckdb.DuckDBPyConnection, name: str, languages: dict[int, str | None], scores: dict[int, float | None]
) -> None:
    import pyarrow as pa  # noqa: PLC0415  a tenth of a second, for those who ask how callers felt

    table = pa.table(
        {
            "line_hash": pa.array(scores, pa.uint64()),
            "language": pa.array((languages[line] for line in scores), pa.string()),
            "score": pa.array(scores.values(), pa.float64()),
        }
    )
    connection.register("new_scores", table)
    connection.execute(
        "INSERT INTO sentiment_scores SELECT $scorer, line_hash, language, score FROM new_scores", {"scorer": name}
    )
    connection.unregister("new_scores")
    connection.execute("DELETE FROM sentiment_scores WHERE line_hash NOT IN (SELECT line_hash FROM events)")


def _drop_scores(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute("DELETE FROM sentiment_scores WHERE scorer = $scorer", {"scorer": name})
