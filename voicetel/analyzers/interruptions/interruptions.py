"""How often callers stopped the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.interruptions.results import Interruptions

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext


def create_interruption_macros(context: AnalysisContext) -> None:
    """Make the macros that tell whether a caller stopped the agent: interruption_macros.sql names them."""
    context.run_on_calls(load_sql(__name__, "interruption_macros.sql"))


def interruptions(context: AnalysisContext) -> dict[int | None, Interruptions]:
    """Group → interruptions; under None, all calls. Leaves ``call_interruptions`` for those who want them per call.

    Of a group of operations nothing is known.
    """
    create_interruption_macros(context)
    context.run_on_calls(load_sql(__name__, "interruptions.sql"))
    rows = context.aggregate_rows("interruption_totals", load_sql(__name__, "interruption_totals.sql"), MergeByKeys())
    if context.grouping.level is Level.TURN:
        rows += context.aggregate_rows(
            "turn_interruptions", load_sql(__name__, "turn_interruptions.sql"), MergeByKeys()
        )
    found = {
        group_id: _interruptions(int(count or 0), int(agent_turns or 0), int(observed_turns or 0))
        for group_id, count, agent_turns, observed_turns in rows
    }
    none = Interruptions(None, None, None) if context.grouping.level is Level.OPERATION else Interruptions(0, 0, None)
    return {group_id: found.get(group_id, none) for group_id in context.group_ids}


def _interruptions(count: int, agent_turns: int, observed_turns: int) -> Interruptions:
    if agent_turns and not observed_turns:
        # What calls log in which the agent never spoke is counted still.
        return Interruptions(count or None, agent_turns, None)
    return Interruptions(count, agent_turns, count / agent_turns if agent_turns else None)
