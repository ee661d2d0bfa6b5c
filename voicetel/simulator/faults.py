"""Faults on demand: what goes wrong with logs in the field, planted where the seed says and counted."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from random import Random

Effect = Literal[
    "refused", "unsupported", "unknown_value", "impossible_value", "pending", "counted_once", "incomplete", "harmless"
]
"""What a reader does with one fault: refuses a line (or a region of NUL bytes), counts a line as unsupported, takes one
value for unknown or for impossible, waits for the rest of a last line, counts a line once, finds a call without its
end, or notices nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    effect: Effect
    doc: str


FAULTS: dict[str, Fault] = {
    "absurd": Fault("impossible_value", "An eou_latency_ms of hours."),
    "bom": Fault("harmless", "A byte order mark at the start of each file."),
    "crlf": Fault("harmless", "A line that ends with CR LF."),
    "cut_end": Fault("pending", "The last line of each file lacks its end."),
    "duplicate": Fault("counted_once", "A line that stands in the file twice."),
    "nan": Fault("unknown_value", "An eou_latency_ms of NaN, which is no JSON."),
    "negative": Fault("impossible_value", "An eou_latency_ms below zero."),
    "newer_v": Fault("unsupported", "An additional line of a version of the format that does not exist yet."),
    "no_end": Fault("incomplete", "A call without call_ended."),
    "nul": Fault("refused", "A block of NUL bytes, as a crash of the machine leaves it."),
    "out_of_order": Fault("harmless", "A line that stands up to fifty lines too late."),
    "torn": Fault("refused", "A line that breaks off in its middle."),
    "unknown_event": Fault("unsupported", "An additional line with an event that nobody knows."),
    "wrong_envelope": Fault("refused", "A ts that is a number."),
    "wrong_type": Fault("unknown_value", "An eou_latency_ms that is a word."),
}

_LINES_BETWEEN = (20, 140)
_CALLS_WITHOUT_END = 0.03
_LATEST = 50
_AT_CALL_OR_FILE = frozenset({"bom", "cut_end", "no_end"})
_EOU = b',"eou_latency_ms":'
_ENVELOPE_END = b',"writer":'
_EVENT = slice(len(b'{"v":1,"event":"'), None)
_TS = b'"ts":"'


@dataclass(slots=True)
class Spoiler:
    """Plants ``kinds`` of faults into the lines of one file, one kind after the other, some tens of lines apart.

    ``planted`` counts them by kind, ``lost`` by name the events that no reader can get back.
    """

    kinds: tuple[str, ...]
    rng: Random
    planted: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    _line_kinds: tuple[str, ...] = ()
    _next_kind: int = 0
    _seen: int = 0
    _due: int = 0
    _held: list[tuple[int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin at any kind, so that small files do not all have the same ones."""
        self._line_kinds = tuple(kind for kind in self.kinds if kind not in _AT_CALL_OR_FILE)
        if self._line_kinds:
            self._next_kind = self.rng.randrange(len(self._line_kinds))
            self._due = self.rng.randint(1, _LINES_BETWEEN[0])

    @property
    def active(self) -> bool:
        """Whether lines have to pass through ``spoil``."""
        return bool(self._line_kinds)

    def start(self) -> bytes:
        """Return what stands before the first line of the file."""
        if "bom" not in self.kinds:
            return b""
        self.planted["bom"] += 1
        return b"\xef\xbb\xbf"

    def loses_end(self) -> bool:
        """Say whether the next call's end gets lost."""
        if "no_end" not in self.kinds or self.rng.random() >= _CALLS_WITHOUT_END:
            return False
        self.planted["no_end"] += 1
        return True

    def spoil(self, line: bytes) -> list[bytes]:
        """Return the lines to write in the place of ``line``: itself, spoiled, with company, or later."""
        self._seen += 1
        lines = [line]
        if self._seen >= self._due:
            lines = self._plant(line)
        while self._held and self._held[0][0] <= self._seen:
            lines.append(heapq.heappop(self._held)[1])
        return lines

    def finish(self, last: bytes) -> list[bytes]:
        """Return the lines that were held back and the file's ``last`` line, perhaps without its end."""
        lines = [line for _, line in sorted(self._held)]
        if "cut_end" in self.kinds:
            self.planted["cut_end"] += 1
            self.lost[_event(last)] += 1
            last = last[: len(last) * 2 // 3]
        return [*lines, last]

    def _plant(self, line: bytes) -> list[bytes]:
        kind = self._line_kinds[self._next_kind]
        lines = self._spoiled(kind, line)
        if lines is None:
            return [line]
        self.planted[kind] += 1
        self._next_kind = (self._next_kind + 1) % len(self._line_kinds)
        self._due = self._seen + self.rng.randint(*_LINES_BETWEEN)
        return lines

    def _spoiled(self, kind: str, line: bytes) -> list[bytes] | None:
        """Return what a fault of ``kind`` makes of ``line``; None where it cannot happen to this one."""
        match kind:
            case "absurd":
                return _with_eou(line, b"%d" % self.rng.randint(3_600_000, 90_000_000))
            case "negative":
                return _with_eou(line, b"%d" % -self.rng.randint(1, 5_000))
            case "nan":
                return _with_eou(line, b"NaN")
            case "wrong_type":
                return _with_eou(line, b'"fast"')
            case "crlf":
                return [line[:-1] + b"\r\n"]
            case "nul":
                return [line, bytes(self.rng.randint(16, 4_096)) + b"\n"]
            case "newer_v":
                return [line, line[: line.index(_ENVELOPE_END)].replace(b'"v":1', b'"v":2', 1) + b"}\n"]
            case "unknown_event":
                event = _event(line).encode()
                return [line, line[: line.index(_ENVELOPE_END)].replace(event, b"heartbeat", 1) + b"}\n"]
            case "duplicate":
                self._hold(line)
                return [line]
            case "out_of_order":
                self._hold(line)
                return []
            case "torn":
                self.lost[_event(line)] += 1
                return [line[: int(len(line) * self.rng.uniform(0.2, 0.8))] + b"\n"]
            case _:
                self.lost[_event(line)] += 1
                start = line.index(_TS) + len(_TS) - 1
                return [line[:start] + b"1793610000" + line[line.index(b'"', start + 1) + 1 :]]

    def _hold(self, line: bytes) -> None:
        heapq.heappush(self._held, (self._seen + self.rng.randint(1, _LATEST), line))


def _event(line: bytes) -> str:
    """Return the name of the event that ``line`` holds."""
    return line[_EVENT].split(b'"', 1)[0].decode()


def _with_eou(line: bytes, value: bytes) -> list[bytes] | None:
    """Return ``line`` with another eou_latency_ms; None where it has none."""
    at = line.rfind(_EOU)
    return None if at < 0 else [line[:at] + _EOU + value + b"}\n"]
