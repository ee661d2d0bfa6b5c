"""``voicetel validate``."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from voicetel.cli import logs, output
from voicetel.cli.options import declared as options
from voicetel.cli.options.groups import OutputOptions, ReadOptions, with_option_groups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store import Refusal
    from voicetel.store.problems import Problem


@with_option_groups
def validate(
    paths: options.Paths = None,
    *,
    output_options: OutputOptions,
    read_options: ReadOptions,
) -> None:
    """List the lines that do not count: file, line, byte, why.

    And the values of other lines that are read as unknown: of the wrong type, out of bounds, no known word.
    """
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import validation  # noqa: PLC0415  --help does without the engine
    from voicetel.store.problems import problems  # noqa: PLC0415

    where = logs.log_paths(paths)
    target = output_options.target(where)
    with logs.opened(where, logs.rules_of(None), no_cache=read_options.no_cache, strict=read_options.strict) as store:
        counts = store.counts()
        if not any(counts) and not logs.has_calls(store):
            raise logs.no_calls(store, filtered=False)

        def findings() -> Iterator[Refusal | Problem]:
            return itertools.chain(store.refusals(), problems(store))

        answer = output.Answer(
            document=lambda: validation.findings_document(findings()),
            json=lambda: [json_report.json_text(validation.validation_json(where, counts, findings()))],
            csv=lambda: csv_rows.rows_csv(validation.COLUMNS, map(validation.finding_row, findings())),
            lines=lambda: itertools.chain(validation.finding_lines(findings()), [validation.summary(counts)]),
        )
        output.write(answer, target)
