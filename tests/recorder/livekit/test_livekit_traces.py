"""The recorder and OpenTelemetry side by side: what is imported from a session's spans is what was recorded of it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents import Agent, function_tool
from livekit.agents.telemetry import set_tracer_provider, tracer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from support.livekit.log import RecordedCall, operations, recorded_call
from support.livekit.otlp_file import OtlpFileExporter
from support.livekit.realtime import ModelReply, ScriptedRealtimeModel
from support.livekit.session import Pace, Reply, until
from voicetel.importers.importing import import_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = "We are open from Monday to Friday, from eight in the morning to six in the evening. " * 2


class Billing(Agent):
    """Greets whoever is handed over to it, after a while."""

    async def on_enter(self) -> None:
        await asyncio.sleep(0.1)
        self.session.say("Billing, good morning.")


@function_tool
async def to_billing() -> Agent:
    """Hand over to billing."""
    return Billing(instructions="You know every bill.")


@function_tool
async def find_slots(day: str) -> str:
    """Find free slots."""
    await asyncio.sleep(0.3)
    return "nine"


REPLIES = {
    "Opening hours?": Reply(LONG, input_tokens=5, output_tokens=30),
    "Anything on Tuesday?": Reply(
        "One moment.", tool=("find_slots", {"day": "Tuesday"}), input_tokens=900, cached_tokens=512, output_tokens=18
    ),
    "tool:find_slots": Reply("Nine is free.", first_token_s=0.1, input_tokens=950, output_tokens=9),
    "Thanks.": Reply("You are welcome.", input_tokens=960, output_tokens=7),
    "My bill is wrong.": Reply(tool=("to_billing", {}), input_tokens=40, output_tokens=8),
}


@pytest.fixture
def spans(tmp_path: Path) -> Iterator[Path]:
    """The file that LiveKit's spans go to."""
    path = tmp_path / "traces.jsonl"
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OtlpFileExporter(path)))
    before = tracer._tracer_provider
    set_tracer_provider(provider)
    yield path
    provider.shutdown()
    tracer.set_provider(before)


async def converse(log: RecordedCall) -> None:
    """An answer that is cut off, a tool, an answer, a handoff."""
    await log.call.start(Agent(instructions="You answer the telephone.", tools=[find_slots, to_billing]))
    await log.call.says("Opening hours?")
    await log.call.agent_starts()
    await asyncio.sleep(0.3)
    await log.call.says("Anything on Tuesday?", 0.4)
    await until(lambda: any(m.text_content == "Nine is free." for m in log.call.witness.messages))
    await log.call.agent_finishes()
    await log.call.says("Thanks.")
    await log.call.agent_answers()
    await log.call.says("My bill is wrong.")
    await until(lambda: any("Billing" in (m.text_content or "") for m in log.call.witness.messages))
    await log.call.hang_up()


def figures(turn: dict[str, Any]) -> dict[str, float]:
    """Every figure of a turn that both know, by name."""
    known = {"response": turn["eou_latency_ms"], "speech": turn["user"]["end_ms"]}
    known["answer"] = turn["agent"]["start_ms"] - turn["user"]["end_ms"]
    for operation in turn["operations"]:
        if operation["stage"] in {"stt", "eot", "llm", "tts"}:
            name = f"{operation['stage']} {operation.get('request_id', '')}"
            known |= {
                f"{name} {field}": operation[field]
                for field in ("ttfb_ms", "duration_ms", "input_tokens", "output_tokens", "characters")
                if field in operation
            }
    return known


async def test_spans_and_recorder_agree(spans: Path, tmp_path: Path) -> None:
    """Latencies, the caller's times, tokens and characters of each turn are the same, to a millisecond."""
    async with recorded_call(REPLIES) as log:
        await converse(log)
    result = import_files([str(spans)], tmp_path / "imported")
    (file,) = result.written
    imported = [line for line in map(json.loads, file.read_text().splitlines()) if line["event"] == "turn"]

    assert len(log.turns) == 4
    for recorded, read in zip(log.turns, imported, strict=True):
        assert read["user"]["text"] == recorded["user"]["text"]
        # A span keeps the words of a reply's last step: what was said before a tool ran is not in it.
        assert recorded["agent"]["text"].endswith(read["agent"]["text"])
        assert read["agent"]["interrupted"] == recorded["agent"]["interrupted"]
        assert figures(read) == pytest.approx(figures(recorded), abs=1.0), recorded["user"]["text"]
        tools = [[(op["name"], op.get("status")) for op in operations(turn, "tool")] for turn in (recorded, read)]
        assert tools[0] == tools[1]


async def test_spans_and_recorder_agree_on_speech_to_speech(spans: Path, tmp_path: Path) -> None:
    """Responses of a model that hears and speaks: when they began, how long they took, what they used."""
    tool = ModelReply(tool=("find_slots", {"day": "Tuesday"}), input_tokens=310)
    replies = [ModelReply("Of course. Which day?"), tool, ModelReply("Nine is free."), ModelReply("Goodbye!")]
    model = ScriptedRealtimeModel(replies, replies_to_tools=True)
    listens: dict[str, Any] = {"turn_handling": {"turn_detection": "realtime_llm"}}
    async with recorded_call({}, pace=Pace(vad=False), speech_model=model, session_options=listens) as log:
        await log.call.start(Agent(instructions="You book appointments.", tools=[find_slots]))
        for line in ("Move my appointment.", "On Tuesday.", "Thanks, bye."):
            await log.call.says(line, 0.4)
            await log.call.agent_answers()
        await log.call.hang_up()
    result = import_files([str(spans)], tmp_path / "imported")
    (file,) = result.written
    imported = [line for line in map(json.loads, file.read_text().splitlines()) if line["event"] == "turn"]

    assert len(log.turns) == len(imported) == 3
    for recorded, read in zip(log.turns, imported, strict=True):
        spoke_ms = [each["user"]["end_ms"] - each["user"]["start_ms"] for each in (recorded, read)]
        assert spoke_ms[1] == pytest.approx(spoke_ms[0], abs=1.0)
        assert read["eou_latency_ms"] == pytest.approx(recorded["eou_latency_ms"], abs=1.5)
        assert read["eou_from"] == recorded["eou_from"] == "turn_start"
        pairs = zip(operations(recorded, "realtime"), operations(read, "realtime"), strict=True)
        for theirs, ours in pairs:
            # Both count from the turn's first moment, which the two do not see alike.
            begun = [
                each.pop("start_ms") - turn["agent"]["start_ms"] for each, turn in ((theirs, recorded), (ours, read))
            ]
            assert begun[1] == pytest.approx(begun[0], abs=1.0)
            assert ours == pytest.approx(theirs, abs=1.0)
