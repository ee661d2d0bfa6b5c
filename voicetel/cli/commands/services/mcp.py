"""``voicetel mcp``."""

from __future__ import annotations

import sys

from voicetel.cli import logs
from voicetel.cli.extras import require
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import with_option_groups
from voicetel.cli.options.services import ServedLogsOptions
from voicetel.errors import VoicetelError


@with_option_groups
def mcp(paths: options.Paths = None, *, served_options: ServedLogsOptions) -> None:
    """Serve the reports to a coding assistant, as tools of the Model Context Protocol over stdin and stdout.

    Nothing is written, and transcripts stay where they are unless --with-text says otherwise.
    """
    require("mcp", "mcp")
    for name in ("stdin", "stdout"):
        if getattr(sys, name) is None:
            raise VoicetelError(
                f"{name} is closed", hint="an assistant starts this command, and speaks with it over both"
            )
    log_paths = logs.log_paths(paths, reads_stdin=False)
    from voicetel.mcp_server.server import serve  # noqa: PLC0415  --help does without

    serve(served_options.served_logs(log_paths))
