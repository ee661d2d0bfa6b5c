"""The systems whose logs can be imported: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers import bolna, elevenlabs, livekit, otel, retell, twilio, vapi, voiceobs
from voicetel.importers.summary import ImportableSource, ImportableSources

if TYPE_CHECKING:
    from voicetel.importers.source import Source

SOURCES: Final[tuple[Source, ...]] = (
    vapi.SOURCE,
    retell.SOURCE,
    elevenlabs.SOURCE,
    otel.SOURCE,
    livekit.SOURCE,
    voiceobs.SOURCE,
    bolna.SOURCE,
    twilio.SOURCE,
)
"""In the order they are asked whether a document is theirs; of two that have the same call the earlier one counts."""

BY_NAME: Final = {source.name: source for source in SOURCES}


def importable_sources() -> ImportableSources:
    """The table as a result to show."""
    return ImportableSources(tuple(ImportableSource(each.name, each.title, each.exports) for each in SOURCES))


def source_of(document: object, sources: tuple[Source, ...] = SOURCES) -> Source | None:
    """Whose document it is."""
    if not isinstance(document, dict):
        return None
    return next((source for source in sources if source.recognise(document)), None)
