"""What a file without a single event looks like, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

from voicetel.store.ingest.discovery import beginning_of_object, log_paths
from voicetel.store.ingest.open_log import is_storage_object

BEGINNING_BYTES = 64 * 1024

_ENCODING_BYTES = 200
_ZEROS_OF_UTF_16, _ZEROS_OF_UTF_32 = 0.3, 0.6

_FORMAT_OF_MAGIC = {
    b"\xff\xfe\0\0": "UTF-32: save it as UTF-8",
    b"\0\0\xfe\xff": "UTF-32: save it as UTF-8",
    b"\xff\xfe": "UTF-16, as PowerShell writes it: save it as UTF-8",
    b"\xfe\xff": "UTF-16: save it as UTF-8",
    b"PK\x03\x04": "a zip archive: unpack it",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"\x04\x22\x4d\x18": "a file packed by lz4: unpack it",
    b"PAR1": "a Parquet file: logs are JSON lines",
    b"ARROW1": "an Arrow file: logs are JSON lines",
    b"Obj\x01": "an Avro file: logs are JSON lines",
    b"SQLite format 3": "a SQLite database: logs are JSON lines",
    b"%PDF": "a PDF: logs are JSON lines",
    b"RIFF": "a recording: logs are JSON lines",
    b"OggS": "a recording: logs are JSON lines",
    b"ID3": "a recording: logs are JSON lines",
    b"\x1e": "a JSON text sequence: `tr -d '\\036'` makes lines of it",
}
_SCHEMA = "`voicetel schema` says what a line looks like"


def guess_format(path: str) -> str | None:
    """One phrase on what the file is and what to do; None where there is nothing to say, or nothing to read.

    ``path`` can be a URI of object storage. Of a folder or a prefix the first file is looked at.
    """
    beginning = beginning_of_object(path, BEGINNING_BYTES) if is_storage_object(path) else _beginning_of_file(path)
    return None if beginning is None else guess_format_of_bytes(beginning)


def guess_format_of_bytes(beginning: bytes) -> str | None:
    """The same of the first BEGINNING_BYTES of a file."""
    for magic, what in _FORMAT_OF_MAGIC.items():
        if beginning.startswith(magic):
            return what
    if encoding := _wide_encoding(beginning):
        return f"{encoding}: save it as UTF-8"
    return _guess_format_of_text(beginning.lstrip(b"\xef\xbb\xbf \t\r\n"))


def _beginning_of_file(path: str) -> bytes | None:
    try:
        file = _first_file(Path(path))
        if file is None:
            return None
        with file.open("rb") as stream:
            return stream.read(BEGINNING_BYTES)
    except (OSError, ValueError):
        return None


def _first_file(path: Path) -> Path | None:
    if path.is_dir():
        return next(filter(Path.is_file, map(Path, log_paths(str(path), lambda _: None))), None)
    return path if path.is_file() else None


def _wide_encoding(beginning: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: of most characters of JSON, all bytes but one are 0."""
    some = beginning[:_ENCODING_BYTES]
    zeros = some.count(0) / max(len(some), 1)
    if zeros < _ZEROS_OF_UTF_16 or some.strip(b"\0")[:1] not in {b"{", b"["}:
        return None
    return "UTF-32" if zeros > _ZEROS_OF_UTF_32 else "UTF-16"


def _guess_format_of_text(text: bytes) -> str | None:
    first = text.partition(b"\n")[0].strip()
    if text.startswith(b"<"):
        return "XML or HTML: logs are JSON lines"
    if text.startswith(b"["):
        return "one JSON array: `jq -c '.[]'` makes lines of it"
    if text.startswith(b"{"):
        keys = _keys(first)
        if keys is None and (first == text or b'"v"' in first):  # its end is not here, or torn off
            return None
        if keys is None:
            return "one JSON document over many lines: `jq -c .` makes a line of it"
        if {"v", "event"} <= keys:  # ours, and broken: `validate` says how
            return None
        named = ", ".join(sorted(keys)[:4])
        return f"JSON lines of another format, with {named}: {_SCHEMA}" if named else None
    return f"no JSON: {_SCHEMA}" if text else None


def _keys(line: bytes) -> set[str] | None:
    """The keys of a line that is a JSON object; None where it is none, or not whole."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return {key for key in found if key.isidentifier()} if isinstance(found, dict) else None
