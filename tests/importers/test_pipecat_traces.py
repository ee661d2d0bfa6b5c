"""The recorder and OpenTelemetry side by side on one Pipecat call: what is imported is what was recorded."""

from __future__ import annotations

import functools
import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from support.livekit.otlp_file import OtlpFileExporter
from support.pipecat import call as scripted
from support.pipecat.services import Reply, ScriptedLLM, ScriptedSTT, ScriptedTTS
from voicetel.importers import import_files

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from pipecat.pipeline.worker import PipelineWorker
    from pipecat.utils.tracing.service_decorators import traced_llm, traced_stt, traced_tts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from pipecat.frames import frames


class TracedSTT(ScriptedSTT):
    """As Pipecat's own services are: with spans."""

    @traced_stt
    async def transcribe(self, text: str, result: object = None) -> None:
        await super().transcribe(text, result)


class TracedLLM(ScriptedLLM):
    """As Pipecat's own services are: with spans."""

    @traced_llm
    async def _answer(self, context: Any) -> None:
        await super()._answer(context)


class TracedTTS(ScriptedTTS):
    """As Pipecat's own services are: with spans."""

    @traced_tts
    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[frames.Frame | None, None]:
        async for frame in super().run_tts(text, context_id):
            yield frame


@pytest.fixture
def spans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that Pipecat's spans go to."""
    path = tmp_path / "traces.jsonl"
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OtlpFileExporter(path)))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    monkeypatch.setattr(scripted, "ScriptedSTT", TracedSTT)
    monkeypatch.setattr(scripted, "ScriptedLLM", TracedLLM)
    monkeypatch.setattr(scripted, "ScriptedTTS", TracedTTS)
    traced = functools.partial(PipelineWorker, enable_tracing=True, conversation_id="c-1")
    monkeypatch.setattr(scripted, "PipelineWorker", traced)
    yield path
    provider.shutdown()


def measures(turn: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    """Latency, tokens and characters of each request of a stage."""
    names = ("ttfb_ms", "input_tokens", "output_tokens", "cached_input_tokens", "characters")
    operations = [each for each in turn["operations"] if each["stage"] == stage and each.get("status") != "cancelled"]
    return [{name: each[name] for name in names if name in each} for each in operations]


@pytest.mark.parametrize("filler", ["", "One moment."], ids=["no filler", "filler"])
async def test_spans_and_recorder_agree(filler: str, spans: Path, tmp_path: Path) -> None:
    """Words, first tokens, first sounds, tokens and characters to a millisecond; responses as far as the loop kept time."""
    replies = [
        Reply("Good morning, which day suits you?", input_tokens=100, output_tokens=9),
        Reply(filler, tool="look_up", input_tokens=120, output_tokens=12),
        Reply("Three in the afternoon is free.", input_tokens=150, cached_tokens=64, output_tokens=10),
    ]
    async with scripted.pipecat_call(replies) as call:
        await call.says("I need an appointment.")
        await call.answered(1)
        await call.says("On Tuesday, please.")
        # Filler and answer are one reply, with or without a silence between them: its end is the answer's last word.
        await call.until(lambda: any("free" in (turn.agent_text or "") for turn in call.recorder._tracker.turns))
        await call.answered(2)
    result = import_files([str(spans)], tmp_path / "imported")
    (file,) = result.written
    imported = [line for line in map(json.loads, file.read_text("utf-8").splitlines()) if line["event"] == "turn"]
    assert [turn["user"]["text"] for turn in imported] == [turn["user"]["text"] for turn in call.turns]
    assert call.turns[1]["agent"]["text"] == f"{filler} Three in the afternoon is free.".strip()
    for recorded, read in zip(call.turns, imported, strict=True):
        assert read["eou_latency_ms"] == call.near(recorded["eou_latency_ms"])
        models = [measures(turn, "llm") for turn in (recorded, read)]
        assert len(models[0]) == len(models[1])
        for theirs, ours in zip(*models, strict=True):
            assert ours == pytest.approx(theirs, abs=1.0)
        voices = [measures(turn, "tts") for turn in (recorded, read)]
        assert voices[1][0]["ttfb_ms"] == pytest.approx(voices[0][0]["ttfb_ms"], abs=1.0)
        assert sum(each["characters"] for each in voices[1]) == sum(each["characters"] for each in voices[0])
        assert read["agent"]["interrupted"] is False
