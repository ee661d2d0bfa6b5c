"""What calls can be grouped by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Sequence

CALL_DIMENSIONS = {
    "agent_name": "agent_name",
    "agent_version": "agent_version",
    "campaign": "campaign",
    "direction": "direction",
    "language": "language",
    "day": "strftime(started_local, '%Y-%m-%d')",
    "outcome": "outcome",
}
"""What calls can be grouped by, each with its SQL over ``filtered_calls``. A day is that of the call's start, in a zone."""


def values_sql(expressions: Sequence[str]) -> str:
    """SQL for the list of the values of several expressions, as text."""
    return f"CAST([{', '.join(f'CAST({each} AS VARCHAR)' for each in expressions)}] AS VARCHAR[])"


def check_dimensions(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise UsageError with the likely right word for a name that is no dimension."""
    for name in names:
        if name not in known:
            raise UsageError(f"cannot group by {name!r}", hint=did_you_mean_or_list(name, known))
