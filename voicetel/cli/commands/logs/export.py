"""``voicetel export``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from voicetel.cli import cluster, diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import EngineOptions, Filters, ReadOptions, with_option_groups
from voicetel.cli.terminal.progress import StepProgress
from voicetel.errors import UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.exporters.rows import Rows
    from voicetel.exporters.summary import ExportSummary

DEFAULT_SCHEMA = "voicetel"

Pg = Annotated[bool, typer.Option("--pg", help="Into PostgreSQL; again and again, only what is new or has changed.")]
Dsn = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        help="Where it is. Else $VOICETEL_PG_DSN, $DATABASE_URL, then libpq's variables and its service and password files.",
    ),
]
Schema = Annotated[str | None, typer.Option("--schema", metavar="NAME", help="Schema of the tables. Else voicetel.")]
Existing = Annotated[
    bool, typer.Option("--existing", help="Fill call_metrics and call_logs that are in the schema already.")
]
RowPer = Annotated[
    Literal["turn", "speaker"] | None,
    typer.Option(
        "--row-per",
        help="With --existing: what a row of call_logs is. Else as the rows that are there; in an empty table a row per speaker where it has role and content.",
    ),
]
Parquet = Annotated[
    str | None,
    typer.Option(
        "--parquet",
        metavar="DIR",
        help="Into a folder of Parquet files, a part per day, written anew each time; with --engine spark s3:// and others, too.",
    ),
]
Csv = Annotated[
    str | None, typer.Option("--csv", metavar="DIR", help="Into a folder of CSV files, written anew each time.")
]
WithText = Annotated[bool, typer.Option("--with-text", help="With transcripts; else no text of a call is exported.")]
Json = Annotated[bool, typer.Option("--json", help="Say as JSON what was written.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what --pg would write, and write nothing.")]

By = Annotated[list[str] | None, typer.Option("--by", hidden=True)]
"""Not taken: it is known so that the refusal can say what does group."""


@with_option_groups
def export(
    paths: options.Paths = None,
    *,
    pg: Pg = False,
    dsn: Dsn = None,
    schema: Schema = None,
    existing: Existing = False,
    row_per: RowPer = None,
    parquet: Parquet = None,
    csv: Csv = None,
    with_text: WithText = False,
    dry_run: DryRun = False,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    json: Json = False,
    by: By = None,
    read_options: ReadOptions,
    engine_options: EngineOptions,
) -> None:
    """Write calls, turns and operations to PostgreSQL, Parquet or CSV.

    The columns are the same everywhere; docs/postgres.md says what each means.
    """
    from voicetel.analyzers.core.no_calls import no_calls_error  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415
    from voicetel.exporters.rows import parts_of  # noqa: PLC0415

    is_cluster = cluster.is_asked_for(engine_options)
    _check(
        pg=pg, schema=schema, existing=existing, folders=(parquet, csv), dsn=dsn, dry_run=dry_run, is_cluster=is_cluster
    )
    _check_paths(paths or ())
    if by:
        raise UsageError(
            "an export has a row per call, turn and operation, and groups none of them",
            hint="group by its columns there, or voicetel analyze --by NAME -o FILE.parquet",
        )
    if row_per and not existing:
        raise UsageError("--row-per goes with --existing")
    log_paths = logs.log_paths(paths)
    selection = filters.selection()
    card = logs.card_of(pricing)
    rules = logs.rules_of(outcomes)
    if is_cluster:
        request = cluster.ClusterRequest(log_paths, selection, card, rules, {}, strict=read_options.strict)
        _export_from_cluster(engine_options, request, parquet, with_text=with_text, others=(pg, csv), json=json)
        return
    with logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        if not analysis_context(store, selection, card=card).group_values:
            raise no_calls_error(store, selection)

        parts = parts_of(store, card, selection, with_text=with_text)
        with StepProgress("Writing") as step:
            done = _write_folders(parts, parquet, csv, step)
            if pg:
                step.say("Writing to PostgreSQL")
                done["pg"] = _write_database(parts, dsn, schema, existing=existing, row_per=row_per, dry_run=dry_run)
        _say(done, parts.rate_notes, json=json)


def _say(done: dict[str, ExportSummary], rate_notes: Iterable[str] = (), *, json: bool) -> None:
    from voicetel.exporters.summary import export_answer, summary_lines  # noqa: PLC0415  see export

    if json:
        output.write_report(find_report("export"), export_answer(done), output.Target(output.Format.JSON))
    else:
        output.echo("\n".join(summary_lines(done)))
    for sentence in rate_notes:
        diagnostics.warn(sentence)


def _export_from_cluster(
    options: EngineOptions,
    request: cluster.ClusterRequest,
    parquet: str | None,
    *,
    with_text: bool,
    others: tuple[bool, str | None],
    json: bool,
) -> None:
    for given, name in zip(others, ("--pg", "--csv"), strict=True):
        if given:
            cluster.refuse(f"export {name}")
    if parquet is not None:
        with cluster.exported(options, request, _folder(parquet), with_text=with_text) as summary:
            _say({"parquet": summary}, json=json)


def _check(
    *,
    pg: bool,
    schema: str | None,
    existing: bool,
    folders: tuple[str | None, str | None],
    dsn: str | None,
    dry_run: bool,
    is_cluster: bool,
) -> None:
    if not pg and folders == (None, None):
        raise UsageError("nothing says where to export to", hint="give --pg, --parquet DIR or --csv DIR")
    for given, name in ((dsn, "--dsn"), (schema, "--schema"), (existing, "--existing"), (dry_run, "--dry-run")):
        if given and not pg:
            raise UsageError(f"{name} goes with --pg")
        if given == "":
            raise UsageError(f"{name} is empty", hint=f"leave {name} out, or give its value")
    if dry_run and folders != (None, None):
        raise UsageError("--dry-run is about --pg alone", hint="leave out --parquet and --csv")
    for folder in folders:
        if folder is not None and not is_cluster:
            _local_folder(folder)
    if existing and schema is None:
        raise UsageError("--existing wants the --schema in which the tables are", hint="--schema public")


def _folder(named: str) -> Path | str:
    """A path, or the URI of a folder of objects."""
    from voicetel.store.object_storage.uris import is_uri, local_path  # noqa: PLC0415  --help does without the store

    path = local_path(named)
    return path if is_uri(path) else Path(path)


def _local_folder(named: str) -> Path:
    """A path. Raises UsageError for a URI of anything else."""
    folder = _folder(named)
    if isinstance(folder, str):
        raise UsageError(
            f"{named}: one machine exports into folders of its own",
            hint="add --engine spark, or copy such a folder there",
        )
    return folder


def _check_paths(paths: Sequence[str]) -> None:
    """Refuse a connection string where logs were meant: --pg takes no value."""
    from voicetel.exporters.postgres.connection_string import is_connection_string  # noqa: PLC0415  --help does without

    for path in paths:
        if is_connection_string(path) and not Path(path).exists():
            raise UsageError(
                f"{path} is a connection string, not a log", hint="give it with --dsn, or in VOICETEL_PG_DSN"
            )


def _write_folders(
    parts: Iterable[Rows], parquet: str | None, csv: str | None, step: StepProgress
) -> dict[str, ExportSummary]:
    from voicetel.exporters.files import write_csv, write_parquet  # noqa: PLC0415  --help does without the engine

    done = {}
    if parquet is not None:
        step.say("Writing Parquet")
        done["parquet"] = write_parquet(parts, _local_folder(parquet))
    if csv is not None:
        step.say("Writing CSV")
        done["csv"] = write_csv(parts, _local_folder(csv))
    return done


def _write_database(
    parts: Iterable[Rows],
    dsn: str | None,
    schema: str | None,
    *,
    existing: bool,
    row_per: Literal["turn", "speaker"] | None,
    dry_run: bool,
) -> ExportSummary:
    from voicetel.exporters.postgres.connection_string import connection_string  # noqa: PLC0415  --help does without the engine
    from voicetel.exporters.postgres.existing.export import export_into_existing  # noqa: PLC0415
    from voicetel.exporters.postgres.export import export as export_into_schema  # noqa: PLC0415
    from voicetel.exporters.summary import ExportSummary  # noqa: PLC0415

    database = connection_string(dsn, os.environ)
    name = DEFAULT_SCHEMA if schema is None else schema
    summary = ExportSummary()
    for rows in parts:
        if existing:
            summary.extend(export_into_existing(rows, database, name, row_per=row_per, dry_run=dry_run))
        else:
            summary.extend(export_into_schema(rows, database, name, dry_run=dry_run))
    return summary
