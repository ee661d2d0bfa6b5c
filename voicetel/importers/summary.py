"""What an import did, and what can be imported: the results that a command shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.importers.importing import ImportResult

UNRECOGNISED: Final = "unrecognised"
BROKEN: Final = "broken"
OWN_LINES: Final = "own_lines"


@result
class SourceCounts:
    """What became of the calls of one source."""

    source: str = figure("The source.")
    new: int = figure("Calls that were not there before.")
    replaced: int = figure("Calls of which an older or lesser delivery was there.")
    unchanged: int = figure("Calls that were there already, in this delivery or a newer one.")
    left_out: int = figure("Calls that the live recorder or a better source has.")


@result
class PassedOver:
    """Documents of a file that gave nothing."""

    file: str = figure("The file; - is stdin.")
    reason: str = figure(
        "unrecognised: no importer knows them; broken: no JSON, or cut off; own_lines: lines of a log already.",
        keys=(UNRECOGNISED, BROKEN, OWN_LINES),
    )
    documents: int = figure("How many.")


@result
class Loss:
    """A kind of thing that the logs lack, because the source has none or has it in a form that says nothing."""

    source: str = figure("The source; import where it is none's.")
    kind: str = figure("What is missing.")
    count: int = figure("How often.")


@result
class ImportSummary:
    """One import."""

    calls: int = figure("Calls that were read, all deliveries of a call as one, a carrier's record of it too.")
    joined: int = figure("Carriers' records, of this import or an earlier one, that are parts of other calls now.")
    sources: tuple[SourceCounts, ...] = figure("By source.")
    files: tuple[str, ...] = figure("Files that were written, or written anew.")
    passed_over: tuple[PassedOver, ...] = figure("Documents that gave nothing, by file.")
    losses: tuple[Loss, ...] = figure("What could not be had, once per kind.")


@result
class ImportableSource:
    """A system whose calls can be imported."""

    source: str = figure("What --from takes.")
    system: str = figure("The system.")
    exports: str = figure("What of it is read.")


@result
class ImportableSources:
    """All of them."""

    sources: tuple[ImportableSource, ...] = figure("In the order they are asked whether a document is theirs.")


def summarised(imported: ImportResult) -> ImportSummary:
    """What an import did, as a result to show."""
    merged = imported.merged
    counts = (merged.new, merged.replaced, merged.unchanged, merged.left_out)
    names = sorted({name for each in counts for name in each})
    return ImportSummary(
        calls=imported.counted.calls,
        joined=imported.counted.joined,
        sources=tuple(SourceCounts(name, *(each[name] for each in counts)) for name in names),
        files=tuple(map(str, imported.written)),
        passed_over=tuple(_passed_over(imported)),
        losses=tuple(
            Loss(source, kind, count)
            for source, notes in imported.notes.items()
            for kind, count in sorted(notes.counts.items())
        ),
    )


def _passed_over(imported: ImportResult) -> Iterator[PassedOver]:
    reasons = {UNRECOGNISED: imported.unrecognised, BROKEN: imported.broken, OWN_LINES: imported.own_lines}
    for reason, counts in reasons.items():
        for file, count in sorted(counts.items()):
            yield PassedOver(file, reason, count)
