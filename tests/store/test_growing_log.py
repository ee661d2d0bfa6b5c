"""A log that grows between many runs, with more calls dead in the store at each: every run counts what a first one would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.gate_logs import calls
from voicetel.outcomes import load_rules
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_calls_that_go_on_from_run_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times the same calls get another turn each: their rows of the runs before no longer count."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = tmp_path / "calls.jsonl"
    events = [event for event in calls(4) if event["event"] == "turn"]
    for run in range(1, 6):
        with log.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in events if event["turn"] == run)
        with open_store([str(log)], load_rules()) as store:
            found = store.connection.execute("SELECT count(*), sum(turns) FROM calls").fetchone()
        assert found == (4, 4 * run)
