"""The documents inside pages of a list call, and inside what webhook catchers put around a body."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from voicetel.importers.documents.scanner import PAGE_KEYS, is_envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

_AROUND: Final = ("body", "payload", "json")
"""n8n, Zapier, request bins, API gateways."""

_MAX_DEPTH: Final = 8


def unwrapped(document: object, depth: int = 0) -> Iterator[object]:
    """Give each document that ``document`` holds, or itself."""
    if depth > _MAX_DEPTH:
        yield document
    elif isinstance(document, list):
        for item in document:
            yield from unwrapped(item, depth + 1)
    elif isinstance(document, dict):
        inner = _inside(document)
        if inner is None:
            yield document
        else:
            yield from unwrapped(inner, depth + 1)
    else:
        yield document


def _inside(document: dict[str, object]) -> object | None:
    for key in PAGE_KEYS:
        page = document.get(key)
        if isinstance(page, list) and is_envelope(document) and all(isinstance(item, dict) for item in page):
            return page
    for key in _AROUND:
        body = document.get(key)
        if isinstance(body, str) and body.lstrip()[:1] in ("{", "["):
            body = _parsed(body)
        if isinstance(body, (dict, list)):
            return body
    return None


def _parsed(text: str) -> object | None:
    try:
        parsed: object = json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return parsed
