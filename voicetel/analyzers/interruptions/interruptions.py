"""How often callers stopped the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.sums import Sums
from voicetel.analyzers.interruptions.results import Interruptions

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext


def interruptions(context: AnalysisContext) -> dict[int | None, Interruptions]:
    """Group → interruptions; under None, all calls. Leaves ``call_interruptions`` for those who want them per call."""
    context.create(load_sql(__name__, "interruptions.sql"))
    totals = context.added("interruption_totals", load_sql(__name__, "interruption_totals.sql"), Sums())
    return {
        group_id: Interruptions(int(count or 0), int(agent_turns or 0), count / agent_turns if agent_turns else None)
        for group_id, count, agent_turns in totals
    }
