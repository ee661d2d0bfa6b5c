"""One call out of one delivery of a source: its events, and what tells a newer delivery from an older one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voicetel.events.line import encode
from voicetel.events.operation import known_fields, operation_list
from voicetel.events.timestamps import utc_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.events.operation import Operation
    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.turns import ImportedTurn

WRITER_PREFIX: Final = "import:"

USAGE_SEQ: Final = 900_000_000
MARK_SEQ: Final = 500_000_000
_CALL_SEQ: Final = 1_000_000_000

IMPORTED: Final = "imported"
"""The field on the first line of an imported call that says which delivery it is; readers of logs ignore it."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """How much a delivery of a call has; of two the greater one counts, whichever came first.

    ``parts`` is the number of spans of a trace; ``delivered_s`` when the source sent it or last changed it, else when
    its file was written, and 0 for traces; ``revision`` the importer's own.
    """

    is_complete: bool = False
    has_transcript: bool = False
    is_analysed: bool = False
    parts: int = 0
    delivered_s: float = 0.0
    revision: int = 0
    size_bytes: int = 0
    digest: str = ""

    def as_json(self) -> list[object]:
        """Give it as it stands in a line."""
        done = [int(self.is_complete), int(self.has_transcript), int(self.is_analysed)]
        return [*done, self.parts, self.delivered_s, self.revision, self.size_bytes, self.digest]

    @classmethod
    def from_json(cls, values: object) -> Version:
        """Read it out of a line; anything else is the least there is."""
        match values:
            case [
                (0 | 1) as complete,
                (0 | 1) as transcript,
                (0 | 1) as analysed,
                int() as parts,
                (int() | float()) as delivered_s,
                int() as revision,
                int() as size_bytes,
                str() as digest,
            ]:
                done = (bool(complete), bool(transcript), bool(analysed))
                return cls(*done, parts, float(delivered_s), revision, size_bytes, digest)
        return cls()


@dataclass(slots=True)
class ImportedCall:
    """One call. ``source_id`` is the source's own id where ``call_id``, the call's in the log, is another's: a carrier's.

    ``carrier_call_id`` is the carrier's id of the same call, by which a carrier's own list is joined.
    """

    source: str
    call_id: str
    started_s: float
    notes: Notes
    is_complete: bool = True
    is_analysed: bool = False
    parts: int = 0
    delivered_s: float | None = None
    carrier_call_id: str | None = None
    source_id: str | None = None
    turn_count: int = 0
    _events: list[tuple[dict[str, object], int | None]] = field(default_factory=list)

    def add(self, event: str, at_s: float, fields: dict[str, object], seq: int | None = None) -> None:
        """Add an event. Without ``seq`` its content makes the key: it may come again with more in it."""
        kept = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        body: dict[str, object] = {"event": event, "ts": utc_time(at_s), "call_id": self.call_id, **kept}
        self._events.append((body, seq))

    def add_started(self, fields: dict[str, object], tags: dict[str, str | None]) -> None:
        """Add the beginning of the call."""
        self.add("call_started", self.started_s, fields | {"tags": known_fields(tags)})

    def add_ended(self, at_s: float, fields: dict[str, object], tags: dict[str, str | None]) -> None:
        """Add the end of the call."""
        self.add("call_ended", at_s, fields | {"tags": known_fields(tags)})

    def lasted_s(self, ended_s: float) -> float | None:
        """From the beginning of the call to a time, to the ms; None where that is not after it."""
        duration_s = round(ended_s - self.started_s, 3)
        return duration_s if duration_s > 0 else None

    def add_turns(self, turns: Sequence[ImportedTurn]) -> None:
        """Add turns, numbered from 1."""
        for number, turn in enumerate(turns, 1):
            event = turn.builder().event(self.call_id, number)
            if turn.agent:
                event.setdefault("agent", {"text": ""} | known_fields({"interrupted": turn.interrupted}))
            self._events.append((event, turn.seq))
        self.turn_count += len(turns)

    def add_usage(self, at_s: float, operations: Iterable[Operation], seq: int = 0) -> None:
        """Add what was billed and belongs to no turn."""
        if listed := operation_list(operations, None):
            self.add("usage", at_s, {"operations": listed}, USAGE_SEQ + seq)

    def add_mark(self, at_s: float, kind: str, seq: int, value: str | None = None) -> None:
        """Add something else that happened; ``seq`` is its place in the source."""
        self.add("mark", at_s, {"kind": kind, "value": value}, MARK_SEQ + seq)

    @property
    def id(self) -> str:
        """What tells it from other calls of its source."""
        return self.source_id or self.call_id

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written of it."""
        return not self._events

    def lines(self, revision: int, files: Sequence[str] = ()) -> tuple[bytes, Version]:
        """Write the call as lines, with its version in the first; ``files`` are those that parts of it came from."""
        writer = WRITER_PREFIX + self.source
        lines = [self._line(body, seq, writer) for body, seq in self._events]
        version = Version(
            self.is_complete,
            bool(self.turn_count),
            self.is_analysed,
            self.parts,
            round(self.delivered_s or 0.0, 3),
            revision,
            sum(map(len, lines)),
            hashlib.sha256(b"".join(lines)).hexdigest()[:16],
        )
        mark: dict[str, object] = {"id": self.id, "version": version.as_json(), "carrier_call_id": self.carrier_call_id}
        lines[0] = with_mark(lines[0], known_fields(mark | {"files": list(files) or None}))
        return b"".join(lines), version

    @staticmethod
    def _line(body: dict[str, object], seq: int | None, writer: str) -> bytes:
        if seq is None:
            content = json.dumps(body, sort_keys=True, default=str).encode()
            seq = _CALL_SEQ + int.from_bytes(hashlib.sha256(content).digest()[:6])
        return encode(body, writer=writer, seq=seq, now=utc_time(0))


def with_mark(line: bytes, mark: dict[str, object]) -> bytes:
    """Add the mark of an imported call to its first line."""
    text = json.dumps(mark, ensure_ascii=False, separators=(",", ":")).encode()
    return line.rstrip()[:-1] + b',"' + IMPORTED.encode() + b'":' + text + b"}\n"
