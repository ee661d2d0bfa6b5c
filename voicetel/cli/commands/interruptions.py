"""``voicetel interruptions``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs, options, output
from voicetel.cli.option_groups import Filters, Form, Reading, with_groups

DeadAir = Annotated[
    float, typer.Option("--dead-air", metavar="SECONDS", min=0, help="Silence of both sides longer than this.")
]


@with_groups
def interruptions(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    dead_air: DeadAir = 3.0,
    filters: Filters,
    outcomes: options.OutcomeRules = None,
    form: Form,
    reading: Reading,
) -> None:
    """Report who spoke over whom, who spoke how long, and dead air.

    The denominator stands beside each rate.
    """
    from voicetel.analyzers.interruptions.turn_taking import talk  # noqa: PLC0415
    from voicetel.analyzers.prepare import scope_of  # noqa: PLC0415  --help does without the engine
    from voicetel.reporters import csv_report, json_report  # noqa: PLC0415
    from voicetel.reporters import interruptions as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = form.target(where)
    selection = filters.selection(by)
    rules = logs.rules_of(outcomes)
    with logs.opened(where, rules, no_cache=reading.no_cache, strict=reading.strict) as store:
        scope = scope_of(store, selection)
        if not scope.parts:
            raise logs.no_calls(store, filtered=True)
        result = talk(scope, dead_air_s=dead_air)
        answer = output.Answer(
            document=lambda: report.report_document(result),
            json=lambda: [json_report.json_text(report.report_json(result))],
            csv=lambda: csv_report.grid_csv(report.report_grid(result)),
        )
        output.write(answer, target)
