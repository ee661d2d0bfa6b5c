"""What an import of many calls costs: ``imports.py [SIZE_MB] [DAYS]``.

Writes an export of Vapi calls of that size, one array on one line as ``GET /call`` gives it, and imports it twice in a
process of its own: seconds, CPU seconds and peak memory of each. Calls are those of the tests, with ids of their own,
spread over DAYS days.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.measure import measured

FIXTURE = Path(__file__).parents[1] / "tests" / "importers" / "fixtures" / "vapi" / "webhook_inbound.json"
STARTED = datetime(2026, 10, 5, 14, tzinfo=UTC)


def main() -> None:
    """Write, import, import again."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        export, logs = Path(name) / "export.json", Path(name) / "logs"
        calls = write_export(export, megabytes * 1_000_000, days)
        print(f"{calls:,} calls, {export.stat().st_size / 1e6:,.0f} MB")
        for run in ("import", "import again"):
            print(f"{run}: {measured('import', export, '-o', logs, '--json')}")
        written = sum(path.stat().st_size for path in logs.iterdir())
        print(f"{written / 1e6:,.0f} MB of logs in {len(list(logs.iterdir()))} files")


def write_export(path: Path, size_bytes: int, days: int) -> int:
    """Write calls until the file is as large as wanted; how many they are."""
    call = as_listed(json.loads(FIXTURE.read_text("utf-8"))["message"])
    text = json.dumps(call)
    count = written = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        while written < size_bytes:
            later = timedelta(days=count % days, seconds=count // days % 30_000)
            piece = moved(text, later).replace("01a0b1c2-0001", f"{count:08x}-0001")
            file.write(("," if count else "") + piece)
            written += len(piece) + 1
            count += 1
        file.write("]")
    return count


def as_listed(message: dict[str, Any]) -> dict[str, Any]:
    """The call of a webhook as a list of calls has it: what stands in the message stands in the call."""
    ours = ("artifact", "analysis", "startedAt", "endedAt", "endedReason", "cost", "costBreakdown", "costs", "messages")
    call: dict[str, Any] = message["call"]
    return call | {name: message[name] for name in ours} | {"status": "ended", "assistant": message["assistant"]}


def moved(text: str, later: timedelta) -> str:
    """The same call, so much later."""
    began_ms = int(STARTED.timestamp() * 1000)
    shift_ms = int(later.total_seconds() * 1000)
    for second in range(40):
        old, new = began_ms // 1000 + second, (began_ms + shift_ms) // 1000 + second
        text = text.replace(f": {old}", f": \x00{new}")
    day = f"{STARTED + later:%Y-%m-%dT%H:%M}"
    return text.replace("\x00", "").replace("2026-10-05T14:00", day).replace("2026-10-05T13:59", day)


if __name__ == "__main__":
    main()
