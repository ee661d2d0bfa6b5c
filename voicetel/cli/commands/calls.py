"""``voicetel calls``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import logs, output, transcript
from voicetel.cli.options import declared as options
from voicetel.cli.options.choices import chosen
from voicetel.cli.options.groups import (
    Filters,
    LlmOptions,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)

TERMINAL_LIMIT = 50
"""Calls that a terminal shows unless asked for more."""

Sort = Annotated[
    str | None,
    typer.Option("--sort", metavar="COLUMN", help="Sort by a column: the highest first, words from A to Z."),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=0, help=f"So many calls; 0 is all. Else all, on a terminal {TERMINAL_LIMIT}."
    ),
]


@with_option_groups
def calls(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    sort: Sort = None,
    limit: Limit = None,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    sentiment_options: SentimentOptions,
    llm_options: LlmOptions,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """List the calls with their figures.

    JSON and CSV have every column. With --by the calls of a group stand together, and --sort orders each group.
    """
    from voicetel.analyzers.calls.calls import calls as all_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import calls as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    selection = filters.selection(by)
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    with (
        transcript.asked_of(
            sentiment_options=sentiment_options, llm_options=llm_options, card=card, keep=not read_options.no_cache
        ) as asked,
        logs.opened(where, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store,
    ):
        found = all_calls(store, card, selection, asked)
        if not found.num_rows:
            raise logs.no_calls(store, filtered=True)
        if limit is None:
            limit = TERMINAL_LIMIT if target.is_terminal and target.format is output.Format.TABLE else 0
        if sort is not None:
            chosen(sort, found.column_names, "column")
        shown = report.ordered(found, sort, limit, selection.by)
        answer = output.Answer(
            document=lambda: report.calls_document(
                shown, card.currency, total=found.num_rows, by=selection.by, sort=sort, zone=filters.zone
            ),
            json=lambda: json_report.json_list(map(json_report.call_json, report.call_rows(shown))),
            csv=lambda: csv_rows.rows_csv(report.call_columns(shown.schema), report.call_cells(shown)),
        )
        output.write(answer, target)
