"""``voicetel watch``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.services import Limits
from voicetel.cli.terminal import live
from voicetel.config_file import SLO_FILE

Minutes = Annotated[int, typer.Option("--minutes", metavar="N", min=1, max=10080, help="How far back to look.")]
Every = Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.2, max=3600, help="How often to look.")]
AtNewest = Annotated[
    bool, typer.Option("--at-newest", help="The minutes before the newest turn, not before now: for logs of the past.")
]
Once = Annotated[bool, typer.Option("--once", help="Look once and end.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line for every look, for alerts.")]


def watch(
    paths: options.Paths = None,
    *,
    minutes: Minutes = 15,
    every: Every = 5,
    at_newest: AtNewest = False,
    once: Once = False,
    agent: options.Agent = None,
    campaign: options.Campaign = None,
    language: options.Language = None,
    tz: options.Zone = "UTC",
    slo: Limits = SLO_FILE,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    json: JsonLines = False,
    no_cache: options.NoCache = False,
) -> None:
    """Watch the last minutes: response, interruptions, calls, cost and the newest slow turns, while the logs grow.

    Logs are read only when a file has changed. Limits of slo.toml that are broken stand below. q ends it.
    """
    from voicetel.service import times  # noqa: PLC0415  --help does without the engine
    from voicetel.service.filters import selection  # noqa: PLC0415
    from voicetel.service.served_logs import ServedLogs  # noqa: PLC0415
    from voicetel.watch.watcher import Watcher  # noqa: PLC0415

    log_paths = logs.log_paths(paths, reads_stdin=False)
    zone = times.time_zone(tz)
    served = ServedLogs(paths=log_paths, pricing=pricing, outcomes=outcomes, limits=slo, cache=not no_cache)
    served.check()
    wanted = selection(agent=agent, campaign=campaign, language=language, tz=tz)
    with logs.opened(log_paths, served.rules(), no_cache=no_cache):
        pass
    watcher = Watcher(served, minutes=minutes, selection=wanted, at_newest=at_newest)
    if json or not output.Target(output.Format.TABLE).is_terminal:
        live.write_json(watcher, every, once=once)
    else:
        live.show(watcher, every, live.WatchView(" ".join(log_paths), zone), once=once)
