"""What an importer is: how a system's documents are recognised and read, and what can be had of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from voicetel.importers.calls.imported_call import ImportedCall
    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.otel.spans import Span

    Recognise = Callable[[Mapping[str, object]], bool]
    ReadCall = Callable[[Record, Notes], ImportedCall | None]
    ReadSpans = Callable[[Mapping[str, object], Notes], Iterator[Span]]
    ReadTrace = Callable[[list[Span], Notes], Iterable[ImportedCall]]


@dataclass(frozen=True, slots=True)
class Gives:
    """What can be had of a source, in a few words each; empty where it has nothing of the kind. Shown in docs/."""

    response: str
    stages: str
    transcript: str
    times: str
    interruptions: str
    cost: str
    outcome: str
    missing: str


@dataclass(frozen=True, slots=True)
class Source:
    """One system. Either ``read_call`` makes a call of a document, or ``read_spans`` and ``read_trace`` of many.

    ``revision`` rises when the importer reads more, or otherwise, than it did: what it wrote before is then replaced.
    ``is_carrier``: it knows of calls only what the line's carrier knows, and is joined to those of other sources.
    """

    name: str
    title: str
    exports: str
    recognise: Recognise
    gives: Gives
    read_call: ReadCall | None = None
    read_spans: ReadSpans | None = None
    read_trace: ReadTrace | None = None
    revision: int = 1
    is_carrier: bool = False
