"""Looking at logs while they grow: nothing is opened for nothing, and the figures are those of a first look."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.command import run
from support.example_logs.gate_logs import calls
from support.example_logs.served_logs import SLO
from voicetel.errors import NoDataError
from voicetel.service.served_logs import ServedLogs
from voicetel.watch.watcher import Watcher

LONG_AGO_S = 1_700_000_000
NOW = datetime(2026, 11, 2, 8, 40)  # noqa: DTZ001  UTC without a zone, as analyzers have it


def append(log: Path, first: int, count: int = 5) -> None:
    """``count`` more calls, one every five minutes from 8:00 on."""
    with log.open("a", encoding="utf-8") as file:
        for number in range(first, first + count):
            file.writelines(json.dumps(event) + "\n" for event in calls(1, first=number * 5))


def settle(logs: ServedLogs) -> None:
    """Let the time pass in which another write could go unnoticed."""
    for path in Path(logs.paths[0]).rglob("*.*"):
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    while not logs.state().is_settled:
        time.sleep(0.05)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServedLogs:
    """Logs with five calls."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "logs").mkdir()
    append(tmp_path / "logs" / "calls.jsonl", 0)
    return ServedLogs(paths=(str(tmp_path / "logs"),), limits=str(tmp_path / "slo.toml"))


def test_nothing_is_opened_while_nothing_changes(logs: ServedLogs) -> None:
    """The figures move on all the same: what was in the last fifteen minutes is not for ever."""
    settle(logs)
    watcher = Watcher(logs, minutes=15)
    # Calls began at 8:00, 8:05, 8:10, 8:15, 8:20, each with five turns in its first seconds.
    turns = [watcher.look(NOW + timedelta(minutes=minutes)).turns for minutes in (-20, -19, -5, 0, 10)]
    assert (turns, watcher.openings) == ([15, 15, 5, 0, 0], 1)


def test_what_changes_is_seen_at_once(logs: ServedLogs) -> None:
    """More lines, a file that is renamed and begun anew, one that is packed, one that is cut: as a first look would have it."""
    log = Path(logs.paths[0]) / "calls.jsonl"
    watcher = Watcher(logs, minutes=600)

    def look() -> int:
        now = NOW + timedelta(minutes=20)
        found = watcher.look(now)
        assert found == Watcher(logs, minutes=600).look(now)
        return found.turns

    assert look() == 25
    append(log, 5, 2)
    assert look() == 35
    log.rename(log.with_suffix(".jsonl.1"))
    assert look() == 35
    append(log, 7, 1)
    assert look() == 40
    with gzip.open(log.with_suffix(".jsonl.1.gz"), "wb") as packed, log.with_suffix(".jsonl.1").open("rb") as plain:
        shutil.copyfileobj(plain, packed)
    assert look() == 40
    log.with_suffix(".jsonl.1").unlink()
    assert look() == 40
    os.truncate(log, 0)
    assert look() == 35
    append(log, 8, 1)
    assert look() == 40


def test_another_command_beside_it_uses_the_cache(logs: ServedLogs) -> None:
    """The store is let go of after each look."""
    watcher = Watcher(logs, minutes=15)
    watcher.look(NOW)
    append(Path(logs.paths[0]) / "calls.jsonl", 5, 1)
    ran = run("analyze", *logs.paths, "--json")
    assert (ran.code, ran.err, ran.json["calls"]) == (0, "", 6)
    assert watcher.look(NOW).turns > 0


def test_a_path_that_is_gone_is_said_and_looked_for_again(logs: ServedLogs) -> None:
    """As when a file is being rotated."""
    log = Path(logs.paths[0]) / "calls.jsonl"
    single = ServedLogs(paths=(str(log),), limits=logs.limits)
    watcher = Watcher(single, minutes=600)
    before = watcher.look(NOW)
    log.rename(log.with_suffix(".away"))
    with pytest.raises(NoDataError, match="no such file"):
        watcher.look(NOW)
    log.with_suffix(".away").rename(log)
    assert watcher.look(NOW) == before


def test_the_first_look_at_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later on there may be nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "calls.jsonl").write_text("")
    with pytest.raises(NoDataError):
        Watcher(ServedLogs(paths=(str(tmp_path),))).look(NOW)


def test_limits_that_are_broken(logs: ServedLogs) -> None:
    """Those of slo.toml that a short time can say something of; their bound says what is slow."""
    file = Path(logs.limits)
    watcher = Watcher(logs, minutes=600)
    assert (watcher.look(NOW).slow_ms, watcher.look(NOW).broken_limits) == (1500, ())
    file.write_text(
        "[defaults]\nmin_calls = 5\n"
        + SLO.replace("1500", "0.7s")
        + '\n[[limit]]\nname = "Quick"\nmetric = "eou_latency_ms"\nexpect = "p50 < 10000"'
        + '\n[[limit]]\nmetric = "eou_latency_ms"\nexpect = "max < 1"\nmin_calls = 6'
        + '\n[[limit]]\nmetric = "eou_latency_ms"\nexpect = "max < 1"\nwhere = { agent_name = "other" }'
        + '\n[[limit]]\nmetric = "success_rate"\nexpect = "rate > 100%"'
        + '\n[[limit]]\nname = "Cheap"\nmetric = "cost"\nexpect = "per_minute < 0.0000001"\nlevel = "warn"\n'
    )
    found = watcher.look(NOW)
    assert found.slow_ms == 700
    slow, cheap = found.broken_limits
    assert (slow.metric, slow.statistic, slow.bound, slow.value) == (
        "eou_latency_ms",
        "p95",
        700,
        found.eou_latency_ms_p95,
    )
    assert (cheap.name, cheap.level, cheap.bound) == ("Cheap", "warn", "0.0000001")
