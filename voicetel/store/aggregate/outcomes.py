"""How calls ended, by the rules of voicetel/outcomes: the same code that classifies a call in the agent."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.outcomes import Classification, Evidence, PhraseHit, classify, is_answered
from voicetel.outcomes.phrases.phrases import normalised_sql, phrases_sql
from voicetel.store.ingest.line_contents import HASH_MACRO, LinePositions, read_lines, with_contents

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from voicetel.outcomes import Rules

_EVIDENCE_COLUMNS = (
    "outcome",
    "outcome_confidence",
    "sip_status",
    "amd",
    "final_state",
    "end_reason",
    "direction",
    "marks",
    "user_turns",
    "brief",
    "ended",
    "phrases",
    "turns_by_person",
)
"""The columns that the evidence hash covers. A logged reason is not part of it: it is passed on as it is."""

_RULES_AFTER_PHRASES = frozenset({"late_end_reason", "brief", "none"})
"""Rules that come after the transcript's phrases: only where one of them decided can a transcript change the outcome."""

MAX_CACHED_OUTCOMES = 100_000
"""Outcomes that are kept from one group of calls to the next."""

FEW_TURNS = 1_000
"""Up to so many turns, the texts that have no phrase are not sorted out first."""


class OutcomeClassifier:
    """Classifies calls that look alike once. ``path_of_stream``: the file in which each log stream can be read again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rules: Rules, path_of_stream: Mapping[int, str]) -> None:
        self._connection = connection
        self._rules = rules
        self._path_of_stream = path_of_stream
        self._outcomes_by_evidence: dict[int, tuple[Classification, bool]] = {}
        """Hash of evidence → (outcome, whether such a call was answered)."""
        self._is_prepared = False
        self.calls_with_missing_text: set[str] = set()
        """Calls with a turn whose line could not be read again."""

    def classify(self) -> None:
        """Make ``outcome_of_evidence`` for the calls in ``aggregated_calls``, and ``evidence``."""
        if len(self._outcomes_by_evidence) > MAX_CACHED_OUTCOMES:
            self._outcomes_by_evidence.clear()
        settings = self._rules.settings
        self._connection.execute(
            aggregate_sql("evidence.sql"),
            {
                "max_user_turns": settings.person_user_turns,
                "brief_turns": settings.brief_turns,
                "brief_s": settings.brief_s,
            },
        )
        hashes = self._classify("true")
        undecided_hashes = [
            evidence_hash
            for evidence_hash in hashes
            if self._outcomes_by_evidence[evidence_hash][0].source in _RULES_AFTER_PHRASES
        ]
        if undecided_hashes:
            self._find_phrases(undecided_hashes)
            self._connection.execute(
                aggregate_sql("phrases_in_calls.sql"),
                {
                    "late_turns": settings.late_turns,
                    "machine_greeting_phrases": sorted(self._rules.machine_greeting_phrases),
                    "max_turns_by_person": self._rules.max_turns_by_person,
                },
            )
            hashes = list({*hashes, *self._classify("len(phrases) > 0")})
        found = [self._outcomes_by_evidence[each] for each in hashes]
        self._connection.execute(
            aggregate_sql("outcome_of_evidence.sql"),
            {
                "hashes": hashes,
                "outcomes": [each.outcome.value for each, _ in found],
                "confidences": [Decimal(repr(each.confidence)) for each, _ in found],
                "reasons": [each.reason for each, _ in found],
                "sources": [each.source for each, _ in found],
                "answered": [answered for _, answered in found],
            },
        )

    def _classify(self, where_sql: str) -> list[int]:
        """The hashes of the evidence of which ``where_sql`` is true, after classifying those that are new."""
        columns = ", ".join(f"any_value({name})" for name in _EVIDENCE_COLUMNS)
        rows = self._connection.execute(
            f"SELECT evidence_hash, {columns} FROM evidence WHERE {where_sql} GROUP BY evidence_hash"
        ).fetchall()
        for evidence_hash, *values in rows:
            if evidence_hash not in self._outcomes_by_evidence:
                self._outcomes_by_evidence[evidence_hash] = _outcome_of(
                    dict(zip(_EVIDENCE_COLUMNS, values, strict=True)), self._rules
                )
        return [evidence_hash for evidence_hash, *_ in rows]

    def _find_phrases(self, undecided_hashes: list[int]) -> None:
        """Make ``turn_phrases`` of the turns of undecided calls, whose lines are read again at their positions."""
        connection = self._connection
        connection.execute(
            "CREATE OR REPLACE TABLE turn_phrases"
            " (call_id VARCHAR, turn BIGINT, ts TIMESTAMP, line_key UBIGINT, user_spoke BOOLEAN,"
            " user_phrases USMALLINT[], agent_phrases USMALLINT[])"
        )
        turns = connection.sql(
            "SELECT call_id, turn, ts, line_key, user_spoke, line_hash, stream_id, byte_offset, bytes FROM bucket_events"
            " WHERE event = 'turn' AND call_id IN (SELECT call_id FROM evidence WHERE evidence_hash IN (SELECT unnest($hashes)))"
            " ORDER BY stream_id, byte_offset",
            params={"hashes": undecided_hashes},
        ).to_arrow_table()
        if not len(turns):
            return
        if not self._is_prepared:
            connection.execute(self._rules.book.create_phrase_type_sql)
            connection.execute(HASH_MACRO)
            self._is_prepared = True
        book = self._rules.book
        parameters = book.parameters if len(turns) > FEW_TURNS else book.parameters_for_few_texts
        for first, contents in read_lines(LinePositions.of(turns), self._path_of_stream):
            connection.register("turn_lines", with_contents(turns.slice(first, len(contents)), contents))
            connection.execute(aggregate_sql("phrases_in_turns.sql"), parameters)
            calls_with_missing_text = connection.execute(
                "SELECT DISTINCT call_id FROM turn_lines WHERE content IS NULL OR hash_of(content) <> line_hash"
            ).fetchall()
            self.calls_with_missing_text.update(call_id for (call_id,) in calls_with_missing_text)
            connection.unregister("turn_lines")


def _outcome_of(values: Mapping[str, object], rules: Rules) -> tuple[Classification, bool]:
    """The outcome of a row of ``evidence``, and whether such a call was answered."""
    known = dict(values)
    confidence = known.get("outcome_confidence")
    known["outcome_confidence"] = None if confidence is None else float(confidence)  # type: ignore[arg-type]
    known["marks"] = tuple(known.get("marks") or ())  # type: ignore[arg-type]
    known["phrases"] = tuple(PhraseHit(**hit) for hit in known.get("phrases") or ())  # type: ignore[attr-defined]
    evidence = Evidence(**known)  # type: ignore[arg-type]
    found = classify(evidence, rules)
    return found, is_answered(evidence, found)


@cache
def aggregate_sql(name: str) -> str:
    """The text of one of this package's .sql files."""
    text = files("voicetel.store.aggregate").joinpath(name).read_text(encoding="utf-8")
    return text.replace("{phrases}", phrases_sql("normalised")).replace("{normalised}", normalised_sql("text"))
