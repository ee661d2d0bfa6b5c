"""What an output folder holds already: calls that were imported into it, and calls that others wrote there."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final, cast

from voicetel.events.fields import EVENTS
from voicetel.importers.calls.imported_call import IMPORTED, WRITER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel.importers.logs.spool import Spool

_LOG_NAME: Final = re.compile(r"\.(jsonl|ndjson)([.\-_].*)?$", re.DOTALL)
_MARK: Final = f'"{IMPORTED}":{{'.encode()
_WRITER: Final = f'"writer":"{WRITER_PREFIX}'.encode()
_CALL_ID: Final = re.compile(rb'"call_id"\s*:\s*("(?:[^"\\]|\\.)*")')
_REMEMBERED: Final = 65_536
_MAX_LINE_BYTES: Final = 8 * 1024 * 1024


def note_existing(folder: Path, spool: Spool) -> None:
    """Write down in the spool which calls the logs under ``folder`` have."""
    for path in log_files(folder):
        _note_file(path, spool)


def log_files(folder: Path) -> Iterator[Path]:
    """The log files under a folder, as the reader of logs finds them."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from log_files(entry)
        elif _LOG_NAME.search(entry.name) and entry.is_file():
            yield entry


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a log, a compressed one too; of a damaged one as many as can be had."""
    with path.open("rb") as raw:
        is_compressed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_compressed else raw
        try:
            while line := file.readline(_MAX_LINE_BYTES):
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return


def mark_of(line: bytes) -> dict[str, object] | None:
    """What the first line of an imported call says of it; None on other lines."""
    if _MARK not in line or _WRITER not in line:
        return None
    event = parsed(line)
    mark = None if event is None else event.get(IMPORTED)
    return event if isinstance(mark, dict) else None


def parsed(line: bytes) -> dict[str, object] | None:
    """The object on a line; None where it is none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def is_imported(line: bytes) -> bool:
    """Whether an importer wrote the line."""
    return _WRITER in line


def _note_file(path: Path, spool: Spool) -> None:
    @lru_cache(maxsize=_REMEMBERED)
    def is_noted(_: bytes) -> list[bool]:
        return [False]

    for line in lines_of(path):
        if is_imported(line):
            if event := mark_of(line):
                _note_imported(event, path, spool)
        elif (found := _CALL_ID.search(line)) and not (noted := is_noted(found[1]))[0]:
            event = parsed(line)
            if event and event.get("event") in EVENTS and isinstance(event.get("v"), int):
                noted[0] = True
                spool.database.execute("INSERT OR IGNORE INTO recorded VALUES (?)", (str(event.get("call_id")),))


def source_of_writer(event: dict[str, object]) -> str:
    """Which importer wrote an event."""
    return str(event.get("writer")).removeprefix(WRITER_PREFIX)


def text_of(mark: object, name: str) -> str | None:
    """A string of the mark."""
    value = mark.get(name) if isinstance(mark, dict) else None
    return value if isinstance(value, str) else None


def _note_imported(event: dict[str, object], path: Path, spool: Spool) -> None:
    mark = event[IMPORTED]
    about = mark if isinstance(mark, dict) else {}
    values = (
        source_of_writer(event),
        text_of(mark, "id"),
        str(event.get("call_id")),
        str(path),
        json.dumps(about.get("version")),
        text_of(mark, "carrier_call_id"),
        json.dumps(about.get("files") or []),
    )
    spool.database.execute("INSERT OR REPLACE INTO logged VALUES (?, ?, ?, ?, ?, ?, ?)", values)
