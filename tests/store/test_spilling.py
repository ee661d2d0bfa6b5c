"""What does not fit into memory goes to disk, where nobody can read the words in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.command import run
from support.store_runs import line
from voicetel.store.segments.relations import connect

if TYPE_CHECKING:
    from pathlib import Path


def test_the_engine_can_put_rows_aside_and_they_cannot_be_read(tmp_path: Path) -> None:
    """A table of 80 MB with 30 MB of memory."""
    connection = connect(tmp_path / "spill")
    connection.execute("SET threads = 1; SET memory_limit = '30MB'")
    connection.execute(
        "CREATE TEMP TABLE held AS SELECT range AS n, 'zqxjmarkedword' || repeat(md5(range::VARCHAR), 8) AS text FROM range(300000)"
    )
    files = [path for path in (tmp_path / "spill").iterdir() if path.stat().st_size]
    assert files
    assert not any(b"zqxjmarkedword" in path.read_bytes() for path in files)
    assert connection.execute("SELECT count(*), min(length(text)) FROM held").fetchall() == [(300_000, 270)]
    connection.close()


TEXTS = {
    "words": "word " * 1_600_000,
    "Russian": "слово " * 700_000,
    "one word": "x" * 8_000_000,
    "escapes": "\\n" * 2_000_000,
    "emoji": "😀 " * 1_500_000,
    "commas": "a, " * 2_600_000,
}
"""Each makes a line of nearly 8 MiB, the most that a line may have."""


def test_lines_as_long_as_may_be_count_in_the_memory_there_is(tmp_path: Path) -> None:
    """Texts are looked through for phrases, copied a few times on the way: 48 MB of them are, one by one."""
    log = tmp_path / "a.jsonl"
    with log.open("wb") as file:
        for number, text in enumerate(TEXTS.values()):
            spoken: dict[str, Any] = {("user", "agent")[number % 2]: {"text": text, "start_ms": 0, "end_ms": 5}}
            file.write(line("turn", call=f"c{number}", turn=1, **spoken))
        file.write(line("call_ended", call="short", duration_s=9))
    done = run("calls", str(log), "--no-cache", "--json")
    assert done.code == 0, done.err
    assert [each["turns"] for each in done.json] == [1] * len(TEXTS) + [0]
    checked = run("validate", str(log), "--no-cache", "--json")
    assert json.loads(checked.out)["findings"] == []
