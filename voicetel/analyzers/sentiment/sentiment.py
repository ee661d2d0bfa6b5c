"""Sentiment: every turn's transcript is scored, and a call is the mean of its caller's turns."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

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
    from voicetel.store.transcripts import TurnTranscript

LINES_AT_ONCE = 5000
"""Lines that are scored together, so that a scorer has some texts at once."""

CACHED_TEXTS = 400_000
"""Texts whose scores are kept for when they come again: some hundred bytes of each."""


def score_turns(store: Store, context: AnalysisContext, scorer: Scorer, progress: LoadProgress | None = None) -> None:
    """Make ``turn_sentiment``, and give those of ``selected_calls`` that have no logged sentiment their mean.

    A text that comes again is scored once, if it is not too long ago. Scores are kept in the store, by line and never with its transcript, so that the
    next run reads and scores what is new.
    """
    connection = store.connection
    name = scorer.name or "unnamed"
    context.run_without_calls(load_sql(__name__, "sentiment_scores.sql"))
    get_scores(store, "sentiment_scores")
    if not scorer.name:
        _drop_scores(connection, name)
    connection.execute(load_sql(__name__, "turns_to_score.sql"), {"scorer": name})
    if progress:
        progress.start(transcript_bytes(store, "turns_to_score"))
    ((turns,),) = connection.execute("SELECT count(*) FROM turns_to_score").fetchall()
    if turns:
        _score_lines(store, scorer, name, progress)
        if scorer.name:
            put_scores(store, "sentiment_scores")
    connection.execute(load_sql(__name__, "turn_sentiment.sql"), {"scorer": name})
    context.run_on_calls(load_sql(__name__, "call_sentiment.sql"))
    if not scorer.name:
        _drop_scores(connection, name)


def turn_sentiment(context: AnalysisContext) -> dict[int | None, TurnSentiment]:
    """Group → the sentiment of turns, after ``score_turns``; under None, all calls."""
    rows = context.rows(load_sql(__name__, "turn_sentiment_totals.sql"), neutral_within=NEUTRAL_WITHIN)
    return {
        group_id: TurnSentiment(turns, n, float(total) / n if n else None, good, neutral, bad)
        for group_id, turns, n, total, good, neutral, bad in rows
    }


def _score_lines(store: Store, scorer: Scorer, name: str, progress: LoadProgress | None) -> None:
    """Add the scores of ``turns_to_score`` to ``sentiment_scores``, some lines at a time."""
    connection = store.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE new_scores (line_hash UBIGINT, language VARCHAR, score DOUBLE)")
    languages = _Languages(connection)
    caching_scorer = _CachingScorer(scorer)
    lines: list[TurnTranscript] = []
    advance = progress.advance if progress else lambda read_bytes: None
    for some in transcripts_of_turns(store, "turns_to_score", advance):
        lines += some
        if len(lines) >= LINES_AT_ONCE:
            _add_scores(connection, lines, languages, caching_scorer)
            lines = []
    _add_scores(connection, lines, languages, caching_scorer)
    connection.execute(
        "INSERT INTO sentiment_scores"
        " SELECT $scorer, line_hash, any_value(language), any_value(score) FROM new_scores GROUP BY line_hash",
        {"scorer": name},
    )
    connection.execute("DROP TABLE new_scores")
    connection.execute("DELETE FROM sentiment_scores WHERE line_hash NOT IN (SELECT line_hash FROM events)")


def _add_scores(
    connection: duckdb.DuckDBPyConnection,
    lines: list[TurnTranscript],
    languages: _Languages,
    caching_scorer: _CachingScorer,
) -> None:
    """Add lines with their scores to ``new_scores``."""
    import pyarrow as pa  # noqa: PLC0415  a tenth of a second, for those who ask how callers felt

    of_lines = languages.of([each.line_hash for each in lines])
    scores = caching_scorer.scores(
        [(language, each.user_text or "") for language, each in zip(of_lines, lines, strict=True)]
    )
    table = pa.table(
        {
            "line_hash": pa.array((each.line_hash for each in lines), pa.uint64()),
            "language": pa.array(of_lines, pa.string()),
            "score": pa.array(scores, pa.float64()),
        }
    )
    connection.register("scored_lines", table)
    connection.execute("INSERT INTO new_scores FROM scored_lines")
    connection.unregister("scored_lines")


class _Languages:
    """The language of every turn to score: a few bytes of each, since logs have millions of turns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        names = connection.execute("SELECT DISTINCT language FROM turns_to_score").fetchall()
        self._names: list[str | None] = [name for (name,) in names]
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE numbered_languages AS"
            " SELECT unnest(CAST($names AS VARCHAR[])) AS language, CAST(unnest(range(len($names))) AS INTEGER) AS number",
            {"names": self._names},
        )
        found = connection.execute(
            "SELECT line_hash, number FROM turns_to_score JOIN numbered_languages AS named"
            " ON named.language IS NOT DISTINCT FROM turns_to_score.language ORDER BY line_hash"
        ).fetchnumpy()
        self._hashes, self._numbers = found["line_hash"], found["number"]

    def of(self, hashes: list[int]) -> list[str | None]:
        """The languages of the lines of these hashes, which are among them."""
        places = np.searchsorted(self._hashes, np.array(hashes, dtype=np.uint64))
        return [self._names[number] for number in self._numbers[places].tolist()]


class _CachingScorer:
    """Scores texts. One that came before is not scored again, while its score is among those that are kept."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._cached: dict[int, float | None] = {}
        """By a hash of language and text, so that no text has to be held."""

    def scores(self, texts: list[tuple[str | None, str]]) -> list[float | None]:
        """The score of each text in its language."""
        keys = [hash(text) for text in texts]
        if len(self._cached) > CACHED_TEXTS:
            self._cached = dict(islice(self._cached.items(), len(self._cached) - CACHED_TEXTS // 2, None))
        new: defaultdict[str | None, dict[int, str]] = defaultdict(dict)
        for key, (language, text) in zip(keys, texts, strict=True):
            if key not in self._cached:
                new[language][key] = text
        for language, some in new.items():
            self._cached.update(zip(some, self._scorer.scores(list(some.values()), language), strict=True))
        return [self._cached[key] for key in keys]


def _drop_scores(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute("DELETE FROM sentiment_scores WHERE scorer = $scorer", {"scorer": name})
