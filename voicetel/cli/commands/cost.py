"""``voicetel cost``."""

from __future__ import annotations

from voicetel.cli import logs, options, output
from voicetel.cli.choices import parts

DEFAULT_BY = ("component", "provider", "model")


def cost(
    paths: options.Paths = None,
    *,
    by: options.CostBy = None,
    since: options.Since = None,
    until: options.Until = None,
    last: options.Last = None,
    agent: options.Agent = None,
    campaign: options.Campaign = None,
    language: options.Language = None,
    tz: options.Zone = "UTC",
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    format_name: options.FormatName = None,
    json: options.Json = False,
    output_file: options.OutputFile = None,
    no_cache: options.NoCache = False,
    strict: options.Strict = False,
) -> None:
    """Write the bill by component, provider, model, day, agent.

    The lines add up to the total, to the last digit.
    """
    from voicetel.analyzers.cost import cost_table, price_usage  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.report import scope_of  # noqa: PLC0415
    from voicetel.events.fields import QUANTITIES  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import cost as bill  # noqa: PLC0415
    from voicetel.reporters import csv_report, json_report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output.target(format_name, as_json=json, path=output_file, inputs=where)
    selection = options.Filters(since, until, last, agent, campaign, language, tz).selection()
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    with logs.opened(where, rules, no_cache=no_cache, strict=strict) as store:
        scope = scope_of(store, rules, selection)
        if not scope.parts:
            raise logs.no_calls(store, filtered=True)
        price_usage(scope, card)
        table = cost_table(scope, card, parts(by) or DEFAULT_BY)
        names = [quantity.name for quantity in QUANTITIES]
        answer = output.Answer(
            document=lambda: bill.cost_document(table),
            json=lambda: [json_report.json_text(json_report.cost_table_json(table))],
            csv=lambda: csv_report.grid_csv(bill.cost_grid(table, names)),
        )
        output.write(answer, target)
