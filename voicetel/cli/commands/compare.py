"""``voicetel compare``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import ci, completion, inputs, logs, output, samples
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import (
    EngineOptions,
    Filters,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)
from voicetel.cli.terminal.progress import StepProgress
from voicetel.errors import ExitCode, UsageError
from voicetel.registry import find_report
from voicetel.service import times

if TYPE_CHECKING:
    from voicetel.gate.metric import Measure
    from voicetel.gate.results import Comparison
    from voicetel.gate.split import Split

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="BASE NEW", help="Two logs; with --split or --split-at, any number that is split in two."),
]
SplitBy = Annotated[
    str | None,
    typer.Option("--split", metavar="NAME=A:B", help="Calls of A against calls of B: agent_version=1.8.1:1.8.2."),
]
SplitAt = Annotated[
    str | None,
    typer.Option("--split-at", metavar="TIME", help="Calls that started before this time against later ones."),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="NAME",
        help='Only this metric, or "NAME STATISTIC"; repeat for several.',
        autocompletion=completion.metrics,
    ),
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on", metavar="CHANGE", help='Exit with 3 if a change is surely past this: "eou_latency_ms p95 +10%".'
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap: the same seed gives the same intervals.")]


@with_option_groups
def compare(
    paths: Paths = None,
    *,
    split: SplitBy = None,
    split_at: SplitAt = None,
    metric: Metrics = None,
    fail_on: FailOn = None,
    seed: Seed = 0,
    junit: ci.JUnit = None,
    github: ci.GitHub = False,
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    sentiment_options: SentimentOptions,
    output_options: OutputOptions,
    read_options: ReadOptions,
    engine_options: EngineOptions,
) -> ExitCode:
    """Compare two releases: which figures differ beyond chance.

    Without --fail-on it exits with 0, whatever it finds.
    """
    from voicetel.gate.compare import compare as compared  # noqa: PLC0415  --help does without the engine
    from voicetel.gate.expectations import parse_fail_on  # noqa: PLC0415

    limits = [parse_fail_on(text) for text in fail_on or ()]
    measures = _measures(metric)
    wanted = _split(split, split_at, filters)
    sources = _sources(paths, wanted)
    selection, card, rules = filters.selection(), logs.card_of(pricing), logs.rules_of(outcomes)
    target, junit_target = output_options.target(), ci.junit_target(junit)
    dimensions = wanted.dimensions if wanted else ()
    all_measures = [*measures, *(each.measure for each in limits)]
    asked = samples.SampleOptions(selection, card, rules, dimensions, all_measures, read_options, sentiment_options)
    taken = []
    with logs.refusals_last() as put_off:
        with samples.sampling(engine_options) as start_engine:
            for source in sources:
                with put_off(), samples.sample_of(source, asked, start_engine) as each:
                    taken.append(each)
        warnings = [warning for each in taken for warning in each.warnings]
        if wanted:
            halves = wanted.of(taken[0].sample)
            names, base, new = halves.names, halves.base, halves.new
        else:
            names, (base, new) = (sources[0][0], sources[1][0]), [each.sample for each in taken]
        with StepProgress("Comparing"):
            result = replace(compared(base, new, measures, limits, names=names, seed=seed), warnings=tuple(warnings))
        _write(result, target, junit_target, github=github)
    return result.exit_code


def _write(result: Comparison, target: output.Target, junit_target: output.Target | None, *, github: bool) -> None:
    from voicetel.reporters.ci.github import compare_annotations  # noqa: PLC0415
    from voicetel.reporters.ci.junit import compare_junit  # noqa: PLC0415
    from voicetel.reporters.layouts.gate.comparison import compare_document  # noqa: PLC0415

    output.write_report(find_report("compare"), result, target)
    if junit_target is not None:
        output.write([compare_junit(result, datetime.now(UTC))], junit_target)
    if github:
        ci.notify_github(compare_annotations(result), compare_document(result))


def _split(by: str | None, at: str | None, filters: Filters) -> Split | None:
    from voicetel.gate.split import parse_split, split_at  # noqa: PLC0415  see compare

    if by is not None and at is not None:
        raise UsageError("--split and --split-at both say what is compared", hint="give one of them")
    if by is not None:
        return parse_split(by)
    return split_at(times.moment("--split-at", at, filters.zone), at) if at is not None else None


def _sources(paths: list[str] | None, halves: Split | None) -> list[tuple[str, ...]]:
    """What is read, one store each."""
    if halves:
        return [logs.log_paths(paths)]
    if len(paths or ()) != 2:
        hint = "or split one set of logs with --split agent_version=1.8.1:1.8.2 or --split-at 2026-11-04"
        raise UsageError("name two logs, BASE and NEW", hint=hint)
    inputs.protect_logs(*paths or ())
    return [(path,) for path in paths or ()]


def _measures(names: list[str] | None) -> list[Measure]:
    from voicetel.gate.compare import measures_named  # noqa: PLC0415  see compare

    return measures_named(names or ())
