"""The figures of a period, from rows that are in memory: nothing is opened for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import duckdb

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.live.results import LiveFigures, LiveMinute, SlowTurn
from voicetel.pricing.money import NINTHS, RATE_PLACES, amount_of, round_fraction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from voicetel.analyzers.live.recent_rows import RecentRows

ACTIVE_MINUTES = 2
"""A call without an end goes on for so long after its last event."""

MAX_SLOW_TURNS = 10


@dataclass(slots=True)
class LiveWindow:
    """Rows of the last minutes, ready to be asked for the figures of any period among them."""

    rows: RecentRows
    _connection: duckdb.DuckDBPyConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        for name, table in (("turns", self.rows.turns), ("calls", self.rows.calls), ("costs", self.rows.costs)):
            self._connection.register(f"recent_{name}", table)

    def figures(self, at: datetime, minutes: int, slow_ms: float) -> LiveFigures:
        """The figures of the ``minutes`` before ``at``, UTC without a zone. ``slow_ms``: responses longer than that are slow."""
        period = {"since": at - timedelta(minutes=minutes), "at": at}
        self._connection.execute(load_sql(__name__, "period_turns.sql"), {**period, "slow_ms": slow_ms})
        (turns,) = self._records("turn_totals.sql")
        (active,) = self._records("active_calls.sql", at=at, active_minutes=ACTIVE_MINUTES)
        slow = self._records("slow_turns.sql", limit=MAX_SLOW_TURNS)
        by_minute = self._records("responses_by_minute.sql", at=at)
        ended = self._records("ended_calls.sql", **period)
        agent_turns, stopped = turns["agent_turns"], turns["interruptions"]
        return LiveFigures(
            at=at,
            minutes=minutes,
            slow_ms=slow_ms,
            **turns,
            interruption_rate=None if stopped is None or not agent_turns else stopped / agent_turns,
            active_calls=active["calls"],
            ended_calls=sum(each["calls"] for each in ended),
            outcomes={each["outcome"]: each["calls"] for each in ended},
            currency=self.rows.currency,
            **_costs(ended),
            refused_lines=self.rows.refused_lines,
            by_minute=tuple(LiveMinute(**each) for each in by_minute),
            slow=tuple(SlowTurn(**_floats(each)) for each in slow),
            broken_limits=(),
            warnings=self.rows.warnings,
            rate_notes=self.rows.rate_notes,
        )

    def close(self) -> None:
        """Let go of the rows."""
        self._connection.close()

    def _records(self, name: str, **values: object) -> list[dict[str, Any]]:
        cursor = self._connection.execute(load_sql(__name__, name), values or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _costs(ended: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the calls cost that ended, by outcome, taken together."""
    billable, covered = (sum(each[name] for each in ended) for name in ("billable", "covered"))
    minutes = Fraction(sum((each["duration_s"] or 0 for each in ended), 0)) / 60
    total, timed = _sum(ended, "ninths"), _sum(ended, "timed_ninths")
    return {
        "cost_total": None if total is None else amount_of(total),
        "cost_per_minute": None if timed is None or not minutes else round_fraction(timed / minutes, RATE_PLACES),
        "coverage": covered / billable if billable else None,
    }


def _sum(ended: Sequence[dict[str, Any]], name: str) -> Fraction | None:
    known: list[Decimal] = [each[name] for each in ended if each[name] is not None]
    return sum((Fraction(each) for each in known), Fraction(0)) / NINTHS if known else None


def _floats(row: dict[str, Any]) -> dict[str, Any]:
    """Latencies come as decimals."""
    return {name: float(value) if name.endswith("_ms") and value is not None else value for name, value in row.items()}
