"""The dashboard asks for what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from support.exports.exported import call

if TYPE_CHECKING:
    from support.exports.exported import Target

DOCS = Path(__file__).parents[2] / "docs"


def test_every_query_of_the_dashboard_runs(target: Target) -> None:
    """Grafana's own macros aside, PostgreSQL accepts each and it gives a row."""
    target.log([*call("a"), *call("b", minute=3)])
    target.export()
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))
    queries = [query["rawSql"] for panel in dashboard["panels"] for query in panel["targets"]]
    assert len(queries) >= 6
    for query in queries:
        sql = query.replace("voicetel.", f"{target.quoted}.")
        for macro in ("started_at", "day", "created_at"):
            sql = sql.replace(f"$__timeFilter({macro})", f"{macro} > timestamp '2026-01-01'")
        assert "$__" not in sql
        assert target.rows(sql.rstrip(";")), query
