"""``voicetel schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.choices import check_choice
from voicetel.cli import completion, output
from voicetel.cli.options import declared as options
from voicetel.registry import find_report
from voicetel.registry.reports import SCHEMA_NAMES

EVENTS = "events"


def schema(
    name: Annotated[
        str,
        typer.Argument(metavar="[NAME]", help=f"One of {', '.join(SCHEMA_NAMES)}.", autocompletion=completion.schemas),
    ] = EVENTS,
    output_file: options.OutputFile = None,
) -> None:
    """Print the JSON Schema of log lines or of an answer.

    An answer is what a command writes with --json.
    """
    from voicetel.events.json_schema import event_schema  # noqa: PLC0415  --help does without
    from voicetel.reporters.json_text import json_text  # noqa: PLC0415

    found = event_schema() if check_choice(name, SCHEMA_NAMES, "schema") == EVENTS else find_report(name).schema()
    output.write([json_text(found)], output.target("json", as_json=False, path=output_file))
