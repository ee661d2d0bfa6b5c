"""What a report is computed from: the logs, which of their calls, and what these are priced, classified and scored with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.analyzers.core.no_calls import no_calls_error
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.prepare import analysis_context
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class Request:
    """Which calls of a store, grouped how. ``card`` and ``rules`` None: those that a command would use."""

    store: Store
    selection: Selection = ALL_CALLS
    card: RateCard | None = None
    rules: Rules | None = None
    transcript_options: TranscriptOptions = NO_TRANSCRIPTS

    @property
    def rate_card(self) -> RateCard:
        """The card that calls are priced by. Raises PricingError for one that means nothing."""
        return load_card(None) if self.card is None else self.card

    @property
    def outcome_rules(self) -> Rules:
        """The rules on how calls end."""
        return load_rules(None) if self.rules is None else self.rules

    def grouped(self, by: Sequence[str]) -> Request:
        """The same calls, grouped by something else."""
        return replace(self, selection=replace(self.selection, by=tuple(by)))

    def context(self) -> AnalysisContext:
        """The calls, selected and grouped: what analyzers read. Raises NoDataError where there are none."""
        context = analysis_context(self.store, self.selection, self.transcript_options, self.card)
        if not context.has_calls:
            raise no_calls_error(self.store, self.selection)
        return context
