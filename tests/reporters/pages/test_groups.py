"""Groups side by side on the report page: how sure a success rate is, and that what is not known is no rate of 0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from support.command import run
from support.example_logs.gate_logs import log_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event


def answered(call_id: str, version: str, **ended: str) -> list[Event]:
    """A call of two turns, of which the log says how it ended only as ``ended`` does."""
    common = {"v": 1, "call_id": call_id}
    turns: list[Event] = [
        {
            **common,
            "event": "turn",
            "ts": f"2026-11-02T09:00:0{number}Z",
            "turn": number,
            "user": {"text": "grum", "start_ms": 0, "end_ms": 200},
            "agent": {"text": "grum", "start_ms": 700, "end_ms": 900},
        }
        for number in (1, 2)
    ]
    begin = {
        **common,
        "event": "call_started",
        "ts": "2026-11-02T09:00:00Z",
        "agent_name": "a",
        "agent_version": version,
    }
    end = {**common, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "duration_s": 60, **ended}
    return [begin, *turns, end]


def page(folder: Path, events: list[Event]) -> str:
    """The report page of a log."""
    logs, file = folder / "logs", folder / "page.html"
    logs.mkdir()
    ran = run("report", log_of(logs, events), "--no-cache", "-o", file)
    assert ran.code == 0, ran.err
    return file.read_text("utf-8")


def test_no_rate_is_drawn_of_a_version_whose_successes_are_not_known(tmp_path: Path) -> None:
    """One success of one lies between 0.21 and 1, so that the scale begins at 20 %; of the other version nothing is known."""
    text = page(tmp_path, [*answered("x", "1", outcome="success"), *answered("y", "2"), *answered("z", "2")])
    rows = re.findall(r"<tr>.*?</tr>", text[text.index('id="versions"') :])[1:3]
    assert [re.findall("<b>(.)</b>", row) for row in rows] == [["1"], ["2"]]
    assert ['<td class="num">100.0 %' in row for row in rows] == [True, False]
    assert [len(re.findall('class="c-success".*? r="3"', row)) for row in rows] == [1, 0]
    assert [row.count('<td class="pic"></td>') for row in rows] == [0, 1]
    assert re.findall(r"\d+–100 %", text) == ["20–100 %"]


def test_successes_that_are_not_known_are_no_0_in_the_cost_of_one(tmp_path: Path) -> None:
    """Beside the success rate and below the cost of a success stands the same."""
    text = page(tmp_path, answered("y", "2"))
    assert "n/a of 1 answered call<" in text
    assert "÷ n/a successful calls<" in text
