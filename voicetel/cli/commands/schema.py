"""``voicetel schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from voicetel.cli import output
from voicetel.cli.options import declared as options
from voicetel.cli.options.choices import chosen

NAMES = (
    "events",
    "analyze",
    "calls",
    "call",
    "cost",
    "cost-compare",
    "interruptions",
    "outcomes",
    "outcomes-explain",
    "check",
    "compare",
    "validate",
    "export",
    "pricing-show",
    "pricing-check",
    "pricing-estimate",
    "simulate",
    "config",
)


def schema(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=f"One of {', '.join(NAMES)}.")] = "events",
    output_file: options.OutputFile = None,
) -> None:
    """Print the JSON Schema of log lines or of an answer.

    An answer is what a command writes with --json.
    """
    from voicetel.events.json_schema import event_schema  # noqa: PLC0415  --help does without
    from voicetel.reporters import call_schemas, gate_schemas, pricing_schemas, schemas  # noqa: PLC0415
    from voicetel.reporters.json_report import json_text  # noqa: PLC0415

    made = {
        "events": event_schema,
        "analyze": schemas.analysis_schema,
        "calls": call_schemas.calls_schema,
        "call": call_schemas.conversation_schema,
        "cost": pricing_schemas.cost_schema,
        "cost-compare": pricing_schemas.cost_comparison_schema,
        "interruptions": schemas.interruptions_schema,
        "outcomes": schemas.outcomes_schema,
        "outcomes-explain": schemas.explanation_schema,
        "check": gate_schemas.check_schema,
        "compare": gate_schemas.compare_schema,
        "validate": schemas.validation_schema,
        "export": schemas.export_schema,
        "pricing-show": pricing_schemas.rates_schema,
        "pricing-check": pricing_schemas.findings_schema,
        "pricing-estimate": pricing_schemas.estimate_schema,
        "simulate": schemas.simulation_schema,
        "config": schemas.settings_schema,
    }
    document = made[chosen(name, NAMES, "schema")]()
    output.deliver([json_text(document)], output.target("json", as_json=False, path=output_file))
