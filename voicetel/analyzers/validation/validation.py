"""``voicetel validate``: the lines that do not count, and the values of other lines that are read as unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.overview.results import LinesRead
from voicetel.analyzers.validation.contradictions import contradictions
from voicetel.results import figure, result
from voicetel.store import RejectedLine
from voicetel.store.value_validation import invalid_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store import Store
    from voicetel.store.value_validation import InvalidValue

UNKNOWN_VALUE = "unknown value"
"""What becomes of a value, where lines are refused or unsupported."""

VERDICTS = ("refused", "unsupported", UNKNOWN_VALUE)


@result
class ValidationFinding:
    """One line that does not count, or one value that is read as unknown. A value has no byte: it is named by its field."""

    path: str = figure("The file.", title="file")
    line: int = figure("From 1.")
    byte_offset: int | None = figure("From 0, in the decompressed file; null for a value.", title="byte")
    bytes: int | None = figure("Of the line without its end; null for a value.")
    verdict: str = figure("What became of it.", choices=VERDICTS)
    reason: str = figure("Why.")


@result
class Validation(LinesRead):
    """Every finding, with the counts."""

    findings: tuple[ValidationFinding, ...] = figure("In the order in which they are found.", rows=True)
    notes: tuple[str, ...] = figure("What lines say that cannot all be so, though it counts.", default=())


def validation_findings(store: Store) -> Iterator[ValidationFinding]:
    """The findings, as they are found: lines first, then values."""
    yield from map(_finding, store.rejected_lines())
    yield from map(_finding, invalid_values(store))


def validation(store: Store) -> Validation:
    """All of it."""
    refused, unsupported, pending = store.counts()
    return Validation(
        store.paths, refused, unsupported, pending, tuple(validation_findings(store)), contradictions(store)
    )


def _finding(found: RejectedLine | InvalidValue) -> ValidationFinding:
    if isinstance(found, RejectedLine):
        verdict = "unsupported" if found.unsupported else "refused"
        return ValidationFinding(found.path, found.line, found.byte_offset, found.bytes, verdict, found.reason)
    return ValidationFinding(found.path, found.line, None, None, UNKNOWN_VALUE, f"{found.field} {found.reason}".strip())
