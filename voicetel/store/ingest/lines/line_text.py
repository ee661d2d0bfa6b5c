"""A line as the bytes it has, and as the text that a reader of JSON can take."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

MAX_DEPTH = 1000
"""A line in which so many lists and objects stand in one another is nothing that an event is made of."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(rb"\\(?:(u[dD][89abAB]..\\u[dD][c-fC-F]..)|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_NOT_STANDARD = re.compile(
    r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])|(?<![\w.])(?:nan|inf(?:inity)?)(?!\w)', re.IGNORECASE | re.DOTALL
)
_MAX_DIGITS = 400


def count_values(line: bytes) -> int:
    """How many commas stand outside of the texts of a line: it has about as many values."""
    return _STRING.sub(b"", line).count(b",")


def is_nested_deeply(line: bytes) -> bool:
    """Whether lists and objects stand in one another as deep as no event has them. Brackets in texts are none."""
    if line.count(b"[") + line.count(b"{") < MAX_DEPTH:
        return False
    data = np.frombuffer(_STRING.sub(b"", line), np.uint8)
    opened = np.isin(data, (ord("["), ord("{"))).astype(np.int64)
    closed = np.isin(data, (ord("]"), ord("}"))).astype(np.int64)
    return int(np.cumsum(opened - closed).max(initial=0)) >= MAX_DEPTH


def without_lone_surrogates(line: bytes) -> bytes:
    """The line with U+FFFD for every escape of half a surrogate pair, which a text that is cut inside an emoji ends with."""
    return _ESCAPE.sub(_replaced_surrogate, line) if _LONE_SURROGATE.search(line) else line


def _replaced_surrogate(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape[2] else escape[0]


def parse(line: bytes) -> Any:
    """What a line says, as DuckDB reads it: commas too many and numbers that are not finite pass; of a repeated key the first counts.

    Raises ValueError or RecursionError where it says nothing.
    """
    text = without_lone_surrogates(line).decode()
    try:
        return _loads(text)
    except ValueError:
        return _loads(_NOT_STANDARD.sub(_standard, text))


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_first_of_each, parse_int=_whole_number)


def _standard(found: re.Match[str]) -> str:
    if found[1] or found[0] == ",":
        return found[1] or ""
    return "NaN" if found[0].lower() == "nan" else "Infinity"


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits) < _MAX_DIGITS else float(digits)


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))
