"""``voicetel cost``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.choices import parts
from voicetel.cli.options.groups import Filters, OutputOptions, ReadOptions, with_option_groups
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from voicetel.analyzers.cost.results import CostTable
    from voicetel.pricing import RateCard

DEFAULT_BY = ("component", "provider", "model")
COMPARED_BY = ("component",)

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare", metavar="FILE", help="A second rate card, or `list`: what the same use would cost by it."
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
    outcomes: options.OutcomeRules = None,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """Write the bill by component, provider, model, day, agent.

    The lines add up to the total, to the last digit.
    """
    from voicetel.analyzers.cost.cost import cost_table, price_usage  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415
    from voicetel.events.fields import QUANTITIES  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import cost as bill  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    selection = filters.selection()
    card = load_card(pricing)
    other = None if compare is None else _comparable(load_card(compare), card)
    rules = logs.rules_of(outcomes)
    with logs.opened(where, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        context = analysis_context(store, selection)
        if not context.parts:
            raise logs.no_calls(store, filtered=True)
        price_usage(context, card)
        table = cost_table(context, card, parts(by) or (COMPARED_BY if other else DEFAULT_BY))
        if other:
            price_usage(context, other)
            output.write(_comparison(table, cost_table(context, other, table.by)), target)
            return
        names = [quantity.name for quantity in QUANTITIES]
        answer = output.Answer(
            document=lambda: bill.cost_document(table),
            json=lambda: [json_report.json_text(json_report.cost_table_json(table))],
            csv=lambda: csv_rows.table_csv(bill.cost_table(table, names)),
        )
        output.write(answer, target)


def _comparable(other: RateCard, card: RateCard) -> RateCard:
    """``other``, if its amounts can be held against those of ``card``."""
    if other.currency != card.currency:
        raise UsageError(
            f"{card.source} is in {card.currency}, {other.source} in {other.currency}",
            hint="amounts are never converted",
        )
    return other


def _comparison(table: CostTable, other: CostTable) -> output.Answer:
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import cost_comparison  # noqa: PLC0415  see cost

    return output.Answer(
        document=lambda: cost_comparison.comparison_document(table, other),
        json=lambda: [json_report.json_text(cost_comparison.comparison_json(table, other))],
        csv=lambda: csv_rows.table_csv(cost_comparison.comparison_table(table, other)),
    )
