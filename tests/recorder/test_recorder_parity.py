"""The recorder's figures of a call are those that the analyzers find in its log."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from support.recorded import PROVIDERS, HandClock
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.prepare import analysis_context
from voicetel.outcomes import load_rules
from voicetel.recorder import CallMetrics, MetricCollector, TelemetryService, TurnMetrics
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

HOOKS = (
    "on_user_speech_start", "on_user_speech_end", "on_stt_start", "on_stt_first_byte", "on_llm_start",
    "on_llm_first_token", "on_llm_complete", "on_tts_first_byte", "on_audio_playback_start", "on_audio_playback_end",
)  # fmt: skip
LATENCIES = {
    "ttfb_stt": "stt_ttfb_ms",
    "ttft_llm": "llm_ttft_ms",
    "latency_llm": "llm_latency_ms",
    "ttfb_tts": "tts_ttfb_ms",
    "eou_latency": "eou_latency_ms",
}


async def one_step(dice: random.Random, collector: MetricCollector, telemetry: TelemetryService) -> None:
    """Have anything happen in a call, in an order that no sane agent has."""
    match dice.randrange(9):
        case 0:
            collector.start_turn(dice.choice(["user", "assistant"]), "hello there")
        case 1:
            await collector.finalize_turn()
        case 2:
            collector.on_tts_start("some text")
            collector.on_llm_complete(dice.randrange(100), dice.randrange(100))
        case 3 if dice.random() < 0.4:
            flag = dice.choice([None, True, False]) if collector.call_id.endswith("0") else None
            ttfb_stt, latency_llm = dice.choice([None, -1.0, 5.0, 99_999.0]), dice.choice([None, 3.33333])
            turn = TurnMetrics(
                dice.randrange(9), dice.choice(["user", "bot"]), "x", ttfb_stt=ttfb_stt, latency_llm=latency_llm,
                was_interrupted=flag,
            )  # fmt: skip
            await telemetry.record_turn(collector.call_id, turn)
        case _:
            getattr(collector, dice.choice(HOOKS))()


async def random_calls(log_dir: Path, count: int) -> list[CallMetrics]:
    """Record calls at random and give the recorder's figures of them."""
    dice, clock = random.Random(3), HandClock()
    telemetry = TelemetryService(log_dir, providers=PROVIDERS, monotonic=clock, wall=clock.wall)
    figures = []
    for number in range(count):
        collector = MetricCollector(f"c{number}", telemetry)
        for _ in range(dice.randrange(60)):
            clock.pass_ms(dice.choice([0.5, 10, 333.333, 1000, 40_000]))
            await one_step(dice, collector, telemetry)
        figures.append(
            await telemetry.finalize_call(f"c{number}", "success", 0.9, interruption_count=dice.randrange(3))
        )
    assert await telemetry.flush(20)
    return figures


def turn_statistics(connection: duckdb.DuckDBPyConnection, call_id: str) -> tuple[Any, ...]:
    """Turns, turns of each side, then average, least and greatest of each latency, as SQL finds them."""
    columns = ", ".join(f"avg({name}), min({name}), max({name})" for name in LATENCIES.values())
    counts = "count(*), count(*) FILTER (user_spoke), count(*) FILTER (agent_spoke)"
    row = connection.execute(f"SELECT {counts}, {columns} FROM turns WHERE call_id = $1", [call_id]).fetchone()
    return tuple(None if value is None else float(value) for value in row or ())


def told(metrics: CallMetrics) -> tuple[Any, ...]:
    """The same by the recorder."""
    counts = metrics.turn_count, metrics.user_turn_count, metrics.bot_turn_count
    return (*counts, *(getattr(metrics, f"{name}_{of}") for name in LATENCIES for of in ("avg", "min", "max")))


async def test_recorder_and_analyzers_say_the_same(tmp_path: Path) -> None:
    """Over calls made of hooks in any order: turns, latencies to the thousandth, and interruptions."""
    figures = await random_calls(tmp_path, 60)
    rules = load_rules()
    with open_store([str(tmp_path)], rules, cache=False) as store:
        found = [turn_statistics(store.connection, metrics.call_id) for metrics in figures]
        total = interruptions(analysis_context(store))[None]
        assert store.counts() == (0, 0, 0)

    assert [told(metrics) for metrics in figures] == [pytest.approx(row, abs=0.0015) for row in found]
    assert total.count == sum(metrics.interruption_count for metrics in figures) > 0
    assert total.agent_turns == sum(metrics.bot_turn_count for metrics in figures)
