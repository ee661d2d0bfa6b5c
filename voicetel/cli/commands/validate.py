"""``voicetel validate``."""

from __future__ import annotations

import itertools

from voicetel.cli import logs, options, output


def validate(
    paths: options.Paths = None,
    *,
    format_name: options.FormatName = None,
    json: options.Json = False,
    output_file: options.OutputFile = None,
    no_cache: options.NoCache = False,
    strict: options.Strict = False,
) -> None:
    """List the lines that do not count: file, line, byte, why."""
    from voicetel.reporters import csv_report, json_report, validation  # noqa: PLC0415  --help does without the engine

    where = logs.log_paths(paths)
    target = output.target(format_name, as_json=json, path=output_file, inputs=where)
    with logs.opened(where, logs.rules_of(None), no_cache=no_cache, strict=strict) as store:
        counts = store.counts()
        if not any(counts) and not logs.has_calls(store):
            raise logs.no_calls(store, filtered=False)
        answer = output.Answer(
            document=lambda: validation.findings_document(store.refusals()),
            json=lambda: [json_report.json_text(validation.validation_json(where, counts, store.refusals()))],
            csv=lambda: csv_report.rows_csv(validation.COLUMNS, map(validation.finding_row, store.refusals())),
            lines=lambda: itertools.chain(validation.finding_lines(store.refusals()), [validation.summary(counts)]),
        )
        output.write(answer, target)
