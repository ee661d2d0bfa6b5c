"""Which files hold logs."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import NoDataError, VoicetelError
from voicetel.store.ingest.fingerprints import LogFile
from voicetel.store.ingest.open_log import is_storage_object
from voicetel.store.object_storage.uris import local_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

STDIN = "-"

_LOG_NAME = re.compile(r"\.(jsonl|ndjson)([.\-_].*)?$", re.DOTALL)
"""Names looked for in a directory: calls.jsonl, calls.jsonl.1, calls.jsonl-20261102.gz. A file named outright may have any."""


NO_LOGS_HINT = "name a log file or a folder of logs; `voicetel simulate -o logs` makes some"
"""What to do where a path is not there."""


def discover(paths: Sequence[str], warn: Callable[[str], None]) -> list[LogFile]:
    """The log files under ``paths``, each once, sorted by path.

    What cannot hold a log (a pipe, a device, a loop of links) or vanishes meanwhile is passed over with a warning.

    A path can be a URI of object storage, too. Raises NoDataError where a path that was named does not exist.
    """
    found: dict[tuple[int, int], LogFile] = {}
    objects: dict[str, LogFile] = {}
    for path in map(local_path, paths):
        if is_storage_object(path):
            objects |= {each.path: each for each in _objects(path)}
            continue
        if not os.path.lexists(path):
            raise NoDataError(f"{path}: no such file or directory", hint=NO_LOGS_HINT)
        for name in log_paths(path, warn):
            file = _stat(name, warn)
            if file:
                found.setdefault((file.device, file.inode), file)
    return sorted([*found.values(), *objects.values()], key=lambda file: file.path)


def check_path(path: str) -> None:
    """Raise NoDataError for a path or URI that does not exist, and what ``discover`` raises for a storage that cannot be asked."""
    if is_storage_object(path):
        next(_objects(path), None)
    elif not Path(path).exists():
        raise NoDataError(f"{path}: no such file or directory", hint=NO_LOGS_HINT)


def beginning_of_object(uri: str, length: int) -> bytes | None:
    """The first bytes of an object as it is stored, or of the first log under a prefix; None where there is none, or it cannot be read."""
    from voicetel.store.object_storage.object_file import ObjectFile  # noqa: PLC0415  paths of files do without

    try:
        first = next(_objects(uri), None)
        if first is None:
            return None
        with ObjectFile.open(first.path) as file:
            return file.read_at(0, length)
    except (OSError, VoicetelError):
        return None


def _objects(uri: str) -> Iterator[LogFile]:
    from voicetel.store.object_storage.listing import list_objects  # noqa: PLC0415  paths of files do without

    for each in list_objects(uri):
        folders, _, name = each.relative_path.rpartition("/")
        hidden = name.startswith(".") or any(folder.startswith(".") for folder in folders.split("/"))
        if not each.relative_path or (_LOG_NAME.search(name) and not hidden):
            yield LogFile.listed(each.name, each.size, each.mtime_ns)


def log_paths(path: str, warn: Callable[[str], None]) -> Iterable[str]:
    """The path itself, or what is called a log in a directory and those below it, in the order of names."""
    return _walk(path, set(), warn) if Path(path).is_dir() else (path,)


def _walk(directory: str, ancestors: set[tuple[int, int]], warn: Callable[[str], None]) -> Iterator[str]:
    try:
        here = Path(directory).stat()
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError as error:
        warn(f"{directory}: skipped: {error.strerror}")
        return
    if (here.st_dev, here.st_ino) in ancestors:
        warn(f"{directory}: skipped: a link back to a directory above it")
        return
    ancestors = ancestors | {(here.st_dev, here.st_ino)}
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if _is_directory(entry):
            yield from _walk(entry.path, ancestors, warn)
        elif _LOG_NAME.search(entry.name):
            yield entry.path


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _stat(path: str, warn: Callable[[str], None]) -> LogFile | None:
    try:
        status = Path(path).stat()
    except OSError as error:
        warn(f"{path}: skipped: {error.strerror}")
        return None
    if not stat.S_ISREG(status.st_mode):
        warn(f"{path}: skipped: not a regular file (use - to read standard input)")
        return None
    return LogFile.of(path, status)


@contextlib.contextmanager
def copied(stdin: BinaryIO) -> Iterator[str]:
    """Standard input as a file that has no name, so that nothing of it is left whatever becomes of this run."""
    with tempfile.TemporaryFile(prefix="voicetel-") as file:
        shutil.copyfileobj(stdin, file)
        file.flush()
        yield f"/dev/fd/{file.fileno()}"
