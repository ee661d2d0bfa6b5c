"""Merged calls → files. Each is written beside and renamed: a reader sees it whole, or as it was."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.imported_call import IMPORTED
from voicetel.importers.logs.existing import is_imported, lines_of, mark_of, source_of_writer, text_of
from voicetel.importers.logs.joining import joined, platform_call_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.logs.spool import Spool

_OWNER_ONLY: Final = 0o600
_FOLDER_OWNER_ONLY: Final = 0o700


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder, and wait until no other import writes to it."""
    folder.mkdir(mode=_FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    try:
        import fcntl  # noqa: PLC0415  not on Windows, where two imports at once are the user's own affair
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_logs(folder: Path, spool: Spool, carriers: Sequence[str]) -> list[Path]:
    """Write what is to be written; give the files that are new or other than they were.

    Files that get calls come before those that only lose some: a call is in two files rather than in none.
    """
    spool.database.execute(
        "UPDATE call SET path = ? || '/' || source || '-' || substr(ts, 1, 10) || '.jsonl'", (str(folder),)
    )
    gaining = {path for (path,) in spool.database.execute("SELECT DISTINCT path FROM call")} | _rejoined(
        spool, carriers
    )
    losing = {path for (path,) in spool.database.execute("SELECT path FROM removed")} - gaining
    ordered = [Path(path) for path in (*sorted(gaining), *sorted(losing))]
    return [path for path in ordered if _write_file(path, spool, carriers)]


def _rejoined(spool: Spool, carriers: Sequence[str]) -> set[str]:
    """The files with a carrier's records of calls whose platform is known only now."""
    paths = set()
    for carrier in carriers:
        rows = spool.database.execute("SELECT carrier_call_id, call_id, path FROM logged WHERE source = ?", (carrier,))
        for carrier_call_id, call_id, path in rows.fetchall():
            if platform_call_id(spool, carrier_call_id, carrier) not in (None, call_id):
                paths.add(path)
    return paths


def _write_file(path: Path, spool: Spool, carriers: Sequence[str]) -> bool:
    """Write one file anew out of what stays in it and what is added; whether it is other than it was."""
    spool.database.execute("DELETE FROM output")
    others = _take_over(path, spool)
    spool.database.execute("INSERT INTO output SELECT ts, id, call_id, lines FROM call WHERE path = ?", (str(path),))
    rows = spool.database.execute("SELECT call_id, lines FROM output ORDER BY ts, source_id")
    beside = path.with_name(f".{path.name}.part")
    size = 0
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        beside.chmod(_OWNER_ONLY)
        for call_id, lines in rows:
            size += file.write(_joined(spool, carriers, call_id, lines))
        for line in others:
            size += file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return _put_in_place(beside, path, is_empty=size == 0)


def _joined(spool: Spool, carriers: Sequence[str], call_id: str, lines: bytes) -> bytes:
    """The lines of a call; those of a carrier's record as part of the platform's call, where there is one."""
    event = mark_of(lines[: lines.index(b"\n") + 1]) if carriers else None
    source = "" if event is None else source_of_writer(event)
    if event is None or source not in carriers:
        return lines
    platform = platform_call_id(spool, text_of(event[IMPORTED], "carrier_call_id"), source)
    return lines if platform in (None, call_id) else joined(lines, platform or call_id)


def _take_over(path: Path, spool: Spool) -> list[bytes]:
    """Keep the calls that stay in a file; give the lines in it that no importer wrote."""
    others: list[bytes] = []
    if not path.exists():
        return others
    group: list[bytes] = []
    for line in lines_of(path):
        if not is_imported(line):
            others.append(line if line.endswith(b"\n") else line + b"\n")
        elif mark_of(line):
            _keep(group, path, spool)
            group = [line]
        elif group:
            group.append(line)
    _keep(group, path, spool)
    return others


def _keep(group: Sequence[bytes], path: Path, spool: Spool) -> None:
    event = mark_of(group[0]) if group else None
    if event is None:
        return
    source_id = text_of(event[IMPORTED], "id")
    stays = spool.database.execute(
        "SELECT 1 FROM logged WHERE source = ? AND id = ? AND path = ?", (source_of_writer(event), source_id, str(path))
    ).fetchone()
    if stays:
        values = (str(event.get("ts")), source_id, str(event.get("call_id")), b"".join(group))
        spool.database.execute("INSERT INTO output VALUES (?, ?, ?, ?)", values)


def _put_in_place(beside: Path, path: Path, *, is_empty: bool) -> bool:
    if is_empty:
        beside.unlink()
        path.unlink(missing_ok=True)
        return True
    if path.exists() and _same_bytes(beside, path):
        beside.unlink()
        return False
    beside.replace(path)
    return True


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(1 << 20):
            if chunk != second.read(1 << 20):
                return False
    return True
