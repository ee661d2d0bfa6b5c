"""``voicetel validate``: lines that do not count and values that say nothing, as compilers and grep write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.analyzers.validation.validation import ValidationFinding


def finding_lines(findings: Iterable[ValidationFinding]) -> Iterator[str]:
    """``file:line: refused: reason (at byte 1234)``, one each, as they are found."""
    for each in findings:
        at_byte = "" if each.byte_offset is None else f" (at byte {each.byte_offset})"
        yield f"{visible(each.path)}:{each.line}: {each.verdict}: {visible(each.reason)}{at_byte}"


def summary(counts: tuple[int, int, int]) -> str:
    """How many lines do not count, in one sentence. ``counts``: refused, unsupported, bytes that wait."""
    refused, unsupported, pending = counts
    parts = [f"{formatting.plural(refused, 'line')} refused"]
    if unsupported:
        parts.append(f"{formatting.plural(unsupported, 'line')} unsupported")
    if pending:
        parts.append(f"{formatting.size(pending)} waiting for their line end")
    return ", ".join(parts)
