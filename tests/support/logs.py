"""Small logs for tests: events in, a store out."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from voicetel.outcomes import Rules, load_rules
from voicetel.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Event = dict[str, Any]


def write_log(path: Path, events: Iterable[Event]) -> Path:
    """Write one event per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")
    return path


def turn_event(number: int, call_id: str, **fields: Any) -> Event:
    """The turn of that number, so many seconds after nine."""
    ts = f"2026-11-02T09:00:{number:02d}Z"
    return {"v": 1, "event": "turn", "ts": ts, "call_id": call_id, "turn": number} | fields


@contextlib.contextmanager
def store_of(directory: Path, events: Iterable[Event], rules: Rules | None = None) -> Iterator[Store]:
    """A store that was read, without a cache, from a log of ``events`` in ``directory``."""
    write_log(directory / "calls.jsonl", events)
    with open_store([str(directory)], rules or load_rules(), cache=False) as store:
        yield store
