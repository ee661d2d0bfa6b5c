"""Simulated logs read back: lines, events and calls."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from voicetel.outcomes import load_rules
from voicetel.simulator import simulate
from voicetel.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Event: TypeAlias = dict[str, Any]


@contextlib.contextmanager
def simulated_store(folder: Path, calls: int, seed: int) -> Iterator[Store]:
    """A store, without a cache, of so many simulated calls in ``folder``."""
    simulate(folder, calls=calls, seed=seed, workers=1)
    with open_store([str(folder)], load_rules(), cache=False) as store:
        yield store


def read_events(folder: Path) -> list[Event]:
    """Return every event of the logs in ``folder``, file after file."""
    return [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


def by_call(events: Iterable[Event]) -> list[list[Event]]:
    """Group ``events`` by call, each call's in the order of their ts."""
    calls: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        calls[event["call_id"]].append(event)
    return [sorted(call, key=lambda event: (event["ts"], event["seq"])) for call in calls.values()]


def at_ms(event: Event) -> int:
    """Return the event's ts in ms since 1970."""
    return round(datetime.fromisoformat(event["ts"]).timestamp() * 1000)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file of ``folder``."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
