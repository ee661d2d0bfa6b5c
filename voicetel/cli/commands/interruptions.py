"""``voicetel interruptions``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs, options, output
from voicetel.cli.choices import parts

DeadAir = Annotated[
    float, typer.Option("--dead-air", metavar="SECONDS", min=0, help="Silence of both sides longer than this.")
]


def interruptions(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    dead_air: DeadAir = 3.0,
    since: options.Since = None,
    until: options.Until = None,
    last: options.Last = None,
    agent: options.Agent = None,
    campaign: options.Campaign = None,
    language: options.Language = None,
    tz: options.Zone = "UTC",
    outcomes: options.OutcomeRules = None,
    format_name: options.FormatName = None,
    json: options.Json = False,
    output_file: options.OutputFile = None,
    no_cache: options.NoCache = False,
    strict: options.Strict = False,
) -> None:
    """Report who spoke over whom, who spoke how long, and dead air.

    The denominator stands beside each rate.
    """
    from voicetel.analyzers.report import scope_of  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.talk import talk  # noqa: PLC0415
    from voicetel.reporters import csv_report, json_report  # noqa: PLC0415
    from voicetel.reporters import interruptions as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output.target(format_name, as_json=json, path=output_file, inputs=where)
    selection = options.Filters(since, until, last, agent, campaign, language, tz).selection(parts(by))
    rules = logs.rules_of(outcomes)
    with logs.opened(where, rules, no_cache=no_cache, strict=strict) as store:
        scope = scope_of(store, rules, selection)
        if not scope.parts:
            raise logs.no_calls(store, filtered=True)
        result = talk(scope, dead_air_s=dead_air)
        answer = output.Answer(
            document=lambda: report.report_document(result),
            json=lambda: [json_report.json_text(report.report_json(result))],
            csv=lambda: csv_report.grid_csv(report.report_grid(result)),
        )
        output.write(answer, target)
