"""``voicetel outcomes``."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import cluster, completion, inputs, logs, output, transcript
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import (
    EngineOptions,
    Filters,
    LlmOptions,
    OutputOptions,
    ReadOptions,
    with_option_groups,
)
from voicetel.errors import NoDataError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Sequence

Explain = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="CALL_ID",
        help="What every rule says of one call, and which decides.",
        autocompletion=completion.call_ids,
    ),
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
    engine_options: EngineOptions,
) -> None:
    """Report how calls ended, or why one of them did.

    A model is asked only where --classify-with names one, about calls that the rules cannot tell.
    """
    from voicetel.analyzers.core.no_calls import require_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.request import Request  # noqa: PLC0415

    log_paths = logs.log_paths(paths)
    _check_for_calls(log_paths)
    selection = filters.selection(by)
    find_report("outcomes").check_dimensions(selection.by)
    card = logs.card_of(pricing)
    rules = logs.rules_of(outcomes)
    target = output_options.target()
    if cluster.is_asked_for(engine_options):
        cluster.check_transcript(llm=llm_options)
        if explain is not None:
            cluster.refuse("--explain")
        report = find_report("outcomes")
        request = cluster.ClusterRequest(log_paths, selection, card, rules, {}, strict=read_options.strict)
        with cluster.answered(report, engine_options, request) as result:
            output.write_report(report, result, target)
        return
    with (
        transcript.options(llm=llm_options, card=card, keep=not read_options.no_cache) as transcript_options,
        logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store,
    ):
        require_calls(store)
        if explain is not None:
            from voicetel.analyzers.conversation.conversation import find_call  # noqa: PLC0415  it reads transcripts
            from voicetel.analyzers.outcomes.explanation import explanation  # noqa: PLC0415

            found = explanation(store, rules, find_call(store, explain, names_logs=True))
            output.write_report(find_report("outcomes-explain"), found, target)
        else:
            report = find_report("outcomes")
            output.write_report(report, report.ask(Request(store, selection, card, rules, transcript_options)), target)


def _check_for_calls(log_paths: Sequence[str]) -> None:
    """Raise NoDataError for a path that is not there and may be the id of a call, with how to ask about a call."""
    for path in log_paths:
        if path == inputs.STDIN or "/" in path or os.path.lexists(path):
            continue
        others = [each for each in log_paths if each != path]
        command = shlex.join(["voicetel", "outcomes", *others, "--explain", path])
        raise NoDataError(f"{path}: no such file or directory", hint=f"name your logs; if it is a call: `{command}`")
