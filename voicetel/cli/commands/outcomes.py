"""``voicetel outcomes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import logs, options, output, words
from voicetel.cli.choices import parts

if TYPE_CHECKING:
    from voicetel.analyzers.explanation import Explanation

Explain = Annotated[
    str | None,
    typer.Option("--explain", metavar="CALL_ID", help="What every rule says of one call, and which decides."),
]


def outcomes(
    paths: options.Paths = None,
    *,
    explain: Explain = None,
    by: options.By = None,
    since: options.Since = None,
    until: options.Until = None,
    last: options.Last = None,
    agent: options.Agent = None,
    campaign: options.Campaign = None,
    language: options.Language = None,
    tz: options.Zone = "UTC",
    pricing: options.Pricing = None,
    rules_file: options.OutcomeRules = None,
    classify_with: options.ClassifyWith = None,
    model: options.Model = None,
    classify_below: options.ClassifyBelow = 0.0,
    max_llm_calls: options.MaxLlmCalls = None,
    max_llm_cost: options.MaxLlmCost = None,
    redact_pattern: options.RedactPatterns = None,
    format_name: options.FormatName = None,
    json: options.Json = False,
    output_file: options.OutputFile = None,
    no_cache: options.NoCache = False,
    strict: options.Strict = False,
) -> None:
    """Report how calls ended, or why one of them did.

    A model is asked only where --classify-with names one, about calls that the rules cannot tell.
    """
    from voicetel.analyzers.conversation import find_call  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.explanation import explanation  # noqa: PLC0415
    from voicetel.analyzers.outcomes import outcomes as how_calls_ended  # noqa: PLC0415
    from voicetel.analyzers.report import scope_of  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import csv_report, json_report  # noqa: PLC0415
    from voicetel.reporters import outcomes as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output.target(format_name, as_json=json, path=output_file, inputs=where)
    selection = options.Filters(since, until, last, agent, campaign, language, tz).selection(parts(by))
    card = load_card(pricing)
    rules = logs.rules_of(rules_file)
    asked_model = words.Model(
        classify_with, model, classify_below, max_llm_calls, max_llm_cost, redact_pattern, not no_cache
    )
    with (
        words.asked_of(model=asked_model, card=card) as asked,
        logs.opened(where, rules, no_cache=no_cache, strict=strict) as store,
    ):
        if not logs.has_calls(store):
            raise logs.no_calls(store, filtered=False)
        if explain is not None:
            output.write(_explained(explanation(store, rules, find_call(store, explain))), target)
            return
        scope = scope_of(store, rules, selection, asked)
        if not scope.parts:
            raise logs.no_calls(store, filtered=True)
        found = how_calls_ended(scope)
        groups = {key: found[part] for part, key in enumerate(scope.parts)} if selection.by else {}
        total, names = found[None], selection.by
        answer = output.Answer(
            document=lambda: report.outcomes_document(total, names, groups),
            json=lambda: [json_report.json_text(report.outcomes_report_json(total, names, groups))],
            csv=lambda: csv_report.grid_csv(report.outcomes_grid(total, names, groups)),
        )
        output.write(answer, target)


def _explained(chain: Explanation) -> output.Answer:
    from voicetel.reporters import csv_report, json_report  # noqa: PLC0415  --help does without the engine
    from voicetel.reporters import outcomes as report  # noqa: PLC0415

    return output.Answer(
        document=lambda: report.explanation_document(chain),
        json=lambda: [json_report.json_text(report.explanation_json(chain))],
        csv=lambda: csv_report.grid_csv(report.explanation_grid(chain)),
    )
