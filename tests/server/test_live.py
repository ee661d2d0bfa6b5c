"""``/api/v1/live``: what ``voicetel watch --json`` says, again and again, to any number of listeners at the cost of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from support.command import run
from support.example_logs.gate_logs import calls
from support.example_logs.served_logs import served_logs
from support.servers.http_server import serving
from voicetel.registry import find_report
from voicetel.server import live
from voicetel.service.served_logs import ServedLogs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServedLogs:
    """Logs that nobody else reads, looked at ten times a second."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(live, "EVERY_S", 0.1)
    return ServedLogs(paths=(served_logs(tmp_path / "logs"),), limits=str(tmp_path / "slo.toml"))


def data(response: httpx.Response) -> Iterator[str]:
    """What each event holds."""
    assert response.headers["content-type"].startswith("text/event-stream")
    return (line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: "))


def test_says_what_watch_says(growing: ServedLogs) -> None:
    """Letter for letter; and more once there is more."""
    ran = run("watch", *growing.paths, "--json", "--once", "--at-newest", "--minutes", "60", "--slo", growing.limits)
    place = "/api/v1/live?at_newest=1&minutes=60"
    with serving(growing) as served, served.client() as client, client.stream("GET", place) as response:
        events = data(response)
        first = next(events)
        assert first + "\n" == ran.out
        Draft202012Validator(find_report("watch").schema()).validate(json.loads(first))
        with (Path(growing.paths[0]) / "calls.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in calls(1, first=944))
        newer: dict[str, Any] = json.loads(first)
        while newer["at"] == json.loads(first)["at"]:
            newer = json.loads(next(events))
    # One call of five turns every five minutes.
    assert (json.loads(first)["turns"], newer["at"] > json.loads(first)["at"]) == (60, True)


def test_listeners_are_counted(growing: ServedLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is told so; who hangs up makes room; parameters are held to their types."""
    monkeypatch.setattr(live, "MAX_LISTENERS", 2)
    with serving(growing) as served, served.client() as client:
        for wrong in ("minutes=0", "minutes=x", "at_newest=2", "agent=x", "minutes=1&minutes=2"):
            assert client.get(f"/api/v1/live?{wrong}").status_code == 400
        assert client.head("/api/v1/live").status_code == 200
        with client.stream("GET", "/api/v1/live") as one, client.stream("GET", "/api/v1/live?minutes=30") as two:
            events = data(one), data(two)
            assert [json.loads(next(each))["minutes"] for each in events] == [15, 30]
            refused = client.get("/api/v1/live")
            assert (refused.status_code, refused.json()["error"]) == (503, "there are 2 listeners already")
            assert client.get("/api/v1/analyze").status_code == 200
        status = 503
        while status == 503:
            with client.stream("GET", "/api/v1/live") as again:
                status = again.status_code
        assert status == 200
