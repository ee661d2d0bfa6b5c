"""JSON as text: indented, or a list with one document a line; safe to show on a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voicetel.text_safety import json_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def json_text(document: object) -> str:
    """``document`` as an indented JSON text with a line end, safe to show."""
    return json_document(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def json_list(documents: Iterable[object]) -> Iterator[str]:
    """A JSON list, one document a line, made as it is read."""
    before = "[\n"
    for document in documents:
        yield before + _line(document)
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def json_lines(documents: Iterable[object]) -> Iterator[str]:
    """JSON lines: one document a line, made as it is read."""
    return (_line(document) + "\n" for document in documents)


def _line(document: object) -> str:
    return json_document(json.dumps(document, ensure_ascii=False, allow_nan=False))
