"""``voicetel speaking-rate``: how fast the agent speaks, in words of its transcripts. Nothing else counts words."""

from __future__ import annotations

from array import array
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.results import CellFormat, ResultTable, figure, result
from voicetel.store.transcripts import transcripts_of_turns

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request
    from voicetel.store import Store


@result
class SpeakingRate:
    """How many words the agent spoke in how much time."""

    agent_turns: int = figure("Turns in which the agent spoke.", title="agent turns", drop_priority=1)
    turns: int = figure("Of them, turns of which the whole transcript and the time of the audio are known.")
    words: int | None = figure("Words of their transcripts, as spaces tell them apart. Null: there is no such turn.")
    played_s: Decimal | None = figure("Audio of the agent that was played in them.", unit="s", title="audio, s")
    words_per_minute: float | None = figure(
        "words ÷ minutes of that audio.", format=CellFormat.MEAN, title="words a minute"
    )


SpeakingRateReport = ResultTable[SpeakingRate]
"""A row per group, or one over all calls."""


def answer(request: Request) -> SpeakingRateReport:
    """``voicetel speaking-rate``. Reads the transcripts; raises NoDataError where there are no calls."""
    context = request.context()
    count_words(request.store, context)
    rows = context.connection.execute(load_sql(__name__, "speaking_rate.sql"))
    names = [column[0] for column in rows.description or ()]
    return context.table([dict(zip(names, row, strict=True)) for row in rows.fetchall()], _rate)


def count_words(store: Store, context: AnalysisContext) -> None:
    """Make ``turn_words`` of the selected turns: turn_words.sql names its columns. No transcript is kept."""
    connection = context.connection
    context.run_on_calls(load_sql(__name__, "turns_to_count_words.sql"))
    # Of every turn a few bytes, not objects of Python's: logs have millions of turns.
    hashes, words = array("Q"), array("L")
    for some in transcripts_of_turns(store, "turns_to_count_words"):
        for each in some:
            if each.agent_text and not each.agent_altered:
                hashes.append(each.line_hash)
                words.append(len(each.agent_text.split()))
    connection.register("words_read", pa.table({"line_hash": np.asarray(hashes), "words": np.asarray(words)}))
    # Lines of one content have one hash, and as many words.
    context.run_on_calls(
        "CREATE OR REPLACE TEMP TABLE words_of_lines AS SELECT DISTINCT line_hash, words FROM words_read"
    )
    connection.unregister("words_read")
    context.run_on_calls(load_sql(__name__, "turn_words.sql"))


def _rate(**row: Any) -> SpeakingRate:
    turns, words = int(row["turns"] or 0), int(row["words"] or 0)
    if not turns:
        return SpeakingRate(int(row["agent_turns"] or 0), 0, None, None, None)
    played_s = Decimal(row["played_ms"]).scaleb(-3)
    return SpeakingRate(int(row["agent_turns"]), turns, words, played_s, round(float(words * 60 / played_s), 6))
