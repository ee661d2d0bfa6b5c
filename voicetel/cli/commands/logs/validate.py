"""``voicetel validate``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voicetel.cli import cluster, logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import EngineOptions, OutputOptions, ReadOptions, with_option_groups
from voicetel.registry import find_report
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator


@with_option_groups
def validate(
    paths: options.Paths = None,
    *,
    output_options: OutputOptions,
    read_options: ReadOptions,
    engine_options: EngineOptions,
) -> None:
    """List the lines that are rejected: file, line, byte, why.

    And the values of other lines that are read as unknown: of the wrong type, out of bounds, no known word; and fields that the
    format does not have and that look like some that it has.
    """
    from voicetel.analyzers.core.no_calls import require_lines  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.validation.validation import validation, validation_findings, validation_from_counts  # noqa: PLC0415
    from voicetel.reporters.layouts.validation import finding_line, summary  # noqa: PLC0415

    log_paths = logs.log_paths(paths)
    target = output_options.target()
    if cluster.is_asked_for(engine_options):
        _validate_on_cluster(engine_options, log_paths, target, strict=read_options.strict)
        return
    with logs.opened(
        log_paths, logs.rules_of(None), no_cache=read_options.no_cache, strict=read_options.strict
    ) as store:
        require_lines(store)
        if target.format is not output.Format.TABLE:
            output.write_report(find_report("validate"), validation(store), target)
            return
        verdicts = Counter[str]()

        def lines() -> Iterator[str]:
            for finding in validation_findings(store):
                verdicts[finding.verdict] += 1
                yield finding_line(finding)
            found = validation_from_counts(store, verdicts)
            yield from map(visible, found.notes)
            yield summary(found)

        output.write((f"{line}\n" for line in lines()), target)


def _validate_on_cluster(
    options: EngineOptions, paths: tuple[str, ...], target: output.Target, *, strict: bool
) -> None:
    from voicetel.analyzers.core.selection import ALL_CALLS  # noqa: PLC0415  --help does without the engine
    from voicetel.reporters.layouts.validation import finding_line, summary  # noqa: PLC0415

    report = find_report("validate")
    request = cluster.ClusterRequest(paths, ALL_CALLS, None, logs.rules_of(None), {}, strict=strict)
    with cluster.answered(report, options, request) as found:
        if target.format is not output.Format.TABLE:
            output.write_report(report, found, target)
            return
        lines = (*map(finding_line, found.findings), *map(visible, found.notes), summary(found))
        output.write((f"{line}\n" for line in lines), target)
