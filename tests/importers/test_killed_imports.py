"""An import that is killed at any moment: whole files or none, and the next one completes it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import contents
from voicetel.importers import import_files

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 200 if os.environ.get("VOICETEL_SOAK") else 6
"""How many imports are killed; ``make soak`` kills 200."""

CALLS = 120
DAYS = 12


def exports(folder: Path) -> list[Path]:
    """Two exports with the same calls, the second newer and with other costs, over several days."""
    document = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    paths = []
    for version, cost in enumerate((0.01, 0.02)):
        lines = []
        for number in range(CALLS):
            text = json.dumps(document).replace("01a0b1c2-0001", f"{number:08x}-0001")
            text = text.replace("2026-10-05T", f"2026-10-{number % DAYS + 1:02}T")
            call = json.loads(text)
            costs = [{"type": "vapi", "minutes": 1, "cost": cost}]
            call["message"].update(costs=costs, cost=cost, timestamp=1791208833000 + version)
            lines.append(json.dumps(call))
        paths.append(folder / f"export-{version}.jsonl")
        paths[-1].write_text("\n".join(lines), "utf-8")
    return paths


def killed_after(seconds: float, export: Path, logs: Path) -> None:
    """Import in a process of its own, and kill it so long after it began to read."""
    program = (
        "import sys; from pathlib import Path; from voicetel.importers import import_files; print('ready', flush=True); "
        "import_files([sys.argv[1]], Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(export), str(logs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.kill()
        process.wait()


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    """After each kill every log is one of the two that an import leaves; after the last import all are the newer ones."""
    older, newer = exports(tmp_path)
    import_files([str(older)], tmp_path / "older")
    before = contents(tmp_path / "older")
    shutil.copytree(tmp_path / "older", tmp_path / "both")
    started_s = time.monotonic()
    import_files([str(newer)], tmp_path / "both")
    took_s = time.monotonic() - started_s
    after = contents(tmp_path / "both")
    assert before.keys() == after.keys()
    chance = random.Random(14)
    kills = 0
    for _ in range(KILLS):
        logs = tmp_path / "killed"
        shutil.rmtree(logs, ignore_errors=True)
        if chance.random() < 0.5:
            shutil.copytree(tmp_path / "older", logs)
        there = contents(logs) if logs.exists() else {}
        killed_after(chance.uniform(0, 1.2 * took_s), newer, logs)
        found = (
            {name: data for name, data in contents(logs).items() if name.endswith(".jsonl")} if logs.exists() else {}
        )
        assert set(found) >= set(there)
        for name, data in found.items():
            assert data in (there.get(name), after[name]), name
        kills += found != after
        import_files([str(newer)], logs)
        assert contents(logs) == after
    assert kills or KILLS < 20
