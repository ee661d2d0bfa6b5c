"""Play the dialogues of sample_calls.toml through the recorder's hooks and write sample_logs/hooks/*.jsonl.

    python scripts/write_sample_calls.py [folder, sample_logs/hooks if left out]

A clock that only this script moves stands in for the real one, so the calls take no time; everything else is what an
agent does: one MetricCollector per call, one TelemetryService per process.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from voicetel.recorder import EventWriter, MetricCollector, TelemetryService

ROOT = Path(__file__).resolve().parent.parent
FIRST_DAY = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
SPEECH_S_PER_CHARACTER = 0.062
SEED = 7

_MARKS = re.compile(r"(?:\s(?:!|~|\+\w*))+$")


class Stage:
    """The time of one call, and chance for how long things take."""

    def __init__(self, chance: random.Random, slowness: float) -> None:
        self.now_s = 1000.0
        self.began_s = self.now_s
        self.wall_s = 0.0
        self.chance = chance
        self.slowness = slowness

    def monotonic(self) -> float:
        return self.now_s

    def wall(self) -> float:
        return self.wall_s

    def begin(self, moment: datetime) -> None:
        """Set the clock for a call."""
        self.wall_s = moment.timestamp()
        self.now_s = round(self.now_s + 1000.0)
        self.began_s = self.now_s

    def wait(self, typical_ms: float, spread: float = 0.25) -> None:
        """Let a typical time pass, more or less."""
        self.now_s += typical_ms * self.chance.lognormvariate(0, spread) / 1000

    def say(self, text: str, share: float = 1.0) -> float:
        """Let the time pass that a text takes to say; give it in seconds."""
        seconds = max(len(text) * SPEECH_S_PER_CHARACTER * share, 0.4)
        self.now_s += seconds
        return seconds


class Call:
    """One call of a dialogue."""

    def __init__(self, call_id: str, telemetry: TelemetryService, stage: Stage) -> None:
        self.stage = stage
        self.collector = MetricCollector(call_id, telemetry)
        self.barged_in = False

    async def line(self, text: str) -> None:
        """Play one line: the caller's words, if any, and the agent's reply."""
        words, _, reply = text.rpartition(" | ")
        marks = _MARKS.search(reply)
        flags = marks[0].split() if marks else []
        if words:
            await self.hear(words)
        await self.answer(_MARKS.sub("", reply), flags)

    async def hear(self, words: str) -> None:
        if not self.barged_in:
            self.stage.wait(600)
            self.collector.on_user_speech_start()
        self.collector.start_turn("user")
        spoken_s = self.stage.say(words)
        self.collector.on_user_speech_end()
        self.collector.on_stt_start()
        self.stage.wait(180, 0.15)
        self.collector.on_stt_first_byte(audio_s=round(spoken_s + 0.5, 2))
        self.collector.update_turn_content(words)
        await self.collector.finalize_turn()

    async def answer(self, reply: str, flags: list[str]) -> None:
        collector, stage = self.collector, self.stage
        collector.start_turn("assistant")
        model = {"provider": "acme", "model": "new-model"} if "~" in flags else {}
        if any(flag.startswith("+") for flag in flags):
            self.think("One moment, please.", 20, model)
            self.speak("One moment, please.", barge_in=False)
            stage.wait(320)
        self.think(reply, len(reply) // 4, model)
        self.speak(reply, barge_in="!" in flags)
        await collector.finalize_turn()

    def think(self, reply: str, tokens: int, model: dict[str, str]) -> None:
        stage = self.stage
        stage.wait(25)
        self.collector.on_llm_start(**model)
        stage.wait(170 * stage.slowness)
        self.collector.on_llm_first_token()
        stage.wait(140 * stage.slowness)
        self.collector.on_llm_complete(int(620 * stage.slowness) + 3 * len(reply), tokens)

    def speak(self, reply: str, *, barge_in: bool) -> None:
        stage, collector = self.stage, self.collector
        collector.on_tts_start(reply)
        stage.wait(125, 0.15)
        collector.on_tts_first_byte()
        stage.wait(18)
        collector.on_audio_playback_start()
        stage.say(reply, 0.5 if barge_in else 1.0)
        if barge_in:
            collector.on_user_speech_start()
            stage.wait(260)
        collector.on_audio_playback_end(interrupted=barge_in)
        self.barged_in = barge_in


async def play(
    dialogue: dict[str, Any], call_id: str, begin: datetime, telemetry: TelemetryService, stage: Stage
) -> None:
    """Play a dialogue as one call."""
    stage.begin(begin)
    agent = dialogue["agent"]
    telemetry.start_call(
        call_id, campaign=agent["campaign"], direction=agent["direction"], language=dialogue.get("language")
    )
    stage.wait(900)
    call = Call(call_id, telemetry, stage)
    for text in dialogue.get("lines", ()):
        await call.line(text)
    stage.wait(700)
    if dialogue.get("incomplete"):
        return
    if "mark" in dialogue:
        telemetry.writer.emit(
            {"event": "mark", "ts": telemetry.clock_of(call_id).now(), "call_id": call_id, "kind": dialogue["mark"]}
        )
    outcome, confidence, reason = dialogue.get("outcome", ("unknown", 0.0, None))
    lasted_s = round(stage.now_s - stage.began_s, 1)
    await telemetry.finalize_call(
        call_id,
        outcome,
        confidence,
        reason,
        sentiment_score=dialogue.get("sentiment"),
        livekit_duration_sec=lasted_s if dialogue.get("lines") else 0.0,
        **{name: dialogue[name] for name in ("final_state", "end_reason", "sip_status", "amd") if name in dialogue},
    )


async def write(folder: Path) -> None:
    """Write every dialogue, one file per agent and version."""
    with (ROOT / "scripts" / "sample_calls.toml").open("rb") as file:
        script = tomllib.load(file)
    chance = random.Random(SEED)
    for key, agent in script["agents"].items():
        for version in [agent["agent_version"]] if "agent_version" in agent else script["versions"]:
            stage = Stage(chance, script["versions"].get(version, 1.0))
            telemetry = TelemetryService(
                folder,
                agent_name=agent["agent_name"],
                agent_version=version,
                providers=agent["providers"],
                writer=EventWriter(folder, name=f"{agent['agent_name']}-{version}"),
                monotonic=stage.monotonic,
                wall=stage.wall,
            )
            number = 0
            for dialogue in (each for each in script["dialogue"] if each["agent"] == key):
                for _ in range(dialogue.get("times", 1)):
                    begin = FIRST_DAY + timedelta(days=number % 5, minutes=number * 17)
                    call_id = f"{agent['agent_name'].split('-')[0]}-{version}-{number + 1:02}"
                    await play(dialogue | {"agent": agent}, call_id, begin, telemetry, stage)
                    number += 1
            telemetry.close()
            written = telemetry.writer.path
            if written:
                written.chmod(0o644)
                written.rename(folder / f"{agent['agent_name']}-{version}.jsonl")


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sample_logs" / "hooks"))
