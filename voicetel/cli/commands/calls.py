"""``voicetel calls``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import cluster, completion, logs, output, transcript
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import (
    EngineOptions,
    Filters,
    LlmOptions,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    import pyarrow as pa

    from voicetel.analyzers.calls.call_rows_file import CallRowsFile

TERMINAL_LIMIT = 50
"""Calls that a terminal shows unless asked for more."""

Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="COLUMN",
        help="Sort by a column as it is called on screen or in JSON (cost, response p95, length, turns, sentiment …):"
        " the highest first, words from A to Z.",
        autocompletion=completion.call_columns,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=0, help=f"So many calls; 0 is all. Else all, on a terminal {TERMINAL_LIMIT}."
    ),
]
Offset = Annotated[int, typer.Option("--offset", metavar="N", min=0, help="Leave out so many calls first.")]
JsonLines = Annotated[
    bool, typer.Option("--json-lines", help="One JSON object per line, for streams; --json is one array.")
]


@with_option_groups
def calls(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    sort: Sort = None,
    limit: Limit = None,
    offset: Offset = 0,
    json_lines: JsonLines = False,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    sentiment_options: SentimentOptions,
    llm_options: LlmOptions,
    output_options: OutputOptions,
    read_options: ReadOptions,
    engine_options: EngineOptions,
) -> None:
    """List the calls with their figures.

    JSON and CSV have every column. With --by the calls of a group stand together, and --sort orders each group.
    """
    from voicetel.analyzers.calls.calls import list_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.calls.pagination import Pagination, paginated  # noqa: PLC0415
    from voicetel.analyzers.request import Request  # noqa: PLC0415
    from voicetel.reporters.layouts.calls import sort_column  # noqa: PLC0415

    log_paths = logs.log_paths(paths)
    selection = filters.selection(by)
    find_report("calls").check_dimensions(selection.by)
    column = None if sort is None else sort_column(sort, selection.by)
    card = logs.card_of(pricing)
    rules = logs.rules_of(outcomes)
    target = output_options.target(
        output.Format.JSONL if json_lines else None, formats=(*output.FORMATS, output.Format.JSONL)
    )
    pagination = Pagination(column, _limit(limit, target), offset)

    def write(shown: pa.Table | CallRowsFile, total: int) -> None:
        output.write_answer(
            _answer(shown, card.currency, total=total, by=selection.by, sort=column, zone=filters.zone), target
        )

    if cluster.is_asked_for(engine_options):
        cluster.check_transcript(sentiment_options, llm_options)
        request = cluster.ClusterRequest(log_paths, selection, card, rules, {}, strict=read_options.strict)
        with cluster.answered(find_report("calls"), engine_options, request) as found:
            write(paginated(found, pagination, selection.by), found.num_rows)
        return
    with (
        transcript.options(
            sentiment=sentiment_options, llm=llm_options, card=card, keep=not read_options.no_cache
        ) as transcript_options,
        logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store,
    ):
        found = list_calls(Request(store, selection, card, rules, transcript_options), pagination)
        write(found.rows, found.total)


def _limit(limit: int | None, target: output.Target) -> int:
    """How many calls are shown; 0: all."""
    if limit is None:
        return TERMINAL_LIMIT if target.is_terminal and target.format is output.Format.TABLE else 0
    return limit


def _answer(
    shown: pa.Table | CallRowsFile, currency: str, *, total: int, by: Sequence[str], sort: str | None, zone: tzinfo
) -> output.Answer:
    from voicetel.analyzers.calls.calls import rate_notes_of  # noqa: PLC0415  see calls
    from voicetel.reporters.csv_rows import rows_csv  # noqa: PLC0415
    from voicetel.reporters.json_text import json_lines, json_list  # noqa: PLC0415
    from voicetel.reporters.layouts.calls import call_cells, calls_document  # noqa: PLC0415

    report = find_report("calls")
    return output.Answer(
        document=lambda: calls_document(shown, currency, total=total, by=by, sort=sort, zone=zone),
        json=lambda: json_list(report.json_rows(shown)),
        csv=lambda: rows_csv(shown.column_names, call_cells(shown)),
        arrow=lambda: shown,
        json_lines=lambda: json_lines(report.json_rows(shown)),
        rate_notes=rate_notes_of(shown),
    )
