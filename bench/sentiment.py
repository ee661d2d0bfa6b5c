"""Time the sentiment of 100,000 turns, every one with words of its own, and of a second run over the same log.

python bench/sentiment.py [--turns 100000]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from voicetel.analyzers.core.transcript_options import TranscriptOptions
from voicetel.analyzers.overview.analyze import analyze
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.sentiment import load_scorer
from voicetel.store import open_store

SENTENCES = Path(__file__).parents[1] / "tests/sentiment/labelled"


def write_log(path: Path, turns: int) -> None:
    """Write calls of ten turns, half English, half Russian; a number in each text makes it the only one of its kind."""
    texts = {
        language: [line.split("\t")[1] for line in (SENTENCES / f"seen_{language}.tsv").read_text("utf-8").splitlines()]
        for language in ("en", "ru")
    }
    with path.open("w", encoding="utf-8") as file:
        for number in range(turns):
            said = texts["en" if number // 10 % 2 else "ru"]
            text = f"{said[number % 100]} {said[number // 100 % 100]} {number}"
            event = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": f"c{number // 10}"}
            file.write(json.dumps(event | {"turn": number % 10, "user": {"text": text}}, ensure_ascii=False) + "\n")


def timed(log: Path, *, asked: TranscriptOptions) -> float:
    """Seconds that the report takes."""
    begin = time.perf_counter()
    with open_store([str(log)], load_rules()) as store:
        analyze(store, load_card("list"), options=asked)
    return time.perf_counter() - begin


def main() -> None:
    """Print seconds with and without sentiment, first and again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=100_000)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_CACHE_HOME"] = f"{directory}/cache"
        log = Path(directory) / "calls.jsonl"
        write_log(log, turns)
        asked = TranscriptOptions(load_scorer())
        print(f"{turns:,} turns, each with a text of its own")
        print(f"analyze, first               {timed(log, asked=TranscriptOptions()):6.2f} s")
        print(f"analyze --sentiment, first   {timed(log, asked=asked):6.2f} s")
        print(f"analyze --sentiment, again   {timed(log, asked=asked):6.2f} s")


if __name__ == "__main__":
    main()
