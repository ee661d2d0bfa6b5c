"""The relations that SQL can ask: their columns with unit and meaning, and where they come from. None holds a transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.results import CallRow
from voicetel.events.fields import QUANTITIES
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.results import row_columns

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """A column: its name, its unit (empty where it has none), its meaning, and the expression that it is made of."""

    name: str
    doc: str
    unit: str = ""
    sql: str = ""

    @property
    def expression(self) -> str:
        """SQL over the relation's source."""
        return f"{self.sql or self.name} AS {self.name}"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation: one row per ``grain``, made of the rows of ``source`` on a connection that has them."""

    name: str
    grain: str
    source: str
    columns: tuple[RelationColumn, ...]

    @property
    def query(self) -> str:
        """SQL that gives its rows."""
        return f"SELECT {', '.join(column.expression for column in self.columns)} FROM {self.source}"


_NOT_IN_SQL = {"day", "outcome_reason"}
"""``day`` is for grouped rows alone; a reason may quote what was said."""

_LATENCY_COLUMNS = tuple(RelationColumn(latency.name, latency.doc, "ms") for latency in TURN_LATENCIES)
_QUANTITY_COLUMNS = tuple(
    RelationColumn(
        each.name, each.doc, "" if (unit := each.unit or "") in {"tokens", "characters", "requests"} else unit
    )
    for each in QUANTITIES
)
_CALL_ID = RelationColumn("call_id", "The call.")
_PLACE = (
    RelationColumn("stage", "What the provider did: stt, llm, tts, realtime, eot, tool, …"),
    RelationColumn("provider", "Who sends the bill."),
    RelationColumn("model", "The model."),
)
_COMPONENT = RelationColumn("component", "The part of the bill it is in: stt, llm, tts, realtime, transport, other.")

CALLS = Relation(
    "calls",
    "call",
    "call_rows",
    tuple(
        RelationColumn(column.name, column.figure.doc, column.figure.unit or "")
        for column in row_columns(CallRow)
        if column.name not in _NOT_IN_SQL
    ),
)
TURNS = Relation(
    "turns",
    "turn",
    "turn_rows",
    (
        _CALL_ID,
        RelationColumn(
            "turn_index", "Number of the turn; where a call's numbers are missing or come twice, its index from 1."
        ),
        RelationColumn("turn", "Its number as logged."),
        RelationColumn("ts", "When it began, UTC."),
        RelationColumn("state_id", "Where in the dialogue the agent was."),
        RelationColumn("user_spoke", "Whether the caller spoke in it."),
        RelationColumn("agent_spoke", "Whether the agent spoke in it."),
        RelationColumn("user_start_ms", "When the caller began, after ts.", "ms"),
        RelationColumn("user_end_ms", "When the caller stopped, after ts.", "ms"),
        RelationColumn("agent_start_ms", "When the agent's audio began, after ts.", "ms"),
        RelationColumn("agent_end_ms", "When the agent's audio stopped, after ts.", "ms"),
        RelationColumn("interrupted_by", "Who stopped the agent, as logged."),
        RelationColumn(
            "was_interrupted", "Whether the caller stopped the agent. NULL: not known, or the agent was silent."
        ),
        *_LATENCY_COLUMNS,
        RelationColumn(
            "stt_latency_ms", "Whole STT time: the sum of duration_ms over STT operations not cancelled.", "ms"
        ),
        RelationColumn("tts_latency_ms", "Whole TTS time, likewise.", "ms"),
        RelationColumn("stt_s", "Audio sent to STT; connected time where no audio was logged.", "s"),
        RelationColumn("llm_input_tokens", "Input tokens of the LLM, cached ones included."),
        RelationColumn("llm_output_tokens", "Output tokens of the LLM."),
        RelationColumn("tts_characters", "Characters sent to be spoken."),
    ),
)
OPERATIONS = Relation(
    "operations",
    "call to a provider",
    "operation_rows",
    (
        _CALL_ID,
        RelationColumn("operation_index", "Its number in the call, from 1."),
        RelationColumn("turn_index", "The turn it belongs to, as in turns. NULL: none."),
        RelationColumn("event", "The event that says so: turn, call_ended, usage."),
        RelationColumn("ts", "Time of that event, UTC."),
        *_PLACE,
        RelationColumn("name", "Name of a tool."),
        RelationColumn("status", "error, cancelled; ok or NULL: it went well."),
        RelationColumn("start_ms", "When it began, after ts.", "ms"),
        RelationColumn("ttfb_ms", "From request to first byte or token, as logged.", "ms"),
        RelationColumn("duration_ms", "From request to the end of the answer, as logged.", "ms"),
        *_QUANTITY_COLUMNS,
        _COMPONENT,
        RelationColumn("cost", "What it cost, exact, in the rate card's currency. NULL: it has no price.", "money"),
        RelationColumn("billed_cost", "What the provider itself charged, in billed_currency.", sql="charged"),
        RelationColumn("billed_currency", "Currency of billed_cost.", sql="charged_currency"),
    ),
)
USAGE = Relation(
    "usage",
    "call, day, stage, provider, model and way of billing",
    "priced_usage",
    (
        _CALL_ID,
        RelationColumn("day", "UTC day of the events."),
        *_PLACE,
        _COMPONENT,
        RelationColumn("operations", "How many calls to the provider."),
        RelationColumn(
            "billable_operations", "How many of them used something that a card could price.", sql="billable"
        ),
        RelationColumn("priced_operations", "How many of them have a price for all of it.", sql="covered"),
        RelationColumn(
            "cost",
            "Exact, in the rate card's currency. NULL: nothing of it has a price.",
            "money",
            "exact_amount(ninths)",
        ),
        RelationColumn("other_cost", "What the provider charged in another currency.", sql="other_amount"),
        RelationColumn("other_currency", "That currency."),
        *_QUANTITY_COLUMNS,
    ),
)

RELATIONS = (CALLS, TURNS, OPERATIONS, USAGE)


def named_in(sql: str) -> tuple[Relation, ...]:
    """The relations whose names stand in a query: the others need not be made for it."""
    words = _words(sql)
    return tuple(relation for relation in RELATIONS if relation.name in words)


def names_amounts(sql: str, columns: Iterable[str]) -> bool:
    """Whether a query names an amount by the rate card, or has one among the ``columns`` of its answer, as ``SELECT *`` does."""
    amounts = {column.name for relation in named_in(sql) for column in relation.columns if column.unit == "money"}
    return not amounts.isdisjoint(_words(sql).union(columns))


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", sql.lower()))


def relations_reference(relations: Iterable[Relation] = RELATIONS) -> str:
    """Markdown: a table of the columns of each relation."""
    lines = []
    for relation in relations:
        lines += [
            f"\n### {relation.name}\n",
            f"One row per {relation.grain}.\n",
            "| column | unit | meaning |",
            "|---|---|---|",
        ]
        lines += [f"| `{column.name}` | {column.unit} | {column.doc} |" for column in relation.columns]
    return "\n".join(lines)
