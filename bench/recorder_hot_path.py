"""What recording costs on the agent's own thread, beside logging the same turn as JSON with the standard library.

    python bench/recorder_hot_path.py [turns]

Three rows, each timed call by call on the thread that makes it, after 10 % of warm-up: ``EventWriter.emit`` of a turn's
event, ``TelemetryService.record_turn`` of a turn's two records (their sum is a turn), and ``logging`` with a formatter
that writes the same event by ``json.dumps`` through a FileHandler. Turns come in bursts of 20 with a pause in between,
as busy agents have them, so that the writer's thread works at the same time. Budget of the recorder, per turn: p50 at
most 5 µs, p99 at most 50 µs. The clock's own cost, printed last, is part of each row.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.recorder import EventWriter, TelemetryService, TurnMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

BURST = 20
PAUSE_S = 0.002

TURN: dict[str, object] = {
    "event": "turn",
    "ts": "2026-11-02T09:00:03.120Z",
    "call_id": "c-7f3a",
    "turn": 1,
    "state_id": "ask_day",
    "user": {"text": "Hi, I need to move my appointment.", "start_ms": 0, "end_ms": 1840},
    "agent": {"text": "Of course. Which day suits you?", "start_ms": 2715, "end_ms": 4630, "interrupted": False},
    "operations": [
        {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1840, "ttfb_ms": 170, "audio_s": 2.1},
        {"stage": "llm", "provider": "groq", "model": "llama-3.1-8b-instant", "start_ms": 2010, "ttfb_ms": 148,
         "duration_ms": 391, "input_tokens": 812, "output_tokens": 24},
        {"stage": "tts", "provider": "cartesia", "model": "sonic-2", "start_ms": 2420, "ttfb_ms": 131, "characters": 31},
    ],
    "eou_latency_ms": 875,
}  # fmt: skip


class JsonFormatter(logging.Formatter):
    """The usual recipe for logging JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record's event with the record's time."""
        return json.dumps({"ts": self.formatTime(record), **vars(record)["turn"]})


def timed(act: Callable[[int], object], turns: int) -> list[int]:
    """Nanoseconds of each call, warm-up left out."""
    taken_ns = []
    for number in range(turns + turns // 10):
        if number % BURST == 0:
            time.sleep(PAUSE_S)
        start_ns = time.perf_counter_ns()
        act(number)
        taken_ns.append(time.perf_counter_ns() - start_ns)
    return taken_ns[turns // 10 :]


def emit(log_dir: Path, turns: int) -> list[int]:
    """The writer alone."""
    with EventWriter(log_dir) as writer:
        taken_ns = timed(lambda _: writer.emit(TURN), turns)
        writer.flush(60)
        report_losses(writer)
    return taken_ns


def record_turn(log_dir: Path, turns: int) -> list[int]:
    """The service: the caller's record and the agent's, both of them in one figure."""

    def act(number: int) -> None:
        for record in pairs[number]:
            coroutine = telemetry.record_turn("c-7f3a", record)
            try:
                coroutine.send(None)
            except StopIteration:
                continue

    pairs = [
        (
            TurnMetrics(n, "user", "Hi, I need to move my appointment.", "ask_day", ttfb_stt=170, eou_latency=875),
            TurnMetrics(n, "assistant", "Of course.", latency_llm=391, ttfb_tts=131, llm_input_tokens=812),
        )
        for n in range(1, turns + turns // 10 + 1)
    ]
    with TelemetryService(log_dir, providers={"llm": ("groq", "llama-3.1-8b-instant")}) as telemetry:
        taken_ns = timed(act, turns)
        asyncio.run(telemetry.flush(60))
        report_losses(telemetry.writer)
    return taken_ns


def stdlib_logging(log_dir: Path, turns: int) -> list[int]:
    """What an agent would do without us."""
    handler = logging.FileHandler(log_dir / "stdlib.jsonl")
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("bench")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    taken_ns = timed(lambda _: logger.info("turn", extra={"turn": TURN}), turns)
    handler.close()
    return taken_ns


def report_losses(writer: EventWriter) -> None:
    """A figure that was reached by dropping events is none."""
    if writer.lost:
        print(f"{writer.lost} events were dropped: the figures below are not those of recording")


def main() -> None:
    """Measure and print the table."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "EventWriter.emit": emit(Path(folder), turns),
            "TelemetryService.record_turn, both sides": record_turn(Path(folder), turns),
            "logging + json.dumps + FileHandler": stdlib_logging(Path(folder), turns),
            "nothing (the clock)": timed(lambda _: None, turns),
        }
    print(f"{f'µs on the calling thread, {turns} turns':44}{'p50':>9}{'p99':>9}{'max':>10}")
    for name, taken_ns in rows.items():
        ordered = sorted(taken_ns)
        places = (turns // 2, turns * 99 // 100, turns - 1)
        print(f"{name:44}" + "".join(f"{ordered[place] / 1000:{9 + (place == turns - 1)}.1f}" for place in places))


if __name__ == "__main__":
    main()
