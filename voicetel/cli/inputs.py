"""Every file that a run reads. Nothing that it writes may take the place of one of them, nor of any other log."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"

_ENVELOPE = {"v", "event", "ts", "call_id"}

_logs: list[str] = []
_inputs: list[str] = []


def reset() -> None:
    """Nothing has been read: a new run of the command."""
    _logs.clear()
    _inputs.clear()


def protect_logs(*paths: str | None) -> None:
    """Logs, or folders of them, that are going to be read; ``-`` is stdin."""
    _logs.extend(path for path in paths if path is not None)


def protect_inputs(*paths: str | Path | None) -> None:
    """Files that are read beside the logs: a rate card, outcome rules, limits, settings, invoices."""
    _inputs.extend(str(path) for path in paths if path is not None)


def refuse_overwriting(file: Path) -> None:
    """Raise UsageError if ``file`` is among what is read, whatever its name, or is a log that is not."""
    identity = _identity(file)
    if identity is None:
        return
    if identity in set(_log_identities()):
        raise UsageError(f"{file}: is one of the logs", hint="write to another file")
    if identity in {_identity(Path(path)) for path in _inputs}:
        raise UsageError(f"{file}: is read by this command", hint="write to another file")
    if is_log(file):
        raise UsageError(f"{file}: is a log", hint="write to another file, or delete it first")


def _log_identities() -> Iterator[tuple[int, int] | None]:
    from voicetel.store.ingest.discovery import discover  # noqa: PLC0415  --help does without the engine

    present = [path for path in _logs if path != STDIN and Path(path).exists()]
    yield from ((file.device, file.inode) for file in discover(present, lambda warning: None))
    if STDIN in _logs and sys.stdin is not None and (status := _status_of_stdin()):
        yield status.st_dev, status.st_ino


def _status_of_stdin() -> os.stat_result | None:
    try:
        status = os.fstat(sys.stdin.fileno())
    except (OSError, ValueError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def is_log(file: Path) -> bool:
    """Whether an event stands among the first lines of a file, unpacked where it is packed."""
    from voicetel.events.fields import MAX_LINE_BYTES  # noqa: PLC0415  only where a file is to be replaced
    from voicetel.store.ingest.open_log import OpenLog  # noqa: PLC0415

    beginning = b""
    try:
        with OpenLog.open(str(file)) as log:
            for block in log.blocks():
                beginning += block[: MAX_LINE_BYTES - len(beginning)]
                if b"\n" in beginning or len(beginning) == MAX_LINE_BYTES:
                    break
    except (OSError, ValueError):
        return False
    return any(map(_is_event, beginning.splitlines()))


def _is_event(line: bytes) -> bool:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(event, dict) and event.keys() >= _ENVELOPE
