"""Which calls of an import are written, and which that were written before give way to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.importers.logs.spool import Spool, version_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.notes import Notes


@dataclass(slots=True)
class Merged:
    """How many calls, by source, are new, replaced an older delivery, or were there as they are."""

    new: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def merge(spool: Spool, order: Sequence[str], carriers: Sequence[str], notes: Notes) -> Merged:
    """Decide on each call of the spool.

    Afterwards ``call`` holds what is to be written, and ``logged`` what stays as it is. ``order`` are the sources, the
    preferred first; ``carriers`` those whose records belong to the calls of others.
    """
    merged = Merged()
    for source, _ in _leave_out_recorded(spool, carriers):
        merged.left_out[source] += 1
        notes.add("calls that the live recorder wrote already were left out")
    _keep_best_logged(spool)
    for source, verdict in _compare_versions(spool):
        getattr(merged, verdict)[source] += 1
    for source in _prefer(spool, order, carriers):
        merged.left_out[source] += 1
        notes.add("calls that a better source has were left out")
    return merged


def _leave_out_recorded(spool: Spool, carriers: Sequence[str]) -> list[tuple[str, str]]:
    """What the live recorder wrote is better than any import: an import of it goes, an earlier one too."""
    condition = f"call_id IN (SELECT call_id FROM recorded) AND source NOT IN ({_marks(carriers)})"
    found = spool.calls_of(condition, carriers)
    spool.database.executemany("DELETE FROM logged WHERE source = ? AND id = ?", found)
    spool.database.executemany("DELETE FROM call WHERE source = ? AND id = ?", found)
    return found


def _keep_best_logged(spool: Spool) -> None:
    """A call that two files have, for an import was interrupted between them, stays where its version is greater."""
    doubled = spool.database.execute("SELECT source, id FROM logged GROUP BY source, id HAVING count(*) > 1")
    for key in list(doubled):
        rows = spool.database.execute("SELECT path, version FROM logged WHERE source = ? AND id = ?", key)
        best, *others = sorted(rows, key=lambda row: (version_of(row[1]), row[0]), reverse=True)
        del best
        spool.database.executemany(
            "DELETE FROM logged WHERE source = ? AND id = ? AND path = ?", [(*key, path) for path, _ in others]
        )


def _compare_versions(spool: Spool) -> list[tuple[str, str]]:
    """Source and verdict of each call: a delivery that is no greater than the one written before is not written."""
    rows = spool.database.execute(
        "SELECT call.source, call.id, call.version, logged.version "
        "FROM call LEFT JOIN logged ON logged.source = call.source AND logged.id = call.id"
    )
    verdicts, older, newer = [], [], []
    for source, call_id, version, logged in rows:
        if logged is None:
            verdicts.append((source, "new"))
        elif version_of(version) > version_of(logged):
            verdicts.append((source, "replaced"))
            newer.append((source, call_id))
        else:
            verdicts.append((source, "unchanged"))
            older.append((source, call_id))
    spool.database.executemany("DELETE FROM call WHERE source = ? AND id = ?", older)
    spool.database.executemany("DELETE FROM logged WHERE source = ? AND id = ?", newer)
    return verdicts


def _prefer(spool: Spool, order: Sequence[str], carriers: Sequence[str]) -> list[str]:
    """Of two sources that have the same call the preferred one stays. Gives the sources of those left out."""
    platforms = [source for source in order if source not in carriers]
    lost = []
    for place, better in enumerate(platforms):
        for worse in platforms[place + 1 :]:
            lost += _outdone(spool, "call", worse, better)
            _outdone(spool, "logged", worse, better)
    return lost


def _outdone(spool: Spool, table: str, worse: str, better: str) -> list[str]:
    has_better = (
        "call_id IN (SELECT call_id FROM call WHERE source = :better "
        "UNION ALL SELECT call_id FROM logged WHERE source = :better)"
    )
    deleted = spool.database.execute(
        f"DELETE FROM {table} WHERE source = :worse AND {has_better} RETURNING source",
        {"worse": worse, "better": better},
    )
    return [source for (source,) in deleted.fetchall()]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
