"""A log that grows between many runs, with more calls dead in the store at each: every run counts what a first one would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.example_logs.gate_logs import calls
from voicetel.outcomes import load_rules
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_calls_that_go_on_from_run_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten calls begin; at each run two of them get another turn, so that more of the first run's rows no longer count."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = tmp_path / "calls.jsonl"
    turns = [event for event in calls(10) if event["event"] == "turn"]
    for run in range(5):
        if run:
            ids = sorted({event["call_id"] for event in turns})[2 * run - 2 : 2 * run]
            new = [event for event in turns if event["turn"] == 2 and event["call_id"] in ids]
        else:
            new = [event for event in turns if event["turn"] == 1]
        with log.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in new)
        with open_store([str(log)], load_rules()) as store:
            found = store.connection.execute("SELECT count(*), sum(turns) FROM calls").fetchone()
        assert found == (10, 10 + 2 * run)
