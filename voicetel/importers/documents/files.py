"""Which files hold exports, and their text in chunks."""

from __future__ import annotations

import codecs
import itertools
import re
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from voicetel.errors import NoDataError
from voicetel.importers.documents.envelopes import unwrapped
from voicetel.importers.documents.scanner import BROKEN, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

STDIN: Final = "-"

_CHUNK_BYTES: Final = 1 << 20
_EXPORT_NAME: Final = re.compile(r"\.(json|jsonl|ndjson)([.\-_].*)?$", re.DOTALL | re.IGNORECASE)
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_HALF_A_VALUE: Final = b'\n{"'


def export_files(paths: Sequence[str], logs: Path) -> list[str]:
    """The files under ``paths``, each once, in order of their names; ``-`` is standard input.

    A file that is named may have any name; in a directory those called ``*.json``, ``*.jsonl`` or ``*.ndjson`` are
    taken, rotated and compressed ones too. ``logs``, where it lies inside a directory, is passed over: that is where
    the output goes. Raises NoDataError where a path does not exist.
    """
    found: dict[str, None] = {}
    for path in paths:
        if path != STDIN and not Path(path).exists():
            raise NoDataError(f"{path}: no such file or directory", hint="name an export or a folder of exports")
        if path != STDIN and Path(path).is_dir():
            found.update(dict.fromkeys(_walk(Path(path), logs.resolve())))
        else:
            found[path] = None
    return list(found)


def _walk(directory: Path, logs: Path) -> Iterator[str]:
    for entry in sorted(directory.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink() and entry.resolve() != logs:
                yield from _walk(entry, logs)
        elif _EXPORT_NAME.search(entry.name) and entry.is_file():
            yield str(entry)


def size_bytes(files: Sequence[str]) -> int:
    """How much there is to read, as far as it is known beforehand."""
    return sum(Path(file).stat().st_size for file in files if file != STDIN)


def documents(file: IO[bytes], advance: Callable[[int], None]) -> Iterator[object]:
    """Each document of an open file, taken out of what is around it; BROKEN for each stretch that is none.

    ``advance`` is told of bytes as they are read.
    """
    for document in scan(_text(file, advance)):
        if document is BROKEN:
            yield BROKEN
        else:
            yield from unwrapped(document)


def _text(file: IO[bytes], advance: Callable[[int], None]) -> Iterator[str]:
    """Chunks of text; bytes that are no UTF-8 become U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    chunks = _chunks(file, advance)
    first = next(chunks, b"")
    plain = _inflated(first, chunks) if first.startswith(_GZIP) else itertools.chain([first], chunks)
    for chunk in plain:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _chunks(file: IO[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        advance(len(chunk))
        yield chunk


def _inflated(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress; a file that is cut off or damaged gives what can be had of it, and ends in half a value."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    for chunk in itertools.chain([first], chunks):
        waiting = chunk
        while waiting:
            if inflater.eof:
                inflater = zlib.decompressobj(_GZIP_WINDOW)
            try:
                plain = inflater.decompress(waiting, _CHUNK_BYTES)
            except zlib.error:
                yield _HALF_A_VALUE
                return
            yield plain
            waiting = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not inflater.eof:
        yield _HALF_A_VALUE
