"""``voicetel validate``: lines that do not count and values that say nothing, as compilers and grep write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.table import table_of
from voicetel.results import rows_of
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from voicetel.analyzers.validation.validation import Validation, ValidationFinding
    from voicetel.reporters.document import View


def finding_line(found: ValidationFinding) -> str:
    """``file:line: refused: reason (at byte 1234)``."""
    at_byte = "" if found.byte_offset is None else f" (at byte {found.byte_offset})"
    return f"{visible(found.path)}:{found.line}: {found.verdict}: {visible(found.reason)}{at_byte}"


def summary(found: Validation) -> str:
    """How many of the lines do not count, and what else there is, in one sentence."""
    parts = [f"{formatting.count(found.refused_lines)} of {formatting.plural(found.lines, 'line')} refused"]
    if found.unsupported_lines:
        parts.append(f"{formatting.count(found.unsupported_lines)} unsupported")
    if found.unknown_values:
        parts.append(f"{formatting.plural(found.unknown_values, 'value')} read as unknown")
    if found.misspelt_fields:
        parts.append(formatting.plural(found.misspelt_fields, "misspelt field"))
    if found.pending_bytes:
        parts.append(f"{formatting.size(found.pending_bytes)} waiting for their line end")
    return ", ".join(parts)


def validation_document(found: Validation, view: View) -> Document:
    """The findings as a table, with what cannot all be so and the counts below."""
    table = table_of(rows_of(found, type(found)), view.zone)
    return Document((), (Section(table=table),), (*map(visible, found.notes), f"{summary(found)}."))
