"""Text in chunks → the JSON values in it, one at a time.

One value, several one after the other, one per line, an array, or a page: an object that holds an array of calls.
No more than one document of them is held at a time. Floats become Decimal: money must not pass a float.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_KEYS: Final = ("results", "items", "conversations", "calls", "executions", "data")
"""Keys under which vendors' list calls put their calls: Vapi, Retell, ElevenLabs, Twilio, Bolna."""

MAX_DOCUMENT_CHARS: Final = 64 * 1024 * 1024
"""A document longer than this is passed over."""

_WHOLE_CHARS: Final = 2 * 1024 * 1024
"""An object that goes on for longer than this may be a page: it is read member by member."""

_ERROR_MARGIN: Final = 12
"""A parser that stops this close to the end of the text may have wanted the rest of a number, word or escape."""

_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda _: None)
_SPACE: Final = re.compile(r"[\s,\ufeff\x00]*")
_NEXT_DOCUMENT: Final = re.compile(r"\n[\[{]")


class Broken:
    """Stands for text that is no JSON, or is cut off."""


BROKEN: Final = Broken()


class _InvalidJsonError(ValueError):
    """What stands here is no JSON value."""


class _Buffer:
    """The text from ``start`` on, read as far as somebody needed it."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._ended = False
        self.text = ""
        self.start = 0

    def fill(self, wanted: int) -> bool:
        """Drop what was read and read on until ``wanted`` characters lie ahead. Whether anything was added."""
        parts, size, added = [self.text[self.start :]], len(self.text) - self.start, False
        while size < wanted and not self._ended:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
            else:
                parts.append(chunk)
                size += len(chunk)
                added = added or bool(chunk)
        self.text, self.start = "".join(parts), 0
        return added

    def peek(self) -> str:
        """Pass over space and commas and give the next character, or nothing at the end."""
        while True:
            found = _SPACE.match(self.text, self.start)
            self.start = found.end() if found else self.start
            if self.start < len(self.text):
                return self.text[self.start]
            if not self.fill(1):
                return ""

    def value(self, limit: int) -> object:
        """Read one JSON value. Raises _InvalidJsonError, and _LongValueError where it goes on past ``limit``."""
        while True:
            try:
                value, self.start = _DECODER.raw_decode(self.text, self.start)
            except json.JSONDecodeError as error:
                ahead = len(self.text) - self.start
                cut_off = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - _ERROR_MARGIN
                if not cut_off:
                    raise _InvalidJsonError from error
                if ahead >= limit:
                    raise _LongValueError from error
                if not self.fill(min(2 * ahead + 1, limit)):
                    raise _InvalidJsonError from error
            except (ValueError, RecursionError) as error:
                raise _InvalidJsonError from error
            else:
                return value

    def skip_to_next_document(self) -> None:
        """Go on where a line begins with an object or an array; there is no other place to begin anew."""
        self.start += 1
        while not (found := _NEXT_DOCUMENT.search(self.text, max(self.start - 1, 0))):
            self.start = max(len(self.text) - 1, 0)
            if not self.fill(2):
                self.start = len(self.text)
                return
        self.start = found.end() - 1


class _LongValueError(Exception):
    """The value goes on for longer than was allowed."""


def scan(chunks: Iterator[str]) -> Iterator[object]:
    """Give each document, and BROKEN for each stretch that is none."""
    buffer = _Buffer(chunks)
    while first := buffer.peek():
        try:
            if first == "[":
                yield from _array(buffer)
            elif first == "{":
                yield from _object(buffer)
            else:
                yield buffer.value(MAX_DOCUMENT_CHARS)
        except (_InvalidJsonError, _LongValueError):
            yield BROKEN
            buffer.skip_to_next_document()


def _array(buffer: _Buffer) -> Iterator[object]:
    buffer.start += 1
    while (first := buffer.peek()) != "]":
        if not first:
            raise _InvalidJsonError
        if first == "{":
            yield from _object(buffer)
        else:
            yield buffer.value(MAX_DOCUMENT_CHARS)
    buffer.start += 1


def _object(buffer: _Buffer) -> Iterator[object]:
    try:
        yield buffer.value(_WHOLE_CHARS)
    except _LongValueError:
        yield from _members(buffer)


def _members(buffer: _Buffer) -> Iterator[object]:
    """Read a long object member by member: the calls of a page each, and what is no page as a whole."""
    buffer.start += 1
    members: dict[str, object] = {}
    is_page = False
    while (first := buffer.peek()) != "}":
        name = buffer.value(MAX_DOCUMENT_CHARS) if first == '"' else None
        if not isinstance(name, str) or buffer.peek() != ":":
            raise _InvalidJsonError
        buffer.start += 1
        if buffer.peek() == "[" and name in PAGE_KEYS and is_envelope(members):
            is_page = True
            yield from _array(buffer)
        else:
            members[name] = buffer.value(MAX_DOCUMENT_CHARS)
    buffer.start += 1
    if not is_page:
        yield members


def is_envelope(members: dict[str, object]) -> bool:
    """Whether an object with these members can be a page of calls: none of them says which call it is."""
    return not members.keys() & {"call_id", "conversation_id", "job_id", "id", "orgId"}
