"""What a row of an application's ``call_logs`` is: a turn, or what one speaker said in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from voicetel.exporters.postgres.database import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.exporters.postgres.database import Database
    from voicetel.exporters.postgres.existing.table import ExistingTable

RowPer = Literal["turn", "speaker"]

_CALLER_NAMES = ("user", "caller", "customer", "human", "client")
_AGENT_NAMES = ("assistant", "agent", "bot", "ai", "model")

_LOOKED_AT_CALLS = 200
"""Calls whose rows show how the table is filled."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """How the rows of ``call_logs`` are made.

    ``caller`` and ``agent`` are what its ``role`` calls the two. Where a row is a speaker's, ``shares_index`` says that
    both rows of a turn have its number; otherwise the rows of a call are numbered from ``first_index``.
    """

    row_per: RowPer
    caller: str = "user"
    agent: str = "agent"
    shares_index: bool = False
    first_index: int = 1


def find_shape(database: Database, table: ExistingTable, row_per: RowPer | None) -> RowShape:
    """The shape of the rows that the table has; of an empty one as its columns say.

    ``row_per``, where given, is taken as said. A table without rows that has both ``role`` and ``content`` has a row
    per speaker: one column of words cannot hold what two have said.
    """
    if table.column("role") is None:
        return RowShape("turn")
    seen = _Seen.of(database, table)
    if row_per is None:
        row_per = seen.row_per or ("speaker" if table.column("content") else "turn")
    names = (*seen.roles, *table.values_of("role"))
    agent = _name(names, _AGENT_NAMES, "assistant" if row_per == "speaker" else "agent")
    caller = _name(names, _CALLER_NAMES, "user")
    keys = [key for key in table.unique_keys if table.name_of("turn_index") in key]
    is_alone_unique = any(table.name_of("role") not in key for key in keys)
    shares = not is_alone_unique and (bool(keys) if seen.shares_index is None else seen.shares_index)
    return RowShape(row_per, caller, agent, shares, seen.first_index)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rows of some calls show. None: they do not."""

    roles: tuple[str, ...]
    row_per: RowPer | None
    shares_index: bool | None
    first_index: int

    @staticmethod
    def of(database: Database, table: ExistingTable) -> _Seen:
        role = quoted(table.name_of("role"))
        call_id = quoted(table.name_of("call_id"))
        index = quoted(table.name_of("turn_index")) if table.column("turn_index") else "NULL::bigint"
        caller_names = ", ".join(literal(name) for name in _CALLER_NAMES)
        ((roles, callers, after_caller, agent_after_caller, calls, shared, from_zero),) = database.rows(
            f"WITH looked_at AS (SELECT {call_id} AS call_id, {role}::text AS role, {index}::bigint AS index,"
            f" lower({role}::text) IN ({caller_names}) AS is_caller FROM {table.relation.sql}"
            f" WHERE {call_id} IN (SELECT DISTINCT {call_id} FROM {table.relation.sql} LIMIT {_LOOKED_AT_CALLS})),"
            " followed AS (SELECT *, lead(is_caller) OVER (PARTITION BY call_id ORDER BY index, is_caller DESC) AS next FROM looked_at),"
            " turn AS (SELECT call_id, index, count(DISTINCT is_caller) AS sides FROM looked_at GROUP BY call_id, index),"
            " call AS (SELECT call_id, min(index) AS first, max(sides) AS sides FROM turn GROUP BY call_id)"
            " SELECT (SELECT string_agg(role, chr(10) ORDER BY n DESC, role)"
            " FROM (SELECT role, count(*) AS n FROM looked_at WHERE role IS NOT NULL GROUP BY role) AS roles),"
            " (SELECT count(*) FROM followed WHERE is_caller), (SELECT count(*) FROM followed WHERE is_caller AND next IS NOT NULL),"
            " (SELECT count(*) FROM followed WHERE is_caller AND NOT next),"
            " (SELECT count(*) FROM call), (SELECT count(*) FROM call WHERE sides > 1),"
            " (SELECT count(*) FROM call WHERE first = 0)"
        )
        row_per: RowPer | None = None
        if callers:
            row_per = "speaker" if 2 * agent_after_caller > after_caller else "turn"
        shares = None if row_per != "speaker" else 2 * shared > calls
        return _Seen(tuple((roles or "").split("\n")), row_per, shares, 0 if 2 * from_zero > calls else 1)


def _name(names: Sequence[str], candidates: Sequence[str], default: str) -> str:
    """The first of the names that is a candidate, as it is written."""
    return next((name for name in names if name.lower() in candidates), default)
