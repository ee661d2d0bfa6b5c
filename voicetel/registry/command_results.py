"""The results of commands that answer something else than how the calls were: limits, files, prices, settings."""

from __future__ import annotations

from voicetel.registry.report import Option, Report

_ANALYZERS = "voicetel.analyzers"
_LAYOUTS = "voicetel.reporters.layouts"

COMMAND_RESULTS = (
    Report(
        name="trend",
        question="How metrics went, hour by hour, day by day or week by week.",
        details="A call belongs to the bucket in which it started; a bucket without calls is shown, and empty.",
        takes=("by", "filters", "pricing", "outcomes", "sentiment", "engine"),
        options=(
            Option(
                "metric",
                str,
                "calls,eou_latency_ms,interruption_rate,success_rate,cost",
                'Metrics with commas, as compare and slo.toml name them; "cost total" is one statistic of a metric.',
                "NAME",
                checked_by="voicetel.gate.trend.trend:asked_metrics",
                known_as="voicetel.gate.metrics:METRICS",
            ),
            Option(
                "every",
                str,
                "day",
                "hour, day or week, in the zone of --tz.",
                "BUCKET",
                checked_by="voicetel.gate.trend.buckets:check_every",
            ),
        ),
        answered_by="voicetel.gate.trend.trend:answer",
        result="voicetel.gate.trend.results:Trend",
        laid_out_by=f"{_LAYOUTS}.trend:trend_document",
        has_command=True,
    ),
    Report(
        name="watch",
        question="What happens now: the figures of the last minutes.",
        result=f"{_ANALYZERS}.live.results:LiveFigures",
    ),
    Report(
        name="check",
        question="Whether the figures keep the limits of slo.toml.",
        takes=("filters", "pricing", "outcomes", "sentiment", "engine"),
        result="voicetel.gate.answers:CheckAnswer",
        encoded_by="voicetel.gate.answers:check_answer",
        laid_out_by=f"{_LAYOUTS}.gate.check:check_document",
        csv_by=f"{_LAYOUTS}.gate.check:check_table",
    ),
    Report(
        name="compare",
        question="Which figures of two releases differ beyond chance.",
        takes=("filters", "pricing", "outcomes", "sentiment", "engine"),
        result="voicetel.gate.answers:CompareAnswer",
        encoded_by="voicetel.gate.answers:compare_answer",
        laid_out_by=f"{_LAYOUTS}.gate.comparison:compare_document",
        csv_by=f"{_LAYOUTS}.gate.comparison:compare_table",
    ),
    Report(
        name="validate",
        question="Which lines do not count, which values are read as unknown, and why.",
        result=f"{_ANALYZERS}.validation.validation:Validation",
        laid_out_by=f"{_LAYOUTS}.validation:validation_document",
    ),
    Report(
        name="export",
        question="What an export wrote.",
        result="voicetel.exporters.summary:ExportAnswer",
    ),
    Report(
        name="pricing-show",
        command="pricing show",
        question="Which rate applies to each model of the logs, and where it comes from.",
        result=f"{_ANALYZERS}.cost.card_results:RateTable",
        laid_out_by=f"{_LAYOUTS}.costs.pricing:rates_document",
        csv_by=f"{_LAYOUTS}.costs.pricing:rates_table",
    ),
    Report(
        name="pricing-check",
        command="pricing check",
        question="What is wrong with a rate card.",
        result=f"{_ANALYZERS}.cost.card_results:CardFindings",
    ),
    Report(
        name="pricing-estimate",
        command="pricing estimate",
        question="What a minute costs, from the logs or from assumptions.",
        result=f"{_ANALYZERS}.cost.card_results:MinuteCost",
        laid_out_by=f"{_LAYOUTS}.costs.pricing:estimate_document",
        csv_by=f"{_LAYOUTS}.costs.pricing:estimate_table",
    ),
    Report(
        name="simulate",
        question="What a simulation wrote.",
        result="voicetel.simulator.run:SimulationSummary",
        csv_by=f"{_LAYOUTS}.simulation:simulation_table",
    ),
    Report(
        name="import",
        question="What an import did with the calls of other systems.",
        result="voicetel.importers.summary:ImportSummary",
        csv_by=f"{_LAYOUTS}.imports:import_table",
    ),
    Report(
        name="import-list",
        command="import --list",
        question="The systems whose calls can be imported.",
        result="voicetel.importers.summary:ImportableSources",
        laid_out_by=f"{_LAYOUTS}.imports:sources_document",
        csv_by=f"{_LAYOUTS}.imports:sources_table",
    ),
    Report(
        name="sql",
        question="Rows of a query of yours over calls, turns, operations and usage.",
        result="voicetel.sql.results:SqlAnswer",
    ),
    Report(
        name="sql-schema",
        command="sql --schema",
        question="The relations that SQL can ask, and their columns.",
        result="voicetel.sql.results:SqlRelations",
    ),
    Report(
        name="config",
        question="Each setting and where it comes from.",
        result="voicetel.cli.settings:SettingsAnswer",
        laid_out_by=f"{_LAYOUTS}.settings:settings_document",
        csv_by=f"{_LAYOUTS}.settings:settings_table",
    ),
)
