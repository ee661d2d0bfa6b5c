"""``voicetel serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import diagnostics, logs, output
from voicetel.cli.extras import require
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import with_option_groups
from voicetel.cli.options.services import ServedLogsOptions
from voicetel.errors import UsageError

Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; elsewhere needs --token-file.")]
Port = Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 is any that is free.")]
TokenFile = Annotated[
    str | None, typer.Option("--token-file", metavar="FILE", help="A token of your own; else a new one at every start.")
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Another name in the Host header that is this server's."),
]
TimeLimit = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=3600, help="How long one answer may take.")
]


@with_option_groups
def serve(
    paths: options.Paths = None,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8722,
    token_file: TokenFile = None,
    allow_host: AllowHost = None,
    timeout: TimeLimit = 30,
    served_options: ServedLogsOptions,
) -> None:
    """Serve the report, a page for each call, and every answer's JSON by HTTP; read-only, for this machine.

    Prints the link that lets a browser in. Programs send the token that stands in it.
    """
    require("serve", "starlette", "uvicorn")
    log_paths = logs.log_paths(paths, reads_stdin=False)
    from voicetel.server import run  # noqa: PLC0415  --help does without
    from voicetel.server.access import new_token  # noqa: PLC0415

    if not run.is_loopback(host) and token_file is None:
        raise UsageError(
            f"--host {host}: others can reach it",
            hint="give a token with --token-file, and put a proxy with TLS before it",
        )
    served = served_options.served_logs(log_paths, time_limit_s=timeout)
    token = new_token() if token_file is None else run.read_token(token_file, diagnostics.warn)
    with logs.opened(log_paths, served.rules(), no_cache=not served.cache):
        pass
    with run.listen(host, port) as listening:
        port = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        if not run.is_loopback(host):
            diagnostics.warn("what is sent is not encrypted: put a proxy with TLS before it")
        output.echo(f"http://{shown}:{port}/" + (f"?token={token}" if token_file is None else ""))
        run.make_server(served, run.access_of(host, port, token, allow_host or ())).run(sockets=[listening])
