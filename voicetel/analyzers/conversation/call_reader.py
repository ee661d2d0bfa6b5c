"""Reads what stands in the store of some calls, and in logs of their transcripts: no more than is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.conversation.operation_costs import CallOperations
from voicetel.analyzers.conversation.results import Conversation, Excerpt, Mark
from voicetel.analyzers.conversation.turn_range import MAX_MARKS_AND_TURNLESS_OPERATIONS
from voicetel.analyzers.conversation.turns import turn_of
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.store.transcripts import TurnTranscript, transcripts_of_calls, transcripts_of_shown_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from voicetel.analyzers.conversation.turn_range import TurnRange
    from voicetel.pricing import RateCard
    from voicetel.store import Store

_OF_CALLS_SQL = "call_id IN (SELECT unnest($call_ids))"
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class _Window:
    """The positions of the turns that are shown of a call; how many turns the whole call has, and the position of its slowest. Times in UTC."""

    first: int
    last: int
    turns_of_call: int
    slowest_of_call: int | None
    from_ts: datetime
    until_ts: datetime | None

    def has(self, ts: datetime) -> bool:
        """Whether something happened from the first of these turns to the next one; before the first turn of all is with it."""
        return (self.first == 1 or ts >= self.from_ts) and (self.until_ts is None or ts < self.until_ts)


@dataclass(slots=True)
class _Marks:
    """The marks of a call, which come in the order of their time."""

    shown: list[Mapping[str, Any]] = field(default_factory=list)
    left_out: int = 0

    def add(self, row: Mapping[str, Any], window: _Window | None) -> None:
        """The next one."""
        if len(self.shown) < MAX_MARKS_AND_TURNLESS_OPERATIONS and (window is None or window.has(row["ts"])):
            self.shown.append(row)
        else:
            self.left_out += 1


class CallReader:
    """Reads calls: whole ones, or those turns of each that ``turn_range`` asks for. Only what is shown is held in memory."""

    def __init__(self, store: Store, call_ids: Sequence[str], turn_range: TurnRange | None) -> None:
        self._store, self._ids, self._is_partial = store, list(call_ids), turn_range is not None
        if turn_range is not None:
            values = {
                "calls": self._ids,
                "first": turn_range.first,
                "max_turns": turn_range.max_turns,
                "around_slowest": turn_range.around_slowest,
            }
            store.connection.execute(load_sql(__name__, "shown_turns.sql"), values)

    def transcripts(self, redact: Callable[[str], str] | None) -> dict[int, TurnTranscript]:
        """Line key of a turn → what was said in it."""
        read = transcripts_of_shown_turns if self._is_partial else transcripts_of_calls
        found = read(self._store, self._ids)
        return {key: _redacted(each, redact) for key, each in found.items()} if redact else found

    def conversations(
        self, card: RateCard, call_rows: Sequence[Mapping[str, Any]], transcripts: Mapping[int, TurnTranscript]
    ) -> Iterator[Conversation]:
        """One for each of ``call_rows``."""
        turns = self._turns()
        windows = self._windows(turns) if self._is_partial else {}
        operations, marks = self._operations(card, turns), self._marks(windows)
        for row in call_rows:
            call_id, started_at = row["call_id"], row["started_at"]
            call_operations, call_marks = operations.get(call_id, CallOperations(card)), marks.get(call_id, _Marks())
            shown_operations = call_operations.shown_by_turn()
            yield Conversation(
                card.currency,
                row,
                tuple(
                    turn_of(
                        each, transcripts.get(each["line_key"]), started_at, shown_operations.get(each["line_key"], ())
                    )
                    for each in turns.get(call_id, ())
                ),
                tuple(
                    Mark(each["ts"], (each["ts"] - started_at).total_seconds(), each["kind"], each["value"])
                    for each in call_marks.shown
                ),
                shown_operations.get(None, ()),
                _excerpt(
                    windows.get(call_id),
                    turns.get(call_id, ()),
                    call_marks.left_out,
                    max(0, call_operations.turnless_operations - MAX_MARKS_AND_TURNLESS_OPERATIONS),
                ),
            )

    def _turns(self) -> dict[str, list[dict[str, Any]]]:
        semi_join_sql = " SEMI JOIN shown_turns USING (stream_id, line_key)" if self._is_partial else ""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows(
            f"SELECT turns.* FROM turns JOIN (SELECT call_id, numbered FROM calls) USING (call_id){semi_join_sql} WHERE {_OF_CALLS_SQL}"
            " ORDER BY turn_order(numbered, turn, ts), turn, line_key"
        ):
            found.setdefault(row["call_id"], []).append(row)
        return found

    def _windows(self, turns: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, _Window]:
        rows = self._store.connection.execute(
            "SELECT call_id, min(position), max(position), any_value(turns), any_value(slowest_position), arg_max_null(next_ts, position)"
            " FROM shown_turns GROUP BY call_id"
        ).fetchall()
        return {
            call_id: _Window(first, last, number, slowest, turns[call_id][0]["ts"], next_ts)
            for call_id, first, last, number, slowest, next_ts in rows
        }

    def _operations(
        self, card: RateCard, turns: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> dict[str, CallOperations]:
        shown = {row["line_key"] for rows in turns.values() for row in rows}
        found: dict[str, CallOperations] = {}
        for row in self._rows(f"SELECT * FROM operations WHERE {_OF_CALLS_SQL} ORDER BY ts, line_key, operation"):
            if row["call_id"] not in found:
                found[row["call_id"]] = CallOperations(card)
            found[row["call_id"]].add(row, is_shown=row["line_key"] in shown)
        return found

    def _marks(self, windows: Mapping[str, _Window]) -> dict[str, _Marks]:
        found: dict[str, _Marks] = {}
        for row in self._rows(
            f"SELECT call_id, ts, kind, value FROM events WHERE {_OF_CALLS_SQL} AND event = 'mark' AND kind IS NOT NULL"
            " ORDER BY ts, line_key"
        ):
            found.setdefault(row["call_id"], _Marks()).add(row, windows.get(row["call_id"]))
        return found

    def _rows(self, sql: str) -> Iterator[dict[str, Any]]:
        """The rows of a query over these calls, in its order, of which only some are in memory at once."""
        cursor = self._store.connection.execute(sql, {"call_ids": self._ids})
        names = [column[0] for column in cursor.description or ()]
        while some := cursor.fetchmany(_ROWS_AT_ONCE):
            for values in some:
                yield dict(zip(names, values, strict=True))


def _excerpt(window: _Window | None, turns: Sequence[Mapping[str, Any]], marks: int, operations: int) -> Excerpt | None:
    """What is left out; None where the call is there as a whole. ``turns``: those that are shown."""
    if window is not None:
        return Excerpt(window.first, window.last, window.turns_of_call, window.slowest_of_call, marks, operations)
    if not marks and not operations:
        return None
    return Excerpt(min(1, len(turns)), len(turns), len(turns), _slowest(turns), marks, operations)


def _slowest(turns: Sequence[Mapping[str, Any]]) -> int | None:
    """The position, from 1, of the turn with the slowest response, the first of several; None: of none it is known."""
    responses = {
        position: turn["eou_latency_ms"] for position, turn in enumerate(turns, 1) if turn["eou_latency_ms"] is not None
    }
    return max(responses, key=lambda position: responses[position]) if responses else None


def _redacted(transcript: TurnTranscript, redact: Callable[[str], str]) -> TurnTranscript:
    user, agent = (redact(text) if text is not None else None for text in (transcript.user_text, transcript.agent_text))
    return transcript._replace(
        user_text=user,
        agent_text=agent,
        user_altered=transcript.user_altered or user != transcript.user_text,
        agent_altered=transcript.agent_altered or agent != transcript.agent_text,
    )
