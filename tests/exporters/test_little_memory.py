"""An export of more rows than fit into the memory that there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voicetel.exporters.files import write_csv
from voicetel.exporters.rows import parts_of
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

CALLS, TURNS, OPERATIONS = 3_000, 10, 6


def test_operations_are_sorted_in_little_memory(tmp_path: Path) -> None:
    """180,000 of them in 80 MB, in which two threads could not."""
    log = tmp_path / "calls.jsonl"
    with log.open("w", encoding="utf-8") as file:
        for call in range(CALLS):
            for turn in range(1, TURNS + 1):
                operations = [
                    {
                        "stage": "llm",
                        "provider": f"provider-{n}",
                        "model": f"model-{call}-{n}",
                        "input_tokens": call + n,
                    }
                    for n in range(OPERATIONS)
                ]
                ts = f"2026-11-0{call % 3 + 2}T09:{turn:02d}:00Z"
                event = {"v": 1, "event": "turn", "ts": ts, "call_id": f"c{call}", "turn": turn}
                file.write(json.dumps(event | {"operations": operations}) + "\n")
    with open_store([str(log)], load_rules(), cache=False) as store:
        store.connection.execute("SET memory_limit = '80MB'")
        store.connection.execute("SET threads = 2")
        summary = write_csv(parts_of(store, load_card(None)), tmp_path / "out")
    assert summary.tables["operations"].inserted == CALLS * TURNS * OPERATIONS
