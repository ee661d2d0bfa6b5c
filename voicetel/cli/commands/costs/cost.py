"""``voicetel cost``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.choices import split_values
from voicetel.cli import ci, cluster, diagnostics, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import EngineOptions, Filters, OutputOptions, ReadOptions, with_option_groups
from voicetel.errors import ExitCode, UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare", metavar="FILE", help="A second rate card, or `list`: what the same use would cost by it."
    ),
]

Swap = Annotated[
    list[str] | None,
    typer.Option(
        "--swap", metavar="STAGE=PROVIDER/MODEL", help="What the same use would cost with another model; repeatable."
    ),
]

BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="AMOUNT/PERIOD", help="Spend against a budget, such as 500/month; exit 3 if it is over."
    ),
]


@with_option_groups
def cost(
    paths: options.Paths = None,
    *,
    by: options.CostBy = None,
    filters: Filters,
    pricing: options.Pricing = None,
    compare: Compare = None,
    swap: Swap = None,
    budget: BudgetOption = None,
    junit: ci.JUnit = None,
    outcomes: options.OutcomeRules = None,
    output_options: OutputOptions,
    read_options: ReadOptions,
    engine_options: EngineOptions,
) -> int:
    """Show what the calls cost, by component, provider, model, day or agent_name.

    The lines add up to the total, to the last digit.
    """
    from voicetel.analyzers.cost.bill import compare_cards  # noqa: PLC0415
    from voicetel.analyzers.request import Request  # noqa: PLC0415  --help does without the engine

    if junit is not None and budget is None:
        raise UsageError("--junit is for --budget: nothing else here can fail", hint="add --budget AMOUNT/PERIOD")
    question = _question(budget, compare, swap)
    if budget is not None and by:
        raise UsageError("--budget has no lines that --by could divide", hint="leave one of them out")
    log_paths = logs.log_paths(paths)
    selection = filters.selection(by)
    find_report("cost").check_dimensions(selection.by)
    card = logs.card_of(pricing)
    other = _other_card(card, compare, swap)
    rules = logs.rules_of(outcomes)
    target, junit_target = output_options.target(), ci.junit_target(junit)
    if cluster.is_asked_for(engine_options):
        if question:
            cluster.refuse(question)
        report = find_report("cost")
        cluster_request = cluster.ClusterRequest(log_paths, selection, card, rules, {}, strict=read_options.strict)
        with cluster.answered(report, engine_options, cluster_request) as result:
            output.write_report(report, result, target)
        return ExitCode.OK
    with logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        request = Request(store, selection, card, rules)
        if budget is not None:
            return _budget(request, budget, target, junit_target, filters)
        if other:
            output.write_report(find_report("cost-compare"), compare_cards(request, other), target)
        else:
            report = find_report("cost")
            output.write_report(report, report.ask(request), target)
    return ExitCode.OK


def _question(budget: str | None, compare: str | None, swap: Sequence[str] | None) -> str | None:
    """The option that asks something other than what the calls cost; None where none does. Raises UsageError for two."""
    given = {"--budget": budget is not None, "--compare": compare is not None, "--swap": bool(swap)}
    asked = [name for name, is_given in given.items() if is_given]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} ask two questions", hint="leave one of them out")
    return asked[0] if asked else None


def _budget(
    request: Request, text: str, target: output.Target, junit_target: output.Target | None, filters: Filters
) -> ExitCode:
    from voicetel.gate.budget import budget_spent, parse_budget  # noqa: PLC0415  see cost
    from voicetel.reporters.ci.spending_junit import budget_junit  # noqa: PLC0415

    now = datetime.now(UTC)
    found = budget_spent(request, parse_budget(text), now)
    output.write_report(find_report("cost-budget"), found, target, filters.zone)
    if junit_target is not None:
        output.write([budget_junit(found, now)], junit_target)
    return ExitCode.LIMIT_BROKEN if found.is_over else ExitCode.OK


def _other_card(card: RateCard, compare: str | None, swap: Sequence[str] | None) -> RateCard | None:
    """The card that is asked about beside the first; None where none is."""
    from voicetel.pricing import list_prices  # noqa: PLC0415  see cost
    from voicetel.pricing.swap import swapped_card  # noqa: PLC0415

    if swap:
        diagnostics.note(
            "The same tokens, characters and seconds are priced; another model's tokeniser may count others."
        )
        return swapped_card(card, list_prices(), split_values(swap))
    return None if compare is None else _comparable(logs.card_of(compare), card)


def _comparable(other: RateCard, card: RateCard) -> RateCard:
    """``other``, if its amounts can be held against those of ``card``."""
    if other.currency != card.currency:
        raise UsageError(
            f"{card.source} is in {card.currency}, {other.source} in {other.currency}",
            hint="amounts are never converted",
        )
    return other
