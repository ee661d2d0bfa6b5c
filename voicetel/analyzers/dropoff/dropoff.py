"""``voicetel dropoff``: in which state of the dialogue callers hang up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.results import ResultTable, figure, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request


@result
class StateDropoff:
    """How many calls came to one state of the dialogue, and how many ended there."""

    state_id: str = figure("The state, as logged.", title="state")
    calls: int = figure("Calls with a turn in it.")
    last_calls: int = figure("Calls of which it was the last state.", title="last state of", drop_priority=2)
    hangups: int = figure("Of these, calls that ended because the caller hung up.")
    dropoffs: int = figure("Of these, calls that did not end as success.", title="drop-offs")
    dropoff_rate: float | None = figure(
        "dropoffs ÷ calls. Null where none of the calls whose last state it was says why it ended.",
        unit="share",
        title="drop-off",
    )


DropoffReport = ResultTable[StateDropoff]
"""A row per group and state, those with the most drop-offs first."""


def answer(request: Request) -> DropoffReport:
    """``voicetel dropoff``. Raises NoDataError where there are no calls."""
    context = request.context()
    create_state_steps(context)
    rule = MergeByKeys(
        keys=("group_id", "state_id"), order_by="group_id NULLS FIRST, dropoffs DESC, calls DESC, state_id"
    )
    records = context.aggregate_records("dropoff", load_sql(__name__, "dropoff.sql"), rule)
    table = context.table(records, _state)
    covered = context.aggregate_rows("dropoff_coverage", load_sql(__name__, "dropoff_coverage.sql"), MergeByKeys())
    _, *counts = next(row for row in covered if row[0] is None)
    return replace(table, notes=tuple(_notes(*map(int, counts))))


def _notes(calls: int, with_state: int, with_reason: int) -> Iterator[str]:
    """Of how many calls nothing is known here."""
    if with_state < calls:
        yield (
            f"{calls - with_state:,} of {calls:,} calls are not in it: none of their turns names a state of the dialogue, which"
            " `state_id` in the log does."
        )
    if with_reason < with_state:
        yield (
            f"{with_state - with_reason:,} of {with_state:,} calls do not say why they ended (`end_reason`): whether the caller hung"
            " up is not known."
        )


def create_state_steps(context: AnalysisContext) -> None:
    """Make ``state_steps`` of the selected calls: state_steps.sql names its columns."""
    context.run_on_calls(load_sql(__name__, "state_steps.sql"))


def _state(**row: Any) -> StateDropoff:
    calls, dropoffs = int(row["calls"]), int(row["dropoffs"])
    return StateDropoff(
        state_id=row["state_id"],
        calls=calls,
        last_calls=int(row["last_calls"]),
        hangups=int(row["hangups"]),
        dropoffs=dropoffs,
        dropoff_rate=dropoffs / calls if row["calls_with_reason"] or not row["last_calls"] else None,
    )
