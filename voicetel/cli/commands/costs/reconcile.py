"""``voicetel reconcile``."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import ci, diagnostics, logs, output
from voicetel.cli import inputs as inputs_read
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import Filters, OutputOptions, ReadOptions, with_option_groups
from voicetel.cli.settings import reconcile_tables
from voicetel.errors import ExitCode, UsageError
from voicetel.registry import find_report
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from voicetel.reconcile import InvoiceOptions, Reconciliation

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INVOICE... [PATH...]", help="Invoices (JSON, CSV), then logs; as ever, else ./logs."),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="NAME=COLUMN,...", help="Read any CSV: day=Date,quantity=Used,unit==minutes,amount=Cost,…"
    ),
]
Provider = Annotated[
    str | None, typer.Option("--provider", metavar="NAME", help="Whose invoice it is, where it does not say so itself.")
]
As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Read the CSV by [reconcile.NAME] of voicetel.toml.")
]
MaxDifference = Annotated[
    str | None,
    typer.Option("--max-difference", metavar="SHARE", help="Exit with 3 if amounts differ by more, such as 2%."),
]


_PACKED = {".gz", ".bz2", ".xz", ".zst"}
"""Invoices are not read packed."""


@with_option_groups
def reconcile(
    inputs: Inputs,
    *,
    columns: ColumnsOption = None,
    as_table: As = None,
    provider: Provider = None,
    max_difference: MaxDifference = None,
    junit: ci.JUnit = None,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> int:
    """Hold providers' invoices against the logs: what differs, and why.

    Reads usage and cost exports of OpenAI, Deepgram, ElevenLabs, Cartesia, Twilio, LiveKit Cloud, Google, Vapi and Retell,
    and any other CSV with --columns. Days are those of --tz. The causes of a difference add up to it.
    """
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415  --help does without the engine
    from voicetel.reconcile import read_invoices  # noqa: PLC0415
    from voicetel.reconcile.reconcile import reconcile as hold_against  # noqa: PLC0415

    limit = None if max_difference is None else _share(max_difference)
    if junit is not None and limit is None:
        raise UsageError("--junit is for --max-difference: nothing else here can fail", hint="add --max-difference 2%")
    invoices = [path for path in inputs if not is_log_path(path)]
    if not invoices:
        raise UsageError("no invoice is named", hint="voicetel reconcile INVOICE… [PATH…]")
    inputs_read.protect_inputs(*invoices)
    log_paths = logs.log_paths([path for path in inputs if path not in invoices])
    target, junit_target = output_options.target(), ci.junit_target(junit)
    card = logs.card_of(pricing)
    selection = filters.selection()
    sums = read_invoices([Path(path) for path in invoices], _options(columns, as_table, provider, selection.tz))
    with logs.opened(
        log_paths, logs.rules_of(outcomes), no_cache=read_options.no_cache, strict=read_options.strict
    ) as store:
        context = analysis_context(store, selection, card=card)
        found = hold_against(context, card, sums, zone=selection.tz)
        output.write_report(find_report("reconcile"), found, target, filters.zone)
        return ExitCode.OK if limit is None else _judged(found, limit, max_difference or "", junit_target)


def _judged(found: Reconciliation, limit: Decimal, written: str, junit_target: output.Target | None) -> ExitCode:
    """Whether any currency differs by more than ``limit``, which ``written`` is as the user wrote it; in JUnit as well."""
    from voicetel.reporters.ci.spending_junit import reconciliation_junit  # noqa: PLC0415  see reconcile

    exceeded = _exceeded(found, limit)
    if junit_target is not None:
        output.write([reconciliation_junit(found, exceeded, written.strip(), datetime.now(UTC))], junit_target)
    return ExitCode.LIMIT_BROKEN if any(exceeded.values()) else ExitCode.OK


def _exceeded(found: Reconciliation, limit: Decimal) -> dict[str, bool]:
    """Currency → whether its amounts differ by more than ``limit``, which is told."""
    for total in found.totals:
        if total.relative > limit:
            diagnostics.note(f"{total.currency}: the amounts differ by {total.relative:.1%}, more than {limit:.1%}")
    return {total.currency: total.relative > limit for total in found.totals}


def is_log_path(path: str) -> bool:
    """Whether a path is logs and no invoice: stdin, a folder, objects, what is packed, or a file that begins as a log does."""
    from voicetel.store.object_storage.uris import is_uri  # noqa: PLC0415  see reconcile

    if path == inputs_read.STDIN or is_uri(path) or Path(path).is_dir() or Path(path).suffix in _PACKED:
        return True
    return Path(path).is_file() and inputs_read.is_log(Path(path))


def _options(columns: str | None, as_table: str | None, provider: str | None, zone: str) -> InvoiceOptions:
    from voicetel.reconcile import InvoiceOptions  # noqa: PLC0415  see reconcile
    from voicetel.reconcile.providers.columns import parse_columns  # noqa: PLC0415

    if columns is not None and as_table is not None:
        raise UsageError("--columns and --as say the same thing twice", hint="leave one of them out")
    if columns is not None:
        return InvoiceOptions(zone, provider, parse_columns(_pairs(columns), "--columns"))
    if as_table is None:
        return InvoiceOptions(zone, provider)
    source, tables = reconcile_tables()
    if as_table not in tables:
        hint = did_you_mean_or_list(as_table, tables) or f"write one: [reconcile.{as_table}]"
        raise UsageError(f"there is no [reconcile.{as_table}] in {source or 'a voicetel.toml'}", hint=hint)
    return InvoiceOptions(
        zone, provider or as_table, parse_columns(tables[as_table], f"{source}: reconcile.{as_table}")
    )


def _pairs(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in text.split(","):
        name, equals, column = pair.partition("=")
        if not equals and found:
            # A column's name may have a comma in it.
            last = next(reversed(found))
            found[last] = f"{found[last]},{pair}"
        elif not equals:
            raise UsageError(f"--columns: {pair!r} is no NAME=COLUMN", hint="such as day=Date,amount=Cost")
        else:
            found[name.strip()] = column.strip()
    return found


def _share(text: str) -> Decimal:
    try:
        share = Decimal(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or share < 0:
        raise UsageError(f"--max-difference: {text!r} is no share", hint="write 2% or 0.02")
    return share
