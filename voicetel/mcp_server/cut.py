"""Keeps an answer short: an assistant reads all that it is given."""

from __future__ import annotations

from typing import Any

MAX_ROWS = 100
"""Rows of any list in an answer."""


def cut(document: Any, most: int = MAX_ROWS) -> tuple[Any, tuple[str, ...]]:
    """(``document`` with no list longer than ``most``, a sentence about each that was)."""
    notes: list[str] = []
    return _cut(document, "", most, notes), tuple(notes)


def _cut(value: Any, name: str, most: int, notes: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _cut(each, f"{name}.{key}" if name else key, most, notes) for key, each in value.items()}
    if isinstance(value, list):
        if len(value) > most:
            notes.append(f"{name or 'rows'}: the first {most:,} of {len(value):,}.")
        return [_cut(each, f"{name}[{index}]", most, notes) for index, each in enumerate(value[:most])]
    return value
