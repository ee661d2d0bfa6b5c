"""How many calls the records of an import are of: a carrier's record may be a part of a platform's call, or of another of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.logs.spool import Spool


class ReadCalls(NamedTuple):
    """``calls``: how many different ones were read; ``joined``: how many carriers' records are parts of another call.

    That is a platform's call, or the carrier's own of which the record is a further leg. Records of earlier imports whose
    platform is known only now are among the joined.
    """

    calls: int = 0
    joined: int = 0


def note_read(spool: Spool) -> None:
    """Keep of which calls the records in the spool are, for merging takes some of them out."""
    spool.database.execute("CREATE TABLE read AS SELECT source, id, call_id, carrier_call_id FROM call")


def count_read(spool: Spool, carriers: Sequence[str]) -> ReadCalls:
    """Count what ``note_read`` kept, once the spool is merged: only then is it known which platform made which call."""
    marks = ", ".join("?" * len(carriers))
    platform = (
        "SELECT carrier_call_id, min(call_id) AS call_id FROM ("
        "SELECT source, carrier_call_id, call_id FROM call UNION ALL SELECT source, carrier_call_id, call_id FROM logged"
        f") WHERE carrier_call_id IS NOT NULL AND source NOT IN ({marks}) GROUP BY carrier_call_id"
    )
    database = spool.database
    database.execute(f"CREATE TABLE platform AS {platform}", carriers)
    database.execute("CREATE UNIQUE INDEX platform_by_carrier ON platform (carrier_call_id)")
    calls, joined = database.execute(
        "SELECT count(DISTINCT coalesce(platform.call_id, read.call_id)),"
        f" count(*) FILTER (WHERE read.source IN ({marks}))"
        f" - count(DISTINCT read.call_id) FILTER (WHERE read.source IN ({marks}) AND platform.call_id IS NULL)"
        f" FROM read LEFT JOIN platform ON read.source IN ({marks}) AND platform.carrier_call_id = read.carrier_call_id",
        (*carriers, *carriers, *carriers),
    ).fetchone()
    (earlier,) = database.execute(
        "SELECT count(*) FROM logged JOIN platform USING (carrier_call_id)"
        f" WHERE logged.source IN ({marks}) AND platform.call_id <> logged.call_id"
        " AND (logged.source, logged.id) NOT IN (SELECT source, id FROM read)",
        carriers,
    ).fetchone()
    return ReadCalls(calls, joined + earlier)
