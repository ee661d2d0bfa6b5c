"""Options of the commands that stay and answer: what they answer from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli.options import declared as options
from voicetel.config_file import SLO_FILE

if TYPE_CHECKING:
    from voicetel.service.served_logs import ServedLogs

Limits = Annotated[str, typer.Option("--slo", metavar="FILE", help="The limits that check holds the figures to.")]
WithText = Annotated[bool, typer.Option("--with-text", help="Give transcripts, too, redacted as by --redact.")]


@dataclass(frozen=True, slots=True)
class ServedLogsOptions:
    """What the logs are priced, classified and limited by, and whether transcripts are given."""

    pricing: options.Pricing = None
    outcomes: options.OutcomeRules = None
    slo: Limits = SLO_FILE
    with_text: WithText = False
    redact_pattern: options.RedactPatterns = None
    no_cache: options.NoCache = False

    def served_logs(self, paths: tuple[str, ...], *, time_limit_s: float | None = None) -> ServedLogs:
        """What a service answers from. Raises VoicetelError for what would fail every answer."""
        from voicetel.service.served_logs import ServedLogs  # noqa: PLC0415  --help does without the engine

        found = ServedLogs(
            paths=paths,
            pricing=self.pricing,
            outcomes=self.outcomes,
            limits=self.slo,
            with_text=self.with_text,
            redact_patterns=tuple(self.redact_pattern or ()),
            cache=not self.no_cache,
            time_limit_s=time_limit_s,
        )
        found.check()
        return found
