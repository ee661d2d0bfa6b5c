"""``voicetel pricing``: look at a rate card beside the logs it is to price."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.choices import split_values
from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.command_group import CommandGroup
from voicetel.cli.options.groups import OutputOptions, with_option_groups
from voicetel.errors import ExitCode, NoDataError, UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard

pricing = typer.Typer(name="pricing", cls=CommandGroup, rich_markup_mode=None)

Assume = Annotated[
    list[str] | None,
    typer.Option(
        "--assume", metavar="STAGE=PROVIDER/MODEL", help="Estimate from this, not from logs; several with commas."
    ),
]
InputTokens = Annotated[int, typer.Option("--input-tokens", metavar="N", min=0, help="Assumed LLM input a minute.")]
OutputTokens = Annotated[int, typer.Option("--output-tokens", metavar="N", min=0, help="Assumed LLM output a minute.")]
Characters = Annotated[
    int, typer.Option("--characters", metavar="N", min=0, help="Assumed characters spoken a minute.")
]
Update = Annotated[
    str | None, typer.Option("--update", metavar="FILE", help="Add what changed to this rate card, with its day.")
]
StrictCheck = Annotated[bool, typer.Option("--strict", help="Exit with 3 if there is a finding.")]


@pricing.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """Look at a rate card beside the logs it is to price."""
    if context.invoked_subcommand is None:
        output.echo(context.get_help())


@contextlib.contextmanager
def _context(paths: Sequence[str], *, no_cache: bool) -> Iterator[AnalysisContext]:
    """The calls under ``paths``. Raises NoDataError where there are none."""
    from voicetel.analyzers.core.no_calls import no_calls_error  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415

    rules = logs.rules_of(None)
    with logs.opened(paths, rules, no_cache=no_cache) as store:
        context = analysis_context(store)
        if not context.group_values:
            raise no_calls_error(store)
        yield context


@pricing.command()
@with_option_groups
def show(
    paths: options.Paths = None,
    *,
    pricing: options.Pricing = None,
    output_options: OutputOptions,
    no_cache: options.NoCache = False,
) -> None:
    """Show which rate applies to each model of the logs, and where it comes from."""
    from voicetel.analyzers.cost.card_results import rate_table  # noqa: PLC0415
    from voicetel.analyzers.rate_use.rate_use import rate_uses  # noqa: PLC0415

    log_paths = logs.log_paths(paths)
    card = logs.card_of(pricing)
    target = output_options.target()
    with _context(log_paths, no_cache=no_cache) as context:
        uses = rate_uses(context, card)
    output.write_report(find_report("pricing-show"), rate_table(uses, card), target)


@pricing.command()
@with_option_groups
def check(
    paths: options.Paths = None,
    *,
    pricing: options.Pricing = None,
    output_options: OutputOptions,
    no_cache: options.NoCache = False,
    strict: StrictCheck = False,
) -> int:
    """Find what is wrong with a rate card.

    Usage without a price, rates far off the list price or looked at more than 90 days ago, models that are withdrawn,
    tables that price nothing. A key that is unknown is an error. Without logs the card is looked at by itself.
    """
    from voicetel.analyzers.cost.card_results import CardFinding, CardFindings  # noqa: PLC0415
    from voicetel.pricing import outliers_from_price_list  # noqa: PLC0415
    from voicetel.pricing.price_lists.update import old_rates  # noqa: PLC0415
    from voicetel.reporters.layouts.costs.pricing import findings_lines  # noqa: PLC0415

    card = logs.card_of(pricing)
    today = datetime.now(UTC).date()
    findings = [CardFinding("far off", outlier.sentence) for outlier in outliers_from_price_list(card)]
    findings += [
        CardFinding("old", f"{rate.key}: looked at on {rate.as_of}, {days} days ago")
        for rate, days in old_rates(card, today)
    ]
    try:
        log_paths = logs.log_paths(paths)
    except NoDataError:
        log_paths = ()
    target = output_options.target()
    if log_paths:
        from voicetel.analyzers.rate_use.rate_findings import rate_findings  # noqa: PLC0415  without logs no engine is needed

        with _context(log_paths, no_cache=no_cache) as context:
            findings += (CardFinding(*found) for found in rate_findings(context, card))
    found = CardFindings(card.source, tuple(findings))
    report = find_report("pricing-check")
    output.write_report(report, found, target, lines=lambda: findings_lines(found))
    return ExitCode.LIMIT_BROKEN if strict and findings else ExitCode.OK


@pricing.command()
def suggest(
    paths: options.Paths = None,
    *,
    pricing: options.Pricing = None,
    update: Update = None,
    no_cache: options.NoCache = False,
) -> None:
    """Write TOML for every model of the logs that has no price.

    List prices are those of the package voice-prices where it is installed (the extra `prices`), and of this one. With
    --update they go into a card's file: a price that changed is added with its day, and none is overwritten.
    """
    from voicetel.analyzers.rate_use.rate_use import rate_uses  # noqa: PLC0415
    from voicetel.pricing import list_prices  # noqa: PLC0415
    from voicetel.pricing.price_lists import published  # noqa: PLC0415
    from voicetel.pricing.price_lists.catalog import has_catalog  # noqa: PLC0415

    card = logs.card_of(update or pricing)
    if card.currency != published.CURRENCY:
        raise UsageError(f"list prices are in {published.CURRENCY}, the card in {card.currency}")
    listed = list_prices()
    with _context(logs.log_paths(paths), no_cache=no_cache) as context:
        missing = [use for use in rate_uses(context, card) if use.unpriced]
    found = [
        (use, published.published_price(listed, use.stage, use.provider, use.model, use.last_day)) for use in missing
    ]
    if update is not None:
        known = [published.stanza(use.stage, use.provider, use.model, price) for use, price in found if price]
        _update(Path(update), card, listed, known)
        return
    stanzas = [published.stanza(use.stage, use.provider, use.model, price) for use, price in found]
    if not missing:
        stanzas = ["# Everything in the logs has a price."]
    elif not has_catalog():
        stanzas.insert(0, "# More list prices: pip install 'voicetel[prices]'")
    else:
        stanzas.insert(0, f"# {listed.source}")
    output.echo("\n\n".join(stanzas))


def _update(file: Path, card: RateCard, listed: RateCard, added: Sequence[str]) -> None:
    """Add what changed to a card's file, and say what that is. Tables that the card already has are left alone."""
    from voicetel.config_file import read_config  # noqa: PLC0415
    from voicetel.pricing import PricingError  # noqa: PLC0415
    from voicetel.pricing.price_lists.update import changes, updated  # noqa: PLC0415
    from voicetel.toml_document import path_text  # noqa: PLC0415

    source = str(file)
    text = read_config(file, source, error_type=PricingError)
    found = changes(card, listed, datetime.now(UTC).date())
    new = [stanza for stanza in added if stanza.splitlines()[0] not in text]
    if not found and not new:
        output.echo(f"{source}: nothing has changed ({listed.source})")
        return
    output.write([updated(text, found, new, source=source)], output.Target(output.Format.TABLE, file))
    for change in found:
        output.echo(f"{path_text(change.path)}: {_values(change.published.rates)} from {change.since} on")
    for stanza in new:
        output.echo(f"{stanza.splitlines()[0].strip('[]')}: added")


def _values(rates: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{key} = {value:f}" for key, value in rates.items())


@pricing.command()
@with_option_groups
def estimate(
    paths: options.Paths = None,
    *,
    assume: Assume = None,
    input_tokens: InputTokens = 4000,
    output_tokens: OutputTokens = 160,
    characters: Characters = 450,
    pricing: options.Pricing = None,
    output_options: OutputOptions,
    no_cache: options.NoCache = False,
) -> None:
    """Say what a minute costs, from the logs or from assumptions."""
    from voicetel.analyzers.cost.card_results import minute_cost  # noqa: PLC0415
    from voicetel.analyzers.cost.rate_notes import notes_on_rates, rate_notes  # noqa: PLC0415
    from voicetel.pricing.estimate import Minute, assumed_minute, assumed_rates  # noqa: PLC0415

    log_paths = () if assume else logs.log_paths(paths)
    card = logs.card_of(pricing)
    target = output_options.target()
    if assume:
        minute = Minute(input_tokens, output_tokens, characters)
        stack, today = split_values(assume, option="--assume"), datetime.now(UTC).date()
        lines, total = assumed_minute(stack, card, today, minute)
        doubtful = notes_on_rates(card, assumed_rates(stack, card, today))
        note = f"Assumed a minute: {input_tokens:,} tokens in, {output_tokens:,} out, {characters:,} characters spoken."
    else:
        from voicetel.analyzers.cost.cost_per_minute import cost_per_minute  # noqa: PLC0415

        with _context(log_paths, no_cache=no_cache) as context:
            lines, total, note = cost_per_minute(context, card)
            doubtful = rate_notes(context, card)
    output.write_report(find_report("pricing-estimate"), minute_cost(lines, total, card, note, doubtful), target)
