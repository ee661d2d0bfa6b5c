"""Runs of the store over small logs: what it says of them, and what a first run would say."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from voicetel.outcomes import load_rules
from voicetel.store import open_store
from voicetel.store.cache_verification import checksums

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PACKAGED = load_rules()
RULES = dataclasses.replace(_PACKAGED, phrases=_PACKAGED.phrases[:3], fingerprint="three phrases")
"""Few phrases: the thousands of the packaged rules take a tenth of a second to compile, in every run."""


@dataclasses.dataclass(frozen=True)
class Said:
    """What a run says: the checksums of its relations, the lines that do not count, the counts and the warnings."""

    checksums: dict[str, tuple[int, int]]
    quarantined_lines: list[tuple[str, int, int, int, str, bool]]
    counts: tuple[int, int, int]
    warnings: tuple[str, ...] = dataclasses.field(compare=False, default=())


def run(*paths: Path | str, cache: bool = True) -> Said:
    """Bring the store of ``paths`` up to date and ask it everything."""
    with open_store([str(path) for path in paths], RULES, cache=cache) as store:
        return Said(
            checksums(store.connection),
            [dataclasses.astuple(line) for line in store.quarantined_lines()],
            store.counts(),
            tuple(store.warnings),
        )


def cold(*paths: Path | str) -> Said:
    """What a first run over the files that are there says."""
    return run(*paths, cache=False)


def rows(sql: str, *paths: Path | str, cache: bool = False) -> list[tuple[Any, ...]]:
    """Rows of a query over the relations of a run."""
    with open_store([str(path) for path in paths], RULES, cache=cache) as store:
        return store.connection.execute(sql).fetchall()


def line(event: str = "turn", *, call: str = "c", second: int = 0, **fields: object) -> bytes:
    """One whole line of a log, ``second`` seconds after nine o'clock."""
    moment = f"2026-11-02T09:{second // 60:02d}:{second % 60:02d}.000Z"
    whole = {"v": 1, "event": event, "ts": moment, "call_id": call, **fields}
    return json.dumps(whole, ensure_ascii=False).encode() + b"\n"


def write(path: Path, lines: Sequence[bytes]) -> Path:
    """Write a log."""
    path.write_bytes(b"".join(lines))
    return path
