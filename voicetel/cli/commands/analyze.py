"""``voicetel analyze``."""

from __future__ import annotations

from voicetel.cli import logs, output, transcript
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import (
    Filters,
    LlmOptions,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)


@with_option_groups
def analyze(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    sentiment_options: SentimentOptions,
    llm_options: LlmOptions,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """Report latency, cost, interruptions and outcomes.

    Names the slowest and the dearest calls, and what does not count.
    """
    from voicetel.analyzers.core.selection import ALL_CALLS  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.overview import analyze as overview  # noqa: PLC0415  --help does without the engine
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import analysis  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    selection = filters.selection(by)
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    with (
        transcript.asked_of(
            sentiment_options=sentiment_options, llm_options=llm_options, card=card, keep=not read_options.no_cache
        ) as asked,
        logs.opened(where, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store,
    ):
        result = overview.analyze(store, card, selection, asked)
        if not result.total.calls:
            raise logs.no_calls(store, filtered=selection != ALL_CALLS)
        answer = output.Answer(
            document=lambda: analysis.analysis_document(result, filters.zone),
            json=lambda: [json_report.json_text(json_report.analysis_json(result))],
            csv=lambda: csv_rows.analysis_csv(result),
        )
        output.write(answer, target)
