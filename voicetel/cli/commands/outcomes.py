"""``voicetel outcomes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import logs, output, transcript
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import Filters, LlmOptions, OutputOptions, ReadOptions, with_option_groups

if TYPE_CHECKING:
    from voicetel.analyzers.outcomes.explanation import Explanation

Explain = Annotated[
    str | None,
    typer.Option("--explain", metavar="CALL_ID", help="What every rule says of one call, and which decides."),
]


@with_option_groups
def outcomes(
    paths: options.Paths = None,
    *,
    explain: Explain = None,
    by: options.By = None,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    llm_options: LlmOptions,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """Report how calls ended, or why one of them did.

    A model is asked only where --classify-with names one, about calls that the rules cannot tell.
    """
    from voicetel.analyzers.conversation.conversation import find_call  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.outcomes.explanation import explanation  # noqa: PLC0415
    from voicetel.analyzers.outcomes.outcomes import outcomes as how_calls_ended  # noqa: PLC0415
    from voicetel.analyzers.prepare import analysis_context  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import outcomes as report  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    selection = filters.selection(by)
    card = load_card(pricing)
    rules = logs.rules_of(outcomes)
    with (
        transcript.asked_of(llm_options=llm_options, card=card, keep=not read_options.no_cache) as asked,
        logs.opened(where, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store,
    ):
        if not logs.has_calls(store):
            raise logs.no_calls(store, filtered=False)
        if explain is not None:
            output.write(_explained(explanation(store, rules, find_call(store, explain))), target)
            return
        context = analysis_context(store, selection, asked)
        if not context.parts:
            raise logs.no_calls(store, filtered=True)
        found = how_calls_ended(context)
        groups = {key: found[part] for part, key in enumerate(context.parts)} if selection.by else {}
        total, names = found[None], selection.by
        answer = output.Answer(
            document=lambda: report.outcomes_document(total, names, groups),
            json=lambda: [json_report.json_text(report.outcomes_report_json(total, names, groups))],
            csv=lambda: csv_rows.table_csv(report.outcomes_table(total, names, groups)),
        )
        output.write(answer, target)


def _explained(chain: Explanation) -> output.Answer:
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import outcomes as report  # noqa: PLC0415

    return output.Answer(
        document=lambda: report.explanation_document(chain),
        json=lambda: [json_report.json_text(report.explanation_json(chain))],
        csv=lambda: csv_rows.table_csv(report.explanation_table(chain)),
    )
