"""``voicetel mcp``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs
from voicetel.cli.extras import require
from voicetel.cli.options import declared as options

Limits = Annotated[str, typer.Option("--slo", metavar="FILE", help="The limits that check holds the figures to.")]
WithText = Annotated[bool, typer.Option("--with-text", help="Give transcripts, too, redacted as by --redact.")]


def mcp(
    paths: options.Paths = None,
    *,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    slo: Limits = "slo.toml",
    with_text: WithText = False,
    redact_pattern: options.RedactPatterns = None,
    no_cache: options.NoCache = False,
) -> None:
    """Serve the reports to a coding assistant, as tools of the Model Context Protocol over stdin and stdout.

    Nothing is written, and transcripts stay where they are unless --with-text says otherwise.
    """
    require("mcp", "mcp")
    where = logs.log_paths(paths, reads_stdin=False)
    from voicetel.mcp_server.server import serve  # noqa: PLC0415  --help does without
    from voicetel.service.source import Source  # noqa: PLC0415

    source = Source(
        paths=where,
        pricing=pricing,
        outcomes=outcomes,
        limits=slo,
        with_text=with_text,
        redact_patterns=tuple(redact_pattern or ()),
        cache=not no_cache,
    )
    source.check()
    serve(source)
