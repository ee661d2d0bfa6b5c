"""``voicetel validate``: lines that do not count and values that say nothing, as compilers and grep write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.table import Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat
from voicetel.store import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.results import Cell
    from voicetel.store.problems import Problem

COLUMNS = (
    Column("path", "file"),
    Column("line", "line", CellFormat.COUNT),
    Column("byte_offset", "byte", CellFormat.COUNT),
    Column("bytes", "bytes", CellFormat.COUNT),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
)


UNKNOWN_VALUE = "unknown value"
"""The verdict on a value, where those on a line are refused and unsupported."""


def finding_row(finding: Refusal | Problem) -> Sequence[Cell]:
    """A finding along COLUMNS. One of a value has no byte: it is named by its field."""
    if isinstance(finding, Refusal):
        verdict = "unsupported" if finding.unsupported else "refused"
        return (finding.path, finding.line, finding.byte_offset, finding.bytes, verdict, finding.reason)
    return (finding.path, finding.line, None, None, UNKNOWN_VALUE, f"{finding.field} {finding.reason}".strip())


def finding_lines(findings: Iterable[Refusal | Problem]) -> Iterator[str]:
    """``file:line: refused: reason (at byte 1234)``, one each, as they are found."""
    for path, line, byte_offset, _, verdict, reason in map(finding_row, findings):
        place = "" if byte_offset is None else f" (at byte {byte_offset})"
        yield f"{visible(str(path))}:{line}: {verdict}: {visible(str(reason))}{place}"


def findings_document(findings: Iterable[Refusal | Problem]) -> Document:
    """The findings as a table."""
    return Document((), (Section(table=Table(COLUMNS, [finding_row(finding) for finding in findings])),))


def summary(counts: tuple[int, int, int]) -> str:
    """How many lines do not count, in one sentence. ``counts``: refused, unsupported, bytes that wait."""
    refused, unsupported, pending = counts
    parts = [f"{formatting.plural(refused, 'line')} refused"]
    if unsupported:
        parts.append(f"{formatting.plural(unsupported, 'line')} unsupported")
    if pending:
        parts.append(f"{formatting.size(pending)} waiting for their line end")
    return ", ".join(parts)


def validation_json(
    paths: Sequence[str], counts: tuple[int, int, int], findings: Iterable[Refusal | Problem]
) -> dict[str, Any]:
    """Every finding, with the counts."""
    refused, unsupported, pending = counts
    return {
        "schema_version": SCHEMA_VERSION,
        "paths": list(paths),
        "refused_lines": refused,
        "unsupported_lines": unsupported,
        "pending_bytes": pending,
        "findings": [
            dict(zip((column.name for column in COLUMNS), finding_row(finding), strict=True)) for finding in findings
        ],
    }
