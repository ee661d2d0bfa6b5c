"""A voice agent that records its calls by hooks: latencies, quality, outcome, cost.

    python examples/enterprise_voice_agent.py [log folder, ./logs if left out]
    voicetel analyze logs/
    voicetel cost logs/

The pipeline is a fake that sleeps where a real one would wait for a provider. What to copy is where the hooks stand:
``Agent.hear`` and ``Agent.answer`` tell a MetricCollector what happens as it happens, ``main`` ends the call with its
outcome and asks what it cost.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from voicetel.recorder import CallMetrics, CostCalculator, MetricCollector, QualityMetricsCollector, TelemetryService

PROVIDERS = {
    "stt": ("deepgram", "nova-3"),
    "llm": ("groq", "llama-3.1-8b-instant"),
    "tts": ("cartesia", "sonic-2"),
    "transport": "livekit",
}


@dataclass(frozen=True)
class Reply:
    """What the fake model answers, and how it gets there. ``cut``: the caller barges in on it."""

    text: str
    state_id: str
    input_tokens: int
    output_tokens: int
    tool_ms: int = 0
    cut: bool = False


GREETING = Reply("Good morning, City Clinic. How can I help?", "greeting", 310, 14)
DIALOGUE = [
    ("Hi, I need to move my appointment.", Reply("Of course. Which day suits you?", "ask_day", 352, 11)),
    (
        "Thursday, if you have something in the afternoon.",
        Reply(
            "On Thursday there is three o'clock, half past three, four …", "offer_slots", 410, 22, tool_ms=60, cut=True
        ),
    ),
    ("Three is fine!", Reply("You are booked for Thursday at three. See you then!", "appointment_booked", 468, 17)),
]


class Agent:
    """One call: the fake pipeline with the hooks where a real one would have them."""

    def __init__(self, call_id: str, telemetry: TelemetryService) -> None:
        self.collector = MetricCollector(call_id, telemetry)
        self.quality = QualityMetricsCollector(direction="inbound")
        self.heard_s = 0.0

    async def hear(self, words: str) -> None:
        """Listen to the caller and have it transcribed: the caller's side of a turn."""
        collector, spoken_s = self.collector, len(words) / 500
        collector.start_turn("user")
        self.quality.on_user_speech_start()
        collector.on_user_speech_start()
        await asyncio.sleep(spoken_s)
        collector.on_user_speech_end()
        collector.on_stt_start()
        await asyncio.sleep(0.017)
        collector.on_stt_first_byte()
        collector.update_turn_content(words)
        await collector.finalize_turn()
        self.heard_s += spoken_s

    async def answer(self, reply: Reply) -> None:
        """Think, speak, and perhaps be cut short: the agent's side of the turn."""
        self.collector.start_turn("assistant", state_id=reply.state_id)
        if reply.tool_ms:
            await self.think(reply.input_tokens, 9)
            await asyncio.sleep(reply.tool_ms / 1000)
        await self.think(reply.input_tokens, reply.output_tokens)
        await self.speak(reply)
        await self.collector.finalize_turn()

    async def think(self, input_tokens: int, output_tokens: int) -> None:
        """Ask the model."""
        self.collector.on_llm_start()
        await asyncio.sleep(0.015)
        self.collector.on_llm_first_token()
        await asyncio.sleep(0.024)
        self.collector.on_llm_complete(input_tokens, output_tokens)

    async def speak(self, reply: Reply) -> None:
        """Have the reply spoken and play it, to its end or until the caller speaks."""
        collector = self.collector
        collector.on_tts_start(reply.text)
        await asyncio.sleep(0.013)
        collector.on_tts_first_byte()
        collector.on_audio_playback_start()
        self.quality.on_bot_speech_start()
        await asyncio.sleep(len(reply.text) / (1500 if reply.cut else 500))
        if reply.cut:
            self.quality.on_user_speech_start()
        collector.on_audio_playback_end(interrupted=reply.cut)
        self.quality.on_bot_speech_end()


async def take_call(call_id: str, telemetry: TelemetryService) -> CallMetrics:
    """Take one call from its greeting to its outcome."""
    loop = asyncio.get_running_loop()
    connected_s = loop.time()
    telemetry.start_call(call_id, campaign="recall", direction="inbound", language="en")
    agent = Agent(call_id, telemetry)
    await agent.answer(GREETING)
    for words, reply in DIALOGUE:
        await agent.hear(words)
        await agent.answer(reply)
    lasted_s = loop.time() - connected_s
    outcome = agent.quality.classify_outcome("appointment_booked", agent.collector.get_turn_count(), lasted_s)
    interruptions = agent.quality.get_interruption_metrics()
    return await telemetry.finalize_call(
        call_id,
        outcome.outcome,
        outcome.confidence,
        outcome.reason,
        interruption_count=int(interruptions["interruption_count"] or 0),
        stt_duration_sec=round(agent.heard_s, 3),
        livekit_duration_sec=round(lasted_s, 3),
        final_state="appointment_booked",
        end_reason="caller_hangup",
    )


async def main(log_dir: str) -> None:
    """Take a call, price it and see it on disk."""
    telemetry = TelemetryService(log_dir, agent_name="clinic-booking", agent_version="1.8.2", providers=PROVIDERS)
    metrics = await take_call("enterprise-1", telemetry)
    cost = CostCalculator().calculate_from_metrics(metrics.to_dict())
    metrics.apply_cost(cost)
    await telemetry.flush()

    print(f"{metrics.outcome} ({metrics.outcome_confidence}): {metrics.outcome_reason}")
    print(
        f"{metrics.turn_count} turns, {metrics.interruption_count} of {metrics.bot_turn_count} agent turns interrupted"
    )
    print(f"response {metrics.eou_latency_avg:.0f} ms, LLM first token {metrics.ttft_llm_avg:.0f} ms on average")
    for name, usd in cost.to_dict().items():
        print(f"{name:13} {usd} USD, exactly {cost.exact[name].normalize():f}")
    print(f"log: {telemetry.writer.path}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "logs"))
