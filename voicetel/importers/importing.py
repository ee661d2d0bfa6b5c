"""Exports of other systems → logs in an output folder."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from voicetel.errors import NoDataError
from voicetel.importers.calls.notes import Notes
from voicetel.importers.calls.record import Record
from voicetel.importers.documents.files import STDIN, documents, export_files, size_bytes
from voicetel.importers.documents.scanner import BROKEN
from voicetel.importers.logs.counting import ReadCalls, count_read, note_read
from voicetel.importers.logs.existing import note_existing, parsed
from voicetel.importers.logs.merging import Merged, merge
from voicetel.importers.logs.spool import Spool, SpooledCall
from voicetel.importers.logs.writing import locked, write_logs
from voicetel.importers.others import other_kind
from voicetel.importers.sources import BY_NAME, SOURCES, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicetel.importers.calls.imported_call import ImportedCall
    from voicetel.importers.source import Source

_ORDER: Final = tuple(source.name for source in SOURCES)
_CARRIERS: Final = tuple(source.name for source in SOURCES if source.is_carrier)


@dataclass(slots=True)
class ImportResult:
    """What an import did. ``unrecognised`` and ``broken`` count documents by file; ``notes`` what was lost, by kind."""

    merged: Merged = field(default_factory=Merged)
    read: Counter[str] = field(default_factory=Counter)
    unrecognised: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    own_lines: Counter[str] = field(default_factory=Counter)
    notes: dict[str, Notes] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    counted: ReadCalls = field(default_factory=ReadCalls)


def import_files(
    paths: Sequence[str],
    folder: Path,
    *,
    source_name: str | None = None,
    start: Callable[[int], None] = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> ImportResult:
    """Import the exports under ``paths`` into logs in ``folder``.

    Each call is in the logs once, in its fullest and newest delivery, whatever was imported before and in which
    order. ``source_name`` takes the documents of one source only. ``start`` is told how many bytes there are to read,
    ``advance`` of each stretch that was. Raises NoDataError where a path does not exist, and where stdin, ``-``, is closed.
    """
    with Spool() as spool:
        run = _Import(spool, (BY_NAME[source_name],) if source_name else SOURCES, advance)
        files = export_files(paths, folder)
        start(size_bytes(files))
        for file in files:
            run.read_file(file)
        with locked(folder):
            note_existing(folder, spool)
            run.read_traces()
            note_read(spool)
            notes = run.notes_of("import")
            run.result.merged = merge(spool, _ORDER, _CARRIERS, notes)
            run.result.counted = count_read(spool, _CARRIERS)
            run.result.written = write_logs(folder, spool, _CARRIERS)
        return run.result


class _Import:
    """One run: what it reads goes into the spool, what it passes over into the result."""

    def __init__(self, spool: Spool, sources: tuple[Source, ...], advance: Callable[[int], None]) -> None:
        self._spool = spool
        self._sources = sources
        self._advance = advance
        self._files: list[str] = []
        self._file_s = 0.0
        self.result = ImportResult()

    def notes_of(self, source: str) -> Notes:
        """What was lost of a source."""
        return self.result.notes.setdefault(source, Notes())

    def read_file(self, name: str) -> None:
        """Read all documents of a file."""
        self._files.append(name if name == STDIN else str(Path(name).resolve()))
        if name == STDIN:
            self._file_s = time.time()
            if sys.stdin is None:
                raise NoDataError("-: stdin is closed")
            self._read(sys.stdin.buffer, name)
        else:
            self._file_s = Path(name).stat().st_mtime
            with Path(name).open("rb") as file:
                self._read(file, name)

    def _read(self, file: IO[bytes], name: str) -> None:
        for document in documents(file, self._advance):
            if document is BROKEN:
                self.result.broken[name] += 1
            elif source := source_of(document, self._sources):
                self._take(document, source)
            elif _is_own(document):
                self.result.own_lines[name] += 1
            else:
                self.result.unrecognised[name] += 1
                if kind := other_kind(document):
                    self.notes_of("import").add(f"documents that look like {kind}'s cannot be imported")

    def _take(self, document: object, source: Source) -> None:
        notes = self.notes_of(source.name)
        facts = document if isinstance(document, dict) else {}
        self.result.read[source.name] += 1
        if source.read_call is not None:
            call = source.read_call(Record(facts, notes), notes)
            if call is not None:
                # What was fetched does not say when: it is as new as its file.
                call.delivered_s = self._file_s if call.delivered_s is None else call.delivered_s
                self._offer(call, source)
        elif source.read_spans is not None:
            for span in source.read_spans(facts, notes):
                self._spool.add_span(source.name, span, len(self._files) - 1)

    def read_traces(self) -> None:
        """Make calls of the spans; with those of files that were imported before and have parts of the same calls."""
        for name in self._files_with_more_parts():
            if Path(name).is_file():
                self.read_file(name)
            else:
                self.notes_of("import").add(
                    "parts of a call came from a file that is gone: of the two imports the fuller one counts"
                )
        for source_name, spans, files in self._spool.traces():
            source = BY_NAME[source_name]
            notes = self.notes_of(source_name)
            names = [self._files[file] for file in files if self._files[file] != STDIN]
            for call in source.read_trace(spans, notes) if source.read_trace else ():
                self._offer(call, source, names)

    def _files_with_more_parts(self) -> list[str]:
        rows = self._spool.database.execute(
            "SELECT DISTINCT files FROM logged WHERE files <> '[]' AND call_id IN ("
            "SELECT coalesce(span.call, tc.call, span.trace) FROM span JOIN "
            "(SELECT source, trace, min(call) AS call FROM span GROUP BY source, trace) AS tc USING (source, trace))"
        )
        named = {name for (files,) in rows for name in json.loads(files) if isinstance(name, str)}
        return sorted(named.difference(self._files))

    def _offer(self, call: ImportedCall, source: Source, files: Sequence[str] = ()) -> None:
        if call.is_empty:
            return
        lines, version = call.lines(source.revision, files)
        event = parsed(lines[: lines.index(b"\n")]) or {}
        self._spool.offer(
            SpooledCall(
                source.name,
                call.id,
                str(event.get("call_id")),
                str(event.get("ts")),
                version,
                call.carrier_call_id,
                lines,
            )
        )


def _is_own(document: object) -> bool:
    return isinstance(document, dict) and {"v", "event", "ts", "call_id"} <= document.keys()
