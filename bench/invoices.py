"""What reconciling costs: ``invoices.py [SIZE] [LINES]``.

Simulates logs of that size over 30 days, writes an invoice with a line for each of so many requests to the providers that
they name, and reconciles the two twice, each time in a process of its own: seconds, CPU seconds and peak memory. The first
run reads the logs, the second has them in the store.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 30
COLUMNS = "day=time,provider=provider,stage=stage,model=model,quantity=quantity,unit=unit,amount=amount"
USED = (
    ("deepgram", "stt", "nova-3", "minutes"),
    ("groq", "llm", "llama-3.1-8b-instant", "input tokens"),
    ("groq", "llm", "llama-3.1-8b-instant", "output tokens"),
    ("cartesia", "tts", "sonic-2", "characters"),
    ("livekit", "transport", "", "minutes"),
)


def main() -> None:
    """Simulate, write, reconcile, reconcile again."""
    size = sys.argv[1] if len(sys.argv) > 1 else "1GB"
    lines = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        logs, invoice = Path(name) / "logs", Path(name) / "invoice.csv"
        voicetel("simulate", "-o", logs, "--size", size, "--days", DAYS, cache=Path(name))
        write_invoice(invoice, lines)
        read = sum(path.stat().st_size for path in logs.rglob("*") if path.is_file())
        print(f"{read / 1e6:,.0f} MB of logs; {lines:,} invoice lines, {invoice.stat().st_size / 1e6:,.0f} MB")
        for run in ("reconcile", "reconcile again"):
            reconcile = ("reconcile", invoice, logs, "--columns", COLUMNS, "--json")
            print(f"{run}: {voicetel(*reconcile, cache=Path(name))}")


def write_invoice(path: Path, lines: int) -> None:
    """Requests at random times of 30 days, with what each used and cost."""
    chance = random.Random(17)
    with path.open("w", encoding="utf-8") as file:
        file.write("time,provider,stage,model,quantity,unit,amount\n")
        for _ in range(lines):
            provider, stage, model, unit = chance.choice(USED)
            moment = FIRST_DAY + timedelta(seconds=chance.randrange(DAYS * 86_400))
            quantity = chance.randrange(1, 90) / 10 if unit == "minutes" else chance.randrange(1, 2_000)
            file.write(
                f"{moment:%Y-%m-%dT%H:%M:%SZ},{provider},{stage},{model},{quantity},{unit},{quantity * 1e-5:.8f}\n"
            )


def voicetel(*arguments: object, cache: Path) -> str:
    """Run a command with a store of its own: seconds, CPU seconds, and the most memory that any run so far had."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.perf_counter()
    command = [sys.executable, "-m", "voicetel", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "XDG_CACHE_HOME": str(cache / "cache")})
    seconds = time.perf_counter() - started_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds:.1f} s, {cpu_s:.1f} CPU s, peak {after.ru_maxrss / 1024:.0f} MB"


if __name__ == "__main__":
    main()
