"""``voicetel check``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from voicetel.cli import ci, diagnostics, inputs, logs, output, samples
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import (
    EngineOptions,
    Filters,
    OutputOptions,
    ReadOptions,
    SentimentOptions,
    with_option_groups,
)
from voicetel.config_file import SLO_FILE
from voicetel.errors import ExitCode
from voicetel.registry import find_report

Limits = Annotated[str, typer.Option("--slo", metavar="FILE", help="The limits.")]
Init = Annotated[
    bool, typer.Option("--init", help="Write a first slo.toml from the figures of these logs, to stdout or -o.")
]


@with_option_groups
def check(
    paths: options.Paths = None,
    *,
    slo: Limits = SLO_FILE,
    init: Init = False,
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
    """Check the figures against the limits of slo.toml; exit with 3 if one is broken.

    Exit with 4 if a limit could not be judged for want of calls.
    """
    from voicetel.gate.check import check_limits, measures_and_dimensions  # noqa: PLC0415  --help does without the engine
    from voicetel.gate.slo import load_slo  # noqa: PLC0415
    from voicetel.gate.slo_template import slo_template  # noqa: PLC0415
    from voicetel.reporters.ci.github import check_annotations  # noqa: PLC0415
    from voicetel.reporters.ci.junit import check_junit  # noqa: PLC0415
    from voicetel.reporters.layouts.gate.check import check_document  # noqa: PLC0415

    limits = () if init else load_slo(Path(slo))
    inputs.protect_inputs(None if init else slo)
    log_paths = logs.log_paths(paths)
    selection = filters.selection()
    card, rules = logs.card_of(pricing), logs.rules_of(outcomes)
    target, junit_target = output_options.target(), ci.junit_target(junit)
    measures, dimensions = measures_and_dimensions(limits)
    asked = samples.SampleOptions(selection, card, rules, dimensions, measures, read_options, sentiment_options)
    with samples.sampling(engine_options) as start_engine, samples.sample_of(log_paths, asked, start_engine) as taken:
        if init:
            output.write([slo_template(taken.sample)], target)
            for sentence in taken.sample.rate_notes:
                diagnostics.warn(sentence)
            return ExitCode.OK
        result = replace(check_limits(taken.sample, limits, paths=log_paths, source=slo), warnings=taken.warnings)
        output.write_report(find_report("check"), result, target)
        if junit_target is not None:
            output.write([check_junit(result, datetime.now(UTC))], junit_target)
        if github:
            ci.notify_github(check_annotations(result), check_document(result))
    return result.exit_code
