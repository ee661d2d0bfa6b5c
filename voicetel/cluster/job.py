"""What every task of a run is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from voicetel.__about__ import __version__
from voicetel.analyzers.core.dimensions import find_dimension
from voicetel.analyzers.core.groups import Grouping
from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.selection import Selection
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard


def versions() -> tuple[str, str]:
    """What has to be the same everywhere: buckets are hashes of ours, keys of lines hashes of DuckDB."""
    return __version__, duckdb.__version__


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of all calls of the logs.

    ``kind`` is the name of a report in the registry, or what else is made of calls, a sample or an export; ``options`` are those of
    the report alone.
    """

    kind: str
    selection: Selection
    card: RateCard
    rules: Rules
    buckets: int
    options: Mapping[str, Any] = field(default_factory=dict)
    versions: tuple[str, str] = field(default_factory=versions)

    @property
    def grouping(self) -> Grouping:
        """What the calls are grouped by, as far as the order of groups goes."""
        return Grouping(tuple(find_dimension(name) for name in self.selection.by))

    def check(self) -> None:
        """Raise VoicetelError where this machine would come to other buckets than the one that asked."""
        if self.versions != versions():
            here, there = versions(), self.versions
            raise VoicetelError(
                f"a worker has voicetel {here[0]} and DuckDB {here[1]}, the driver {there[0]} and {there[1]}",
                hint="give all machines the same environment",
            )
