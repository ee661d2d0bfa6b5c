"""A carrier's records of calls → the calls of the platforms that made them, by the carrier's id of the call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voicetel.importers.logs.spool import Spool

_COMMON_FIELDS: Final = frozenset({"v", "event", "ts", "call_id", "writer", "seq", "imported"})
_END_FIELDS: Final = _COMMON_FIELDS | {"end_reason", "amd", "outcome", "outcome_confidence", "outcome_reason"}


def platform_call_id(spool: Spool, carrier_call_id: str | None, carrier: str) -> str | None:
    """The call that a platform made over this call of the carrier; the first by name where there are several."""
    found = spool.database.execute(
        "SELECT min(call_id) FROM ("
        "SELECT call_id FROM call WHERE carrier_call_id = ?1 AND source <> ?2 "
        "UNION ALL SELECT call_id FROM logged WHERE carrier_call_id = ?1 AND source <> ?2)",
        (carrier_call_id, carrier),
    ).fetchone()
    return found[0] if found and isinstance(found[0], str) else None


def joined(lines: bytes, call_id: str) -> bytes:
    """A carrier's lines as part of the call ``call_id``: what was billed, and how it ended where that says anything.

    The length of the call and the time connected are the platform's to say.
    """
    mark: object = None
    kept = []
    for line in lines.splitlines():
        event: dict[str, object] = json.loads(line)
        mark = event.pop("imported", mark)
        if event["event"] == "call_ended":
            event = {name: value for name, value in event.items() if name in _END_FIELDS}
        if event["event"] == "call_started" or not event.keys() - _COMMON_FIELDS:
            continue
        for operation in event.get("operations") or ():  # type: ignore[attr-defined]
            operation.pop("session_s", None)
        kept.append(event | {"call_id": call_id})
    if kept:
        kept[0]["imported"] = mark
    return b"".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for event in kept)
