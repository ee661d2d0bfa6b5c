"""What one import has read so far, on disk: memory does not grow with what is imported.

It lives in a private temporary database that vanishes with the process, however that ends.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Self

from voicetel.importers.calls.imported_call import Version
from voicetel.importers.otel.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA temp_store = FILE;
    PRAGMA cache_size = -32768;
    CREATE TABLE call (
        source TEXT, id TEXT, call_id TEXT, ts TEXT, version TEXT, carrier_call_id TEXT, path TEXT, lines BLOB,
        PRIMARY KEY (source, id)
    );
    CREATE INDEX call_by_call_id ON call (call_id);
    CREATE INDEX call_by_carrier ON call (carrier_call_id);
    CREATE TABLE span (
        source TEXT, trace TEXT, id TEXT, call TEXT, file INTEGER, body TEXT, PRIMARY KEY (source, trace, id)
    );
    CREATE TABLE logged (
        source TEXT, id TEXT, call_id TEXT, path TEXT, version TEXT, carrier_call_id TEXT, files TEXT,
        PRIMARY KEY (source, id, path)
    );
    CREATE INDEX logged_by_call_id ON logged (call_id);
    CREATE INDEX logged_by_carrier ON logged (carrier_call_id);
    CREATE TABLE removed (path TEXT PRIMARY KEY);
    CREATE TRIGGER note_removed AFTER DELETE ON logged BEGIN INSERT OR IGNORE INTO removed VALUES (old.path); END;
    CREATE TABLE recorded (call_id TEXT PRIMARY KEY);
    CREATE TABLE output (ts TEXT, source_id TEXT, call_id TEXT, lines BLOB);
"""
_CALL_ATTRIBUTES: Final = ("lk.job_id", "job_id", "conversation.id", "voice.conversation.id")
"""Attributes of a span that say which call it belongs to; where none does, its trace is the call."""


@dataclass(frozen=True, slots=True)
class SpooledCall:
    """One call that was read, as lines; ``ts`` is that of its first line."""

    source: str
    id: str
    call_id: str
    ts: str
    version: Version
    carrier_call_id: str | None
    lines: bytes


class Spool:
    """Calls and spans by key: of several deliveries of a call the greater version stays."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None, cached_statements=256)
        self.database.executescript(_TABLES)
        self.database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def offer(self, call: SpooledCall) -> None:
        """Keep a call, unless a greater version of it is there."""
        row = self.database.execute("SELECT version FROM call WHERE source = ? AND id = ?", (call.source, call.id))
        found = row.fetchone()
        if found is None or call.version > version_of(found[0]):
            values = (
                call.source,
                call.id,
                call.call_id,
                call.ts,
                json.dumps(call.version.as_json()),
                call.carrier_call_id,
                call.lines,
            )
            self.database.execute(
                "INSERT OR REPLACE INTO call (source, id, call_id, ts, version, carrier_call_id, lines) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def add_span(self, source: str, span: Span, file: int) -> None:
        """Keep a span; the same one twice is one."""
        call = next((found for name in _CALL_ATTRIBUTES if (found := span.text(name))), None)
        body = [span.parent_id, span.name, span.scope, span.start_s, span.end_s, span.attributes, span.service]
        values = (source, span.trace_id, span.id, call, file, json.dumps([*body, span.is_error]))
        self.database.execute("INSERT OR IGNORE INTO span VALUES (?, ?, ?, ?, ?, ?)", values)

    def traces(self) -> Iterator[tuple[str, list[Span], list[int]]]:
        """Source, spans and files of each call that has any, one call at a time."""
        rows = self.database.execute(
            """
            WITH trace_call AS (
                SELECT source, trace, min(call) AS call FROM span GROUP BY source, trace
            )
            SELECT span.source, coalesce(span.call, trace_call.call, span.trace), span.trace, id, file, body
            FROM span JOIN trace_call USING (source, trace)
            ORDER BY 1, 2, 3, 4
            """
        )
        for (source, _), group in groupby(rows, key=itemgetter(0, 1)):
            spans, files = [], set()
            for _, _, trace, span_id, file, body in group:
                parent_id, name, scope, start_s, end_s, attributes, service, is_error = json.loads(body)
                spans.append(
                    Span(span_id, parent_id, trace, name, scope, start_s, end_s, attributes, service, is_error)
                )
                files.add(file)
            yield source, spans, sorted(files)

    def calls_of(self, condition: str, values: Sequence[object] = ()) -> list[tuple[str, str]]:
        """Source and id of the calls that meet ``condition``, an expression of this package's own."""
        query = f"SELECT source, id FROM call WHERE {condition}"
        return list(self.database.execute(query, values))


def version_of(text: str | None) -> Version:
    """Read a version that was kept as JSON."""
    return Version.from_json(json.loads(text)) if text else Version()
