"""What does not fit into memory goes to disk, where nobody can read the words in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
