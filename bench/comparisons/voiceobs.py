"""Hold ``voicetel analyze`` to ``voiceobs analyze`` over the same calls: ``voiceobs.py LOG COMMAND [--mb 60] [--rounds 3]``.

LOG is a log of simulated calls, of which the first ``--mb`` megabytes are taken; COMMAND is the ``voiceobs`` of an environment of its
own (``pip install voiceobs``). It reads spans, so the same turns and operations are written as those that its exporter writes: one
for every turn of either side and every call to a provider. CPU seconds and peaks of whole processes, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGES = {"stt": "asr", "llm": "llm", "tts": "tts"}


def first_lines(log: Path, size: int) -> bytes:
    """The whole lines of the first ``size`` bytes of a log."""
    with log.open("rb") as file:
        return file.read(size).rpartition(b"\n")[0] + b"\n"


def spans_of(turn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The spans of a turn: one of the caller's side, one of the agent's, and one of every operation that has a length."""
    begin = round(datetime.fromisoformat(turn["ts"]).timestamp() * 1000)
    sides = {side: turn[side] for side in ("user", "agent") if side in turn}
    for side, spoken in sides.items():
        attributes: dict[str, Any] = {"voice.turn.id": f"{turn['turn']}-{side}", "voice.actor": side}
        if side == "agent":
            attributes["voice.interruption.detected"] = spoken.get("interrupted", False)
            if "eou_latency_ms" in turn:
                attributes["voice.silence.after_user_ms"] = turn["eou_latency_ms"]
        yield _span(turn, "voice.turn", begin, (spoken.get("start_ms", 0), spoken.get("end_ms", 0)), attributes)
    for operation in turn.get("operations", ()):
        stage, length = STAGES.get(operation["stage"]), operation.get("duration_ms", operation.get("ttfb_ms"))
        if stage is not None and length is not None:
            start = operation.get("start_ms", 0)
            attributes = {
                "voice.stage.type": stage,
                "voice.stage.provider": operation.get("provider"),
                "voice.stage.model": operation.get("model"),
            }
            yield _span(turn, f"voice.{stage}", begin, (start, start + length), attributes)


def _span(
    turn: dict[str, Any], name: str, begin: int, offsets_ms: tuple[float, float], attributes: dict[str, Any]
) -> dict[str, Any]:
    start_ms, end_ms = offsets_ms
    return {
        "name": name,
        "trace_id": f"{abs(hash(turn['call_id'])):032x}",
        "span_id": f"{turn['seq']:016x}",
        "parent_span_id": None,
        "start_time_ns": round((begin + start_ms) * 1_000_000),
        "end_time_ns": round((begin + end_ms) * 1_000_000),
        "duration_ms": end_ms - start_ms,
        "attributes": {
            "voice.schema.version": "0.0.2",
            "voice.conversation.id": turn["call_id"],
            "voice.turn.index": turn["turn"],
            **attributes,
        },
        "status": {"status_code": "OK"},
    }


def write_inputs(log: Path, size: int, folder: Path) -> tuple[Path, Path]:
    """The beginning of a log, and the spans of its turns."""
    lines, spans = folder / "calls.jsonl", folder / "spans.jsonl"
    lines.write_bytes(first_lines(log, size))
    with lines.open(encoding="utf-8") as events, spans.open("w", encoding="utf-8") as file:
        for event in map(json.loads, events):
            if event["event"] == "turn":
                file.writelines(json.dumps(span, ensure_ascii=False) + "\n" for span in spans_of(event))
    return lines, spans


def measured(command: list[str], cache: Path) -> tuple[float, float]:
    """(CPU seconds, peak memory in MB) of a process."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": str(cache)}
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


def main() -> None:
    """Measure in turns and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("voiceobs")
    parser.add_argument("--mb", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        lines, spans = write_inputs(options.log, round(options.mb * 1e6), folder)
        print(f"log {lines.stat().st_size / 1e6:.0f} MB, spans {spans.stat().st_size / 1e6:.0f} MB", flush=True)
        ours = [sys.executable, "-m", "voicetel", "analyze", str(lines), "--json"]
        for number in range(options.rounds):
            theirs_s, theirs_mb = measured([options.voiceobs, "analyze", "--input", str(spans), "--json"], folder)
            first_s, first_mb = measured(ours, folder / str(number))
            again_s, again_mb = measured(ours, folder / str(number))
            print(
                f"voiceobs {theirs_s:.2f} s, {theirs_mb:.0f} MB; first {first_s:.2f} s, {first_mb:.0f} MB:"
                f" {theirs_s / first_s:.1f} times; again {again_s:.2f} s, {again_mb:.0f} MB: {theirs_s / again_s:.1f} times",
                flush=True,
            )


if __name__ == "__main__":
    main()
