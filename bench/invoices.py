"""What reconciling costs: ``invoices.py [SIZE] [LINES]``.

Simulates logs of that size over 30 days, writes an invoice with a line for each of so many requests to the providers that
they name, and reconciles the two twice, each time in a process of its own: seconds, CPU seconds and peak memory. The first
run reads the logs, the second has them in the store.
"""

from __future__ import annotations

import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.measure import measured

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
        measured("simulate", "-o", logs, "--size", size, "--days", DAYS, cache=Path(name) / "cache")
        write_invoice(invoice, lines)
        read = sum(path.stat().st_size for path in logs.rglob("*") if path.is_file())
        print(f"{read / 1e6:,.0f} MB of logs; {lines:,} invoice lines, {invoice.stat().st_size / 1e6:,.0f} MB")
        for run in ("reconcile", "reconcile again"):
            reconcile = ("reconcile", invoice, logs, "--columns", COLUMNS, "--json")
            print(f"{run}: {measured(*reconcile, cache=Path(name) / 'cache')}")


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


if __name__ == "__main__":
    main()
