"""``voicetel config``."""

from __future__ import annotations

from voicetel.cli import output
from voicetel.cli.options.groups import OutputOptions, with_option_groups


@with_option_groups
def config(*, output_options: OutputOptions) -> None:
    """Print each setting and where it comes from.

    An option beats the environment, the environment beats [tool.voicetel] in pyproject.toml or voicetel.toml.
    """
    from voicetel.cli.settings import settings  # noqa: PLC0415  --help does without
    from voicetel.reporters import csv_rows, json_report  # noqa: PLC0415
    from voicetel.reporters.layouts import settings as report  # noqa: PLC0415

    target = output_options.target()
    rows = [(each.key.name, each.value, each.source) for each in settings()]
    answer = output.Answer(
        document=lambda: report.settings_document(rows),
        json=lambda: [json_report.json_text(report.settings_json(rows))],
        csv=lambda: csv_rows.table_csv(report.settings_table(rows)),
    )
    output.write(answer, target)
