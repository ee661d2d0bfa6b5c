"""``voicetel mcp``, as an assistant sees it: a real process, driven by the client of the protocol's own SDK."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, StdioServerParameters

from support.command import run
from support.example_logs.served_logs import HOSTILE_CALL, PHONE, SLO, SLOW_CALL, served_logs
from voicetel.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp_types import CallToolResult

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mcp.md"

EVERY_CALL: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("analyze", {}, ("analyze",)),
    ("analyze", {"by": ["agent_version,day"]}, ("analyze", "--by", "agent_version,day")),
    ("report", {"calls": 4}, ("report", "--calls", "4")),
    ("calls", {"limit": 3, "sort": "turns"}, ("calls", "--limit", "3", "--sort", "turns")),
    ("calls", {"limit": "2", "offset": 80}, ("calls", "--limit", "2", "--offset", "80")),
    ("call", {"call_id": SLOW_CALL}, ("call", SLOW_CALL, "--no-text")),
    ("call", {"call_id": HOSTILE_CALL}, ("call", HOSTILE_CALL, "--no-text")),
    ("cost", {"by": "provider", "agent": "clinic"}, ("cost", "--by", "provider", "--agent", "clinic")),
    ("interruptions", {"dead_air": 2}, ("interruptions", "--dead-air", "2")),
    ("outcomes", {"since": "2026-11-03"}, ("outcomes", "--since", "2026-11-03")),
    ("check", {}, ("check",)),
    ("compare", {"split": "agent_version=1.8.1:1.8.2"}, ("compare", "--split", "agent_version=1.8.1:1.8.2")),
    (
        "compare",
        {"split_at": "2026-11-03", "metric": ["eou_latency_ms p95"], "fail_on": ["eou_latency_ms p95 +10%"], "seed": 3},
        (
            "compare",
            *("--split-at", "2026-11-03", "--metric", "eou_latency_ms p95"),
            *("--fail-on", "eou_latency_ms p95 +10%", "--seed", "3"),
        ),
    ),
    ("validate", {}, ("validate",)),
    ("sql", {"query": "SELECT count(*) AS n FROM calls", "last": None}, ("sql", "SELECT count(*) AS n FROM calls")),
    ("sql_schema", {}, ("sql", "--schema")),
)

OTHERS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = tuple(
    (report.name.replace("-", "_"), {}, (report.name,))
    for report in REPORTS
    if report.has_command and report.name not in {name for name, _, _ in EVERY_CALL}
)
"""Reports that need nothing beside their name."""

REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("nothing", {}, "there is no tool 'nothing'"),
    ("analyze", {"bye": "day"}, "there is no parameter 'bye'; did you mean by?"),
    ("analyze", {"pricing": "list"}, "there is no parameter 'pricing'"),
    ("analyze", {"by": "dya"}, "cannot group by 'dya'; did you mean day?"),
    ("calls", {"limit": "many"}, "limit: 'many' is no integer"),
    ("calls", {"limit": 0}, "limit: 0 is out of bounds; at least 1"),
    ("calls", {"since": 5}, "since: '5' is no string"),
    ("calls", {"since": "2030-01-01"}, "no call"),
    ("call", {}, "call_id is missing"),
    ("call", {"call_id": "c-slwo"}, "did you mean c-slow?"),
    ("compare", {}, "say what is compared"),
    ("sql", {"query": "DROP TABLE calls"}, "write one SELECT"),
    ("sql", {"query": "SELECT * FROM read_text('/etc/passwd')"}, "disabled"),
)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with logs and limits, and a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "slo.toml").write_text(SLO)
    served_logs(tmp_path / "logs")
    return tmp_path


@contextlib.asynccontextmanager
async def assistant(folder: Path, *options: str) -> AsyncIterator[Client]:
    """A client that has started ``voicetel mcp`` in ``folder``."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "voicetel", "mcp", "logs", *options],
        cwd=folder,
        env={"XDG_CACHE_HOME": str(folder / "cache"), "PATH": os.environ.get("PATH", "")},
    )
    async with Client(server) as client:
        yield client


def said(result: CallToolResult) -> Any:
    """The answer of a tool, which is the same as text and as a value."""
    assert not result.is_error, result.content
    document = json.loads(text_of(result))
    assert result.structured_content["answer"] == document
    return document


def text_of(result: CallToolResult, block: int = 0) -> str:
    """One of the texts of an answer."""
    found = result.content[block]
    assert found.type == "text"
    return found.text


async def test_answers_are_those_of_the_command(logs: Path) -> None:
    """Every tool, with and without parameters; the client holds each answer to the schema of its tool.

    What means nothing is refused in a sentence, and the server goes on.
    """
    async with assistant(logs) as client:
        listed = await client.list_tools()
        assert {name for name, _, _ in EVERY_CALL + OTHERS} == {tool.name for tool in listed.tools}
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed.tools)
        for name, arguments, command in EVERY_CALL + OTHERS:
            result = await client.call_tool(name, arguments)
            ran = run(*command, *([] if command[-1] == "--schema" else ["logs"]), "--json")
            assert said(result) == json.loads(ran.out), (name, arguments)
        for name, arguments, reason in REFUSED:
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert reason in text_of(result), (name, arguments)


async def test_a_rate_far_off_its_list_price_is_told(logs: Path) -> None:
    """A list of calls has no place for a sentence: it is a text of its own."""
    (logs / "pricing.toml").write_text('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.0043\n')
    note = "stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute"
    async with assistant(logs) as client:
        listed = await client.call_tool("calls", {"limit": 200})
        assert (listed.structured_content["notes"][0], text_of(listed, 1)) == (note, note)
        assert said(await client.call_tool("check", {}))["rate_notes"] == []  # no limit is on money
        assert said(await client.call_tool("models", {}))["rate_notes"] == [note]


async def test_three_everyday_questions(logs: Path) -> None:
    """Which call was the slowest of a day and why, what each provider cost, whether the release made responses slower."""
    async with assistant(logs) as client:
        day = {"since": "2026-11-03", "until": "2026-11-03"}
        (slowest,) = said(await client.call_tool("calls", {**day, "sort": "eou_latency_ms_max", "limit": 1}))
        assert (slowest["call_id"], slowest["eou_latency_ms_max"]) == (SLOW_CALL, 5200)
        (turn,) = said(await client.call_tool("call", {"call_id": slowest["call_id"]}))["turns"]
        longest = max(turn["operations"], key=lambda each: each["duration_ms"] or 0)
        assert (longest["stage"], longest["name"], longest["duration_ms"]) == ("tool", "find_slot", 3900)

        bill = said(await client.call_tool("cost", {"by": ["provider"]}))
        amounts = {line["provider"]: line["amount"] for line in bill["lines"]}
        # deepgram: 2 calls of 1.5 s at 0.0043; cartesia: 2 of 40 characters at 0.015 a thousand.
        assert amounts["deepgram"] == "0.0129"
        assert amounts["cartesia"] == "0.0012"
        # groq: 400 turns of 10 tokens in and out, 2 of 500 in; 0.05 and 0.08 a million.
        assert amounts["groq"] == "0.00057"

        compared = said(
            await client.call_tool("compare", {"split": "agent_version=1.8.1:1.8.2", "metric": ["eou_latency_ms p95"]})
        )
        (p95,) = compared["differences"]
        assert (p95["finding"], p95["better"], p95["change"] > 0.3) == ("worse", "lower", True)


async def test_rows_are_cut_and_said_to_be(logs: Path) -> None:
    """Ten calls unless more are asked for, a hundred rows of anything."""
    async with assistant(logs) as client:
        ten = await client.call_tool("calls", {})
        assert len(said(ten)) == 10
        assert text_of(ten, 2) == "10 of 82 rows: offset and limit ask for others."
        assert ten.structured_content["notes"] == [text_of(ten, 1), text_of(ten, 2)]
        rows = await client.call_tool("sql", {"query": "SELECT call_id FROM turns", "limit": 300})
        assert len(said(rows)["rows"]) == 100
        assert text_of(rows, 1) == "rows: the first 100 of 300."
        assert said(rows)["cut"] == "rows"


async def test_transcripts_are_given_only_on_demand_and_redacted(logs: Path) -> None:
    """A number that a caller reads out leaves the machine in neither case."""
    async with assistant(logs) as client:
        silent = text_of(await client.call_tool("call", {"call_id": SLOW_CALL}))
        assert "My number" not in silent
    async with assistant(logs, "--with-text", "--redact-pattern", "Thank") as client:
        spoken = text_of(await client.call_tool("call", {"call_id": SLOW_CALL}))
    assert "My number is [phone]." in spoken
    assert "<b>[redacted] you</b>" in spoken
    assert PHONE not in silent + spoken


def test_what_cannot_be_served_is_said_at_once(logs: Path) -> None:
    """Before an assistant is kept waiting."""
    assert run("mcp", "nowhere").err.startswith(
        "error: nowhere: no such file or directory; name a log file or a folder of logs"
    )
    assert run("mcp", "-").err.startswith("error: logs are not read from stdin here")
    assert run("mcp", "logs", "--pricing", "nowhere.toml").code == 2
    assert run("mcp", "logs", "--with-text", "--redact-pattern", "(").code == 2


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
def test_the_setup_of_the_docs_starts_the_server(block: str) -> None:
    """Each assistant's file is JSON and names a command that there is."""
    (servers,) = json.loads(block).values()
    assert servers["voicetel"]["command"] == "voicetel"
    assert run(*servers["voicetel"]["args"]).err.startswith(
        "error: /srv/agent/logs: no such file or directory; name a log file"
    )
