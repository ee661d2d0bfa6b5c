"""``voicetel analyze``."""

from __future__ import annotations

from voicetel.cli import logs, options, output, words
from voicetel.cli.option_groups import Asking, Filters, Form, Reading, Scoring, with_groups


@with_groups
def analyze(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    scoring: Scoring,
    asking: Asking,
    form: Form,
    reading: Reading,
) -> None:
    """Report latency, cost, interruptions and outcomes.

    Names the slowest and the dearest calls, and what does not count.
    """
    from voicetel.analyzers.core.selection import ALL_CALLS  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.overview import analyze as overview  # noqa: PLC0415  --help does without the engine
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import analysis, csv_report, json_report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = form.target(where)
    selection = filters.selection(by)
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    with (
        words.asked_of(scoring=scoring, asking=asking, card=card, keep=not reading.no_cache) as asked,
        logs.opened(where, rules, no_cache=reading.no_cache, strict=reading.strict) as store,
    ):
        result = overview.analyze(store, card, selection, asked)
        if not result.total.calls:
            raise logs.no_calls(store, filtered=selection != ALL_CALLS)
        answer = output.Answer(
            document=lambda: analysis.analysis_document(result, filters.zone),
            json=lambda: [json_report.json_text(json_report.analysis_json(result))],
            csv=lambda: csv_report.analysis_csv(result),
        )
        output.write(answer, target)
