"""``voicetel sql``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import Filters, ReadOptions, with_option_groups
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from voicetel.sql.run import QueryResult

Query = Annotated[
    str | None, typer.Argument(metavar="'SELECT …'", help="The query, in DuckDB's SQL.", show_default=False)
]
Schema = Annotated[bool, typer.Option("--schema", help="List the relations with their columns, units and meanings.")]
FormatName = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="table, json, csv, md, html, or parquet with -o FILE."),
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=0, help="So many rows; 0 is as many as 8 MB hold.")]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=3600, help="How long the query may take.")
]


@with_option_groups
def sql(
    query: Query = None,
    paths: options.Paths = None,
    *,
    schema: Schema = False,
    limit: Limit = 10_000,
    timeout: Timeout = 30,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    format_name: FormatName = None,
    json: options.Json = False,
    output_file: options.OutputFile = None,
    read_options: ReadOptions,
) -> None:
    """Ask calls, turns, operations and usage in SQL.

    The query runs in a process of its own that can read nothing else and write nothing, within limits of time and memory.
    """
    from voicetel.analyzers.request import Request  # noqa: PLC0415  --help does without the engine
    from voicetel.sql.query import query_calls  # noqa: PLC0415
    from voicetel.sql.run import Limits  # noqa: PLC0415

    if schema:
        _write_schema(output.target(format_name, as_json=json, path=output_file))
        return
    if query is None or not query.strip():
        raise UsageError("there is no query", hint="voicetel sql 'SELECT count(*) FROM calls' logs/")
    logs.refuse_swapped("sql", query, paths or (), what="the query")
    log_paths = logs.log_paths(paths)
    rules, card = logs.rules_of(outcomes), logs.card_of(pricing)
    target = output.target(format_name, as_json=json, path=output_file)
    with logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        request = Request(store, filters.selection(), card, rules)
        found = query_calls(request, query, Limits(timeout_s=timeout, max_rows=limit))
        if found.cut:
            rows = f"{found.table.num_rows:,} rows"
            diagnostics.warn(
                f"only the first {rows} are shown" + (": --limit 0 lifts that" if found.cut == "rows" else ": 8 MB")
            )
        _write(found, target)


def _write_schema(target: output.Target) -> None:
    from voicetel.registry import find_report  # noqa: PLC0415  --help does without the engine
    from voicetel.sql.relations import RELATIONS  # noqa: PLC0415
    from voicetel.sql.results import relations_of  # noqa: PLC0415

    output.write_report(find_report("sql-schema"), relations_of(RELATIONS), target)


def _write(found: QueryResult, target: output.Target) -> None:
    from voicetel.registry import find_report  # noqa: PLC0415  see _write_schema
    from voicetel.reporters.json_text import json_text  # noqa: PLC0415
    from voicetel.sql.layout import parquet_table, query_csv, rows_document  # noqa: PLC0415
    from voicetel.sql.results import answer_of  # noqa: PLC0415

    answer = output.Answer(
        document=lambda: rows_document(found),
        json=lambda: [json_text(find_report("sql").json(answer_of(found)))],
        csv=lambda: query_csv(found),
        arrow=lambda: parquet_table(found),
        rate_notes=found.rate_notes,
    )
    output.write_answer(answer, target)
