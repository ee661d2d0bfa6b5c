"""Every word of the pages in Russian, by the English that stands in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.html.russian.calls import CALLS
from voicetel.reporters.html.russian.overview import FRAME_AND_OVERVIEW
from voicetel.reporters.html.russian.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

RUSSIAN: Mapping[str, str] = {**FRAME_AND_OVERVIEW, **SECTIONS, **CALLS}
