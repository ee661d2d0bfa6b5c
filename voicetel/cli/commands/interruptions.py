"""``voicetel interruptions``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import Filters, OutputOptions, ReadOptions, with_option_groups

DeadAir = Annotated[
    float, typer.Option("--dead-air", metavar="SECONDS", min=0, help="Silence of both sides longer than this.")
]


@with_option_groups
def interruptions(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    dead_air: DeadAir = 3.0,
    filters: Filters,
    outcomes: options.OutcomeRules = None,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """Report who spoke over whom, who spoke how long, and dead air.

    The denominator stands beside each rate.
    """
    from voicetel.analyzers.interruptions.turn_taking import turn_taking  # noqa: PLC0415
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415  --help does without the engine
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import interruptions as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    selection = filters.selection(by)
    rules = logs.rules_of(outcomes)
    with logs.opened(where, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        context = analysis_context(store, selection)
        if not context.parts:
            raise logs.no_calls(store, filtered=True)
        result = turn_taking(context, dead_air_s=dead_air)
        answer = output.Answer(
            document=lambda: report.report_document(result),
            json=lambda: [json_report.json_text(report.report_json(result))],
            csv=lambda: csv_rows.table_csv(report.report_table(result)),
        )
        output.write(answer, target)
