"""The latencies of a turn: names, exact meanings, units and the bounds past which a value is impossible.

Read by the recorder (which measures them), the store (which derives them from a turn's operations), the
reports and the docs. They are computed in voicetel/store/ingest/latencies.py.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DURATION_MS = 600_000
"""A call of a tool, or what a stage did in a turn from beginning to end, that took longer is impossible."""


@dataclass(frozen=True, slots=True)
class Latency:
    """One latency of a turn, in milliseconds.

    A value below 0 or above ``limit_ms`` is impossible: excluded from every figure, and counted.
    """

    name: str
    title: str
    doc: str
    limit_ms: int = 60_000


RESPONSE_LATENCY = Latency(
    "eou_latency_ms",
    "Response (end of speech → audio)",
    "End of utterance to response: the caller stops → the agent's audio starts. As logged; where not logged, "
    "agent.start_ms − user.end_ms. Never the sum of other latencies.",
)
"""What callers wait for."""

TURN_LATENCIES: tuple[Latency, ...] = (
    RESPONSE_LATENCY,
    Latency(
        "endpointing_ms",
        "End of turn decided",
        "The caller stops → the end of their turn is detected: the eot operation.",
    ),
    Latency("stt_ttfb_ms", "STT first byte", "ttfb_ms of the turn's first STT operation."),
    Latency(
        "llm_ttft_ms",
        "LLM first token",
        "LLM request → first token of any kind, of the first LLM operation that was neither cancelled nor failed.",
    ),
    Latency(
        "llm_latency_ms",
        "LLM whole",
        "The sum of duration_ms over the turn's LLM operations that were not cancelled.",
        limit_ms=MAX_DURATION_MS,
    ),
    Latency(
        "tts_ttfb_ms",
        "TTS first byte",
        "TTS request → first audio byte, of the first TTS operation that was neither cancelled nor failed.",
    ),
    Latency(
        "realtime_ttfb_ms",
        "Realtime first byte",
        "Speech-to-speech: response requested → first audio, of the first realtime operation that was neither cancelled nor "
        "failed.",
    ),
    Latency(
        "unattributed_ms",
        "Unattributed",
        "Time between user.end_ms and agent.start_ms in which no operation ran. An operation runs from its start_ms on for "
        "duration_ms, or for ttfb_ms where it has no duration. Unknown where an operation has a length and no start.",
    ),
)

TOOL_DURATION = Latency(
    "tool_duration_ms",
    "Tool call",
    "Tool requested → its answer is complete: duration_ms of each call of a tool that was not cancelled. A turn may have several.",
    limit_ms=MAX_DURATION_MS,
)
"""No latency of a turn, and shown with them: how long tools kept callers waiting."""

ALL_LATENCIES = (*TURN_LATENCIES[:-1], TOOL_DURATION, TURN_LATENCIES[-1])
"""The rows of a table of latencies."""

TURN_LATENCY_NAMES = tuple(latency.name for latency in TURN_LATENCIES)
ALL_LATENCY_NAMES = tuple(latency.name for latency in ALL_LATENCIES)
