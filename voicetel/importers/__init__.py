"""Calls that other systems logged → logs.

A source is one module or a small package: how its documents are recognised, and how a call is read out of them.
``sources`` lists them; ``importing`` does the rest for all. Standard library only.
"""

from voicetel.importers.importing import ImportResult, import_files
from voicetel.importers.recognition import BEGINNING_BYTES, recognise, recognise_beginning, recognise_other
from voicetel.importers.sources import BY_NAME, SOURCES, importable_sources
from voicetel.importers.summary import ImportSummary, summarised

__all__ = [
    "BEGINNING_BYTES",
    "BY_NAME",
    "SOURCES",
    "ImportResult",
    "ImportSummary",
    "import_files",
    "importable_sources",
    "recognise",
    "recognise_beginning",
    "recognise_other",
    "summarised",
]
