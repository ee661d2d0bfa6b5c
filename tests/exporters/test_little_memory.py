"""Exports of more rows than fit into the memory that there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from voicetel.exporters.files import write_csv, write_parquet
from voicetel.exporters.rows import parts_of
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicetel.exporters.summary import ExportSummary

CALLS, TURNS, OPERATIONS = 3_000, 10, 6


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_operations_are_written_in_little_memory(tmp_path: Path, write: Callable[..., ExportSummary]) -> None:
    """180,000 operations over three days, sorted and dealt out over days in 80 MB."""
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
                event = {
                    "v": 1,
                    "event": "turn",
                    "ts": ts,
                    "call_id": f"c{call}",
                    "turn": turn,
                    "operations": operations,
                }
                file.write(json.dumps(event) + "\n")
    with open_store([str(log)], load_rules(), cache=False) as store:
        store.connection.execute("SET memory_limit = '80MB'")
        summary = write(parts_of(store, load_card(None)), tmp_path / "out")
    assert summary.tables["operations"].inserted == CALLS * TURNS * OPERATIONS
