"""``voicetel analyze``."""

from __future__ import annotations

from voicetel.cli import logs, options, output, words
from voicetel.cli.choices import parts


def analyze(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    since: options.Since = None,
    until: options.Until = None,
    last: options.Last = None,
    agent: options.Agent = None,
    campaign: options.Campaign = None,
    language: options.Language = None,
    tz: options.Zone = "UTC",
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    sentiment: options.Sentiment = False,
    scorer: options.ScorerName = None,
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
    """Report latency, cost, interruptions and outcomes.

    Names the slowest and the dearest calls, and what does not count.
    """
    from voicetel.analyzers import report  # noqa: PLC0415  --help does without the engine
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import analysis, csv_report, json_report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output.target(format_name, as_json=json, path=output_file, inputs=where)
    filters = options.Filters(since, until, last, agent, campaign, language, tz)
    selection = filters.selection(parts(by))
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    asked_model = words.Model(
        classify_with, model, classify_below, max_llm_calls, max_llm_cost, redact_pattern, not no_cache
    )
    with (
        words.asked_of(sentiment=sentiment, scorer=scorer, model=asked_model, card=card) as asked,
        logs.opened(where, rules, no_cache=no_cache, strict=strict) as store,
    ):
        result = report.analyze(store, card, rules, selection, asked)
        if not result.total.calls:
            raise logs.no_calls(store, filtered=selection != report.ALL_CALLS)
        answer = output.Answer(
            document=lambda: analysis.analysis_document(result, filters.zone),
            json=lambda: [json_report.json_text(json_report.analysis_json(result))],
            csv=lambda: csv_report.analysis_csv(result),
        )
        output.write(answer, target)
