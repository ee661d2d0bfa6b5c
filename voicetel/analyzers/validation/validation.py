"""``voicetel validate``: the lines that do not count, and the values of other lines that are read as unknown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voicetel.analyzers.overview.results import InputCounts
from voicetel.analyzers.validation.contradictions import contradiction_notes_of_store
from voicetel.results import figure, result
from voicetel.store import QuarantinedLine
from voicetel.store.validation.misspelt_fields import MisspeltField, all_misspelt
from voicetel.store.validation.value_validation import UnknownValue, unknown_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store import Store

UNKNOWN_VALUE = "unknown value"
"""What becomes of a value, where lines are refused or unsupported."""
MISSPELT_FIELD = "misspelt field"
"""What a field is that is ignored, and likely meant to be another one."""

VERDICTS = ("refused", "unsupported", UNKNOWN_VALUE, MISSPELT_FIELD)


@result
class ValidationFinding:
    """One line that does not count, one value that is read as unknown, or one misspelt field with the first line that has it.

    A value has no byte: it is named by its field.
    """

    path: str = figure("The file.", title="file")
    line: int = figure("From 1.")
    byte_offset: int | None = figure("From 0, in the decompressed file; null for a value.", title="byte")
    bytes: int | None = figure("Of the line without its end; null for a value.")
    verdict: str = figure("What became of it.", choices=VERDICTS)
    reason: str = figure("Why.")


@result
class Validation(InputCounts):
    """Every finding, with the counts."""

    lines: int = figure("Lines that were read, blank ones left out.")
    unknown_values: int = figure("Values of other lines that are read as unknown.")
    misspelt_fields: int = figure("Fields that the format does not have, and that look like some that it has.")
    findings: tuple[ValidationFinding, ...] = figure("In the order in which they are found.", rows=True)
    notes: tuple[str, ...] = figure("What lines say that cannot all be so, though it counts.", default=())


def validation_findings(store: Store) -> Iterator[ValidationFinding]:
    """The findings, as they are found: lines first, then values, then fields."""
    yield from map(finding_of, store.quarantined_lines())
    yield from map(finding_of, unknown_values(store))
    yield from map(finding_of, all_misspelt(store))


def validation(store: Store) -> Validation:
    """All of it."""
    findings = tuple(validation_findings(store))
    return validation_from_counts(store, Counter(each.verdict for each in findings), findings)


def validation_from_counts(
    store: Store, found: Counter[str], findings: tuple[ValidationFinding, ...] = ()
) -> Validation:
    """The same, where so many of each verdict were found and told one by one."""
    rejected, unsupported, pending_bytes = store.counts()
    accepted = store.connection.execute(_ACCEPTED_LINES_SQL).fetchall()[0][0]
    return Validation(
        paths=store.paths,
        refused_lines=rejected,
        unsupported_lines=unsupported,
        pending_bytes=pending_bytes,
        lines=accepted + rejected + unsupported,
        unknown_values=found[UNKNOWN_VALUE],
        misspelt_fields=found[MISSPELT_FIELD],
        findings=findings,
        notes=contradiction_notes_of_store(store, without_listed=True),
    )


_ACCEPTED_LINES_SQL = """
SELECT count(*) FROM stored_events AS stored
ANTI JOIN deleted_events AS deleted ON deleted.segment = stored.segment AND deleted.row = stored.row"""
"""Whether they count once or, being a duplicate of another, not. ``deleted_events`` comes with the findings."""


def finding_of(found: QuarantinedLine | UnknownValue | MisspeltField) -> ValidationFinding:
    """The same as it is told."""
    if isinstance(found, MisspeltField):
        lines = "1 line" if found.line_count == 1 else f"{found.line_count:,} lines"
        reason = f"{found.field} is ignored, in {lines}: did you mean {found.meant}?"
        return ValidationFinding(found.path, found.line, None, None, MISSPELT_FIELD, reason)
    if isinstance(found, QuarantinedLine):
        verdict = "unsupported" if found.unsupported else "refused"
        return ValidationFinding(found.path, found.line, found.byte_offset, found.bytes, verdict, found.reason)
    return ValidationFinding(found.path, found.line, None, None, UNKNOWN_VALUE, f"{found.field} {found.reason}".strip())
