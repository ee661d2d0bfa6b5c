"""``voicetel validate``."""

from __future__ import annotations

import itertools

from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import OutputOptions, ReadOptions, with_option_groups
from voicetel.registry import find_report
from voicetel.text_safety import visible


@with_option_groups
def validate(
    paths: options.Paths = None,
    *,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """List the lines that are rejected: file, line, byte, why.

    And the values of other lines that are read as unknown: of the wrong type, out of bounds, no known word.
    """
    from voicetel.analyzers.core.no_calls import has_calls, no_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.analyzers.validation.contradictions import contradictions  # noqa: PLC0415
    from voicetel.analyzers.validation.validation import validation, validation_findings  # noqa: PLC0415
    from voicetel.reporters.layouts.validation import finding_lines, summary  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target()
    with logs.opened(where, logs.rules_of(None), no_cache=read_options.no_cache, strict=read_options.strict) as store:
        counts = store.counts()
        if not any(counts) and not has_calls(store):
            raise no_calls(store)
        if target.format is output.Format.TABLE:
            lines = itertools.chain(
                finding_lines(validation_findings(store)), [*map(visible, contradictions(store)), summary(counts)]
            )
            output.write((f"{line}\n" for line in lines), target)
        else:
            output.write_report(find_report("validate"), validation(store), target)
