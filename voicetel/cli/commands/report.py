"""``voicetel report``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.choices import check_choice
from voicetel.cli import inputs, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import Filters, OutputOptions, ReadOptions, with_option_groups
from voicetel.config_file import SLO_FILE
from voicetel.errors import UsageError
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.selection import Selection
    from voicetel.gate.results import Limit
    from voicetel.gate.samples.sample import Sample
    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.redaction import Redactor

DEFAULT_FILE = "report.html"

Calls = Annotated[
    int, typer.Option("--calls", metavar="N", min=0, max=10_000, help="List so many calls, the slowest first.")
]
Waterfalls = Annotated[
    int,
    typer.Option(
        "--waterfalls",
        metavar="N",
        min=0,
        max=500,
        help="So many of them turn by turn: a third the slowest, a third the most expensive, a third not successful.",
    ),
]
Compare = Annotated[
    str | None,
    typer.Option("--compare", metavar="BASE", help="Say what changed since the calls of these earlier logs."),
]


@with_option_groups
def report(
    paths: options.Paths = None,
    *,
    by: options.By = None,
    calls: Calls = 10_000,
    waterfalls: Waterfalls = 60,
    compare: Compare = None,
    slo: options.PageLimits = None,
    with_text: options.WithText = False,
    redact: options.Redact = False,
    redact_pattern: options.RedactPatterns = None,
    lang: options.PageLanguage = "en",
    filters: Filters,
    pricing: options.Pricing = None,
    outcomes: options.OutcomeRules = None,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """Write a page about the calls: one HTML file to look at, to mail and to keep.

    It loads nothing and sends nothing. On a terminal it is written to report.html, in a pipe to stdout. What callers and
    agents said is in it only with --with-text. With --json it is the figures of the page.
    """
    from voicetel.analyzers.report.report import calls_report  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.request import Request  # noqa: PLC0415
    from voicetel.gate.page_limits import judge_for_page  # noqa: PLC0415
    from voicetel.gate.slo import bounds_on_response  # noqa: PLC0415
    from voicetel.reporters.html.options import PageOptions, judgeable_limits, slow_ms  # noqa: PLC0415
    from voicetel.reporters.html.report.page import report_page  # noqa: PLC0415

    language, log_paths = page_language(lang), logs.log_paths(paths)
    selection, limits = filters.selection(by), limits_of(slo)
    find_report("report").check_dimensions(selection.by)
    card, rules = logs.card_of(pricing), logs.rules_of(outcomes)
    redactor = redactor_of(redact, redact_pattern, with_text=with_text)
    inputs.protect_logs(compare)
    target = replace(_target(output_options), is_private=with_text)
    base = _base(compare, selection, card, rules, read_options)
    with logs.opened(log_paths, rules, no_cache=read_options.no_cache, strict=read_options.strict) as store:
        request = Request(store, selection, card, rules)
        is_json = target.format is output.Format.JSON
        # First, so that the sample, which has a number for every turn, is gone when the report is made.
        names = (compare or "", ", ".join(log_paths))
        judged = None if is_json else judge_for_page(request, judgeable_limits(limits), base, names=names)
        base = None
        found = calls_report(
            request,
            max_calls=calls,
            max_waterfalls=0 if is_json else waterfalls,
            slow_ms=slow_ms(limits),
            slow_thresholds=bounds_on_response(limits),
            with_text=with_text,
            redact=redactor,
        )
        if judged is None:
            output.write_report(find_report("report"), found, target)
            return
        checked, comparison = judged
        page = PageOptions(language, filters.zone, datetime.now(UTC), limits, comparison, with_text, checked=checked)
        output.write([report_page(found, page)], target)


def page_language(name: str) -> str:
    """The language of a page. Raises UsageError for one that it does not speak."""
    from voicetel.reporters.html.translator import LANGUAGES  # noqa: PLC0415  --help does without

    return check_choice(name, LANGUAGES, "language")


def limits_of(slo: str | None) -> tuple[Limit, ...]:
    """The limits of the file that is named, else of ./slo.toml where there is one."""
    from voicetel.gate.slo import load_slo  # noqa: PLC0415  --help does without the engine

    if slo is None and not Path(SLO_FILE).is_file():
        return ()
    inputs.protect_inputs(slo or SLO_FILE)
    return load_slo(Path(slo or SLO_FILE))


def _target(given: OutputOptions) -> output.Target:
    """HTML unless JSON was asked for; on a terminal into DEFAULT_FILE. Raises UsageError for another format."""
    file = None if given.output_file in {None, "-"} else given.output_file
    name, formats = given.format_name, (output.Format.HTML, output.Format.JSON)
    target = output.target(
        name, as_json=given.json, path=file, formats=formats, default=output.Format.HTML, what="this page"
    )
    if target.format is output.Format.HTML and target.is_terminal and given.output_file is None:
        return output.target(name, as_json=False, path=DEFAULT_FILE, formats=formats, default=output.Format.HTML)
    return target


def _base(path: str | None, selection: Selection, card: RateCard, rules: Rules, read: ReadOptions) -> Sample | None:
    """The earlier calls at ``path``, of the same agents, campaigns and languages; a period of the new ones is not theirs."""
    if path is None:
        return None
    from voicetel.analyzers.core.no_calls import no_calls_error  # noqa: PLC0415  --help does without the engine
    from voicetel.gate.samples.take import sample  # noqa: PLC0415

    wanted = replace(selection, by=(), since=None, until=None)
    with logs.opened((path,), rules, no_cache=read.no_cache, strict=read.strict) as store:
        found = sample(store, card, wanted)
        if not len(found):
            raise no_calls_error(store, wanted)
        return found


def redactor_of(redact: bool, patterns: Sequence[str] | None, *, with_text: bool) -> Redactor | None:
    """What transcripts go through. Raises UsageError where there are none."""
    from voicetel.redaction import Redactor  # noqa: PLC0415  --help does without

    if not redact and not patterns:
        return None
    if not with_text:
        raise UsageError("--redact is about what was said, and without --with-text none of it is on the page")
    return Redactor(patterns or ())
