"""Holds what the database has against what the reports say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from voicetel.exporters.tables import CALL_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.exports.exported import Target


def assert_same_calls(target: Target) -> None:
    """Every figure of call_metrics is the one that calls() gives."""
    assert_same_rows(target.table("call_metrics"), target.calls())


def assert_same_rows(found: Iterable[dict[str, Any]], expected: Sequence[dict[str, Any]]) -> None:
    """Every figure of rows of call_metrics is the one that calls() gave."""
    rows = {row["call_id"]: row for row in found}
    assert set(rows) == {id_in_database(each["call_id"]) for each in expected}
    for each in expected:
        row = rows[id_in_database(each["call_id"])]
        for column in CALL_METRICS.columns:
            if column.ours in each and column.ours != "call_id":
                assert_same(row[column.name], each[column.ours], column.name)
        other = [cost for cost in (each["cost_realtime"], each["cost_other"]) if cost is not None]
        assert_same(row["cost_other"], sum(other) if other else None, "cost_other")
        if each["duration_s"] is not None:
            lasted = datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])
            assert lasted == timedelta(milliseconds=int(each["duration_s"] * 1000))


def assert_same(value: Any, expected: Any, name: str) -> None:
    """A value of the database, out of JSON, and one of Python are the same."""
    if isinstance(expected, datetime):
        assert datetime.fromisoformat(value) == expected.replace(tzinfo=UTC), name
    elif isinstance(expected, float):
        assert float(value) == expected, name
    else:
        without_nul = expected.replace("\0", "\ufffd") if isinstance(expected, str) else expected
        assert value == without_nul, name


def id_in_database(call_id: str) -> str:
    """A call's id as it is exported: PostgreSQL has no NUL."""
    if "\0" not in call_id:
        return call_id
    return f"{call_id.replace(chr(0), chr(0xFFFD))}#{hashlib.md5(call_id.encode()).hexdigest()[:12]}"
