"""``voicetel validate``: the lines that do not count, one finding a line, as compilers and grep write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reporters import figures
from voicetel.reporters.document import Document, Section
from voicetel.reporters.grid import Column, Grid, Kind
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.reporters.grid import Cell
    from voicetel.store import Refusal

COLUMNS = (
    Column("path", "file"),
    Column("line", "line", Kind.COUNT),
    Column("byte_offset", "byte", Kind.COUNT),
    Column("bytes", "bytes", Kind.COUNT),
    Column("verdict", "verdict"),
    Column("reason", "reason"),
)


def finding_row(refusal: Refusal) -> Sequence[Cell]:
    """A finding along COLUMNS."""
    verdict = "unsupported" if refusal.unsupported else "refused"
    return (refusal.path, refusal.line, refusal.byte_offset, refusal.bytes, verdict, refusal.reason)


def finding_lines(refusals: Iterable[Refusal]) -> Iterator[str]:
    """``file:line: refused: reason (at byte 1234)``, one each, as they are found."""
    for path, line, byte_offset, _, verdict, reason in map(finding_row, refusals):
        yield f"{visible(str(path))}:{line}: {verdict}: {visible(str(reason))} (at byte {byte_offset})"


def findings_document(refusals: Iterable[Refusal]) -> Document:
    """The findings as a table."""
    return Document((), (Section(grid=Grid(COLUMNS, [finding_row(refusal) for refusal in refusals])),))


def summary(counts: tuple[int, int, int]) -> str:
    """How many lines do not count, in one sentence. ``counts``: refused, unsupported, bytes that wait."""
    refused, unsupported, pending = counts
    parts = [f"{figures.plural(refused, 'line')} refused"]
    if unsupported:
        parts.append(f"{figures.plural(unsupported, 'line')} unsupported")
    if pending:
        parts.append(f"{figures.size(pending)} waiting for their line end")
    return ", ".join(parts)


def validation_json(paths: Sequence[str], counts: tuple[int, int, int], refusals: Iterable[Refusal]) -> dict[str, Any]:
    """Every finding, with the counts."""
    refused, unsupported, pending = counts
    return {
        "schema_version": SCHEMA_VERSION,
        "paths": list(paths),
        "refused_lines": refused,
        "unsupported_lines": unsupported,
        "pending_bytes": pending,
        "findings": [
            dict(zip((column.name for column in COLUMNS), finding_row(refusal), strict=True)) for refusal in refusals
        ],
    }
