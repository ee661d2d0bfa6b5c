"""An event → one line of the log.

The table of event fields decides: keys stand in its order, each value is brought to its field's type, and what
cannot be brought there is left out. Whatever an agent hands over, the line is valid JSON, UTF-8 and short enough to
be read back.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from voicetel.events.fields import ENVELOPE, EVENTS, FORMAT_VERSION, MAX_CALL_ID_CHARS, MAX_LINE_BYTES
from voicetel.events.scalars import plain_text
from voicetel.events.timestamps import rfc3339
from voicetel.events.values import coerce

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_FIELDS: Final = {name: (*ENVELOPE, *fields) for name, fields in EVENTS.items()}
_BROKEN_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$")


class UnwritableEventError(ValueError):
    """The event lacks what a line cannot be without, or does not fit into one."""


def encode(event: Mapping[str, object], *, writer: str, seq: int, now: datetime) -> bytes:
    """Write one event as a line, its newline included.

    ``now`` is the event's ``ts`` where it brings none; ``call_key`` makes its ``call_id``. Raises UnwritableEventError
    without an event name or a call_id, or where more than texts would have to be cut to fit into MAX_LINE_BYTES.
    """
    known = checked(event)
    name, call_id = known.get("event"), call_key(event.get("call_id"))
    if not name:
        raise UnwritableEventError("an event needs a name")
    if call_id is None:
        raise UnwritableEventError("an event needs a call_id")
    envelope = {"v": FORMAT_VERSION, "event": name, "ts": known.get("ts") or rfc3339(now), "call_id": call_id}
    written = {**envelope, "writer": writer, "seq": seq}
    written.update((key, value) for key, value in known.items() if key not in written)
    line = _dump(written)
    return line if len(line) <= MAX_LINE_BYTES else _shortened(written, len(line))


def checked(event: Mapping[str, object]) -> dict[str, Any]:
    """Bring an event to what a line says of it: ordered by the table, typed by it, and without what does not fit."""
    return coerce(event, _FIELDS.get(plain_text(event.get("event")) or "", ENVELOPE))


def decode(line: bytes) -> dict[str, object]:
    """Read a line that ``encode`` wrote."""
    event: dict[str, object] = json.loads(line)
    return event


def _dump(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
    return text.encode() + b"\n"


def call_key(value: object) -> str | None:
    """Give the ``call_id`` that a line has for a value; None where it has no plain spelling, or an empty one.

    A UUID and its text are one call, so are a number and its digits. An id past MAX_CALL_ID_CHARS keeps its beginning
    and ends in a hash of the whole, so that two long ids stay two calls.
    """
    if type(value) is str and value.isascii() and 0 < len(value) <= MAX_CALL_ID_CHARS:
        return value
    text = plain_text(value)
    if not text:
        return None
    if len(text) <= MAX_CALL_ID_CHARS:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{text[: MAX_CALL_ID_CHARS - 17]}~{digest}"


def _shortened(event: dict[str, object], size: int) -> bytes:
    """Cut the turn's texts, the longer one first, until the line fits."""
    speakers = (event.get("user"), event.get("agent"))
    texts: list[tuple[dict[str, object], str]]
    texts = [(part, part["text"]) for part in speakers if isinstance(part, dict) and part.get("text")]
    for part, text in sorted(texts, key=lambda pair: -len(_dump(pair[1]))):
        part["text_cut"] = True
        # The mark itself makes the line longer; 32 bytes are more than it takes.
        room = len(_dump(text)) - 3 - (size - MAX_LINE_BYTES) - 32
        part["text"] = _fitting(text, max(room, 0))
        line = _dump(event)
        if (size := len(line)) <= MAX_LINE_BYTES:
            return line
    raise UnwritableEventError(f"an event of {size} bytes does not fit into a line")


def _fitting(text: str, room: int) -> str:
    """Give the longest beginning of a text whose JSON form takes at most ``room`` bytes, cut between code points."""
    beginning = _dump(text)[1 : room + 1].decode(errors="ignore")
    fitting: str = json.loads(f'"{_BROKEN_ESCAPE.sub(lambda found: found[1], beginning)}"')
    return fitting
