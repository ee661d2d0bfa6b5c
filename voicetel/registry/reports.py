"""Every report. One that is to have a command, a schema, a place in the Python API and in the docs is added here."""

from __future__ import annotations

from voicetel.analyzers.core.dimensions import Level
from voicetel.errors import UsageError
from voicetel.registry.report import Option, Report
from voicetel.suggestion import did_you_mean_or_list

_ANALYZERS = "voicetel.analyzers"
_LAYOUTS = "voicetel.reporters.layouts"

REPORTS = (
    Report(
        name="analyze",
        question="How fast, how expensive, how often interrupted, how successful the calls are.",
        details="Names the slowest and the most expensive calls, and what does not count.",
        takes=("by", "filters", "pricing", "outcomes", "sentiment", "llm", "engine"),
        finest=Level.OPERATION,
        options=(
            Option(
                "slow",
                str,
                "800,1500,3000",
                "Responses above these are slow; several with commas.",
                "MS",
                given_by="voicetel.gate.slo:response_bounds",
                checked_by=f"{_ANALYZERS}.handling.handling:parse_thresholds",
                default_help="the limits of ./slo.toml on eou_latency_ms, else 800,1500,3000",
            ),
        ),
        answered_by=f"{_ANALYZERS}.overview.analyze:answer",
        result=f"{_ANALYZERS}.overview.results:Analysis",
        laid_out_by=f"{_LAYOUTS}.analysis:analysis_document",
        has_command=True,
    ),
    Report(
        name="calls",
        question="The calls one by one, each with its figures.",
        takes=("by", "filters", "pricing", "outcomes", "sentiment", "llm", "engine"),
        answered_by=f"{_ANALYZERS}.calls.calls:answer",
        result=f"{_ANALYZERS}.calls.results:CallRow",
        is_rows=True,
    ),
    Report(
        name="call",
        question="One conversation: who spoke when, what each provider did and cost, and why it ended as it did.",
        takes=("pricing", "outcomes"),
        result=f"{_ANALYZERS}.conversation.results:Conversation",
        laid_out_by=f"{_LAYOUTS}.call.conversation:conversation_document",
    ),
    Report(
        name="report",
        question="All figures of a page about many calls, apart from the list of calls.",
        takes=("by", "filters", "pricing", "outcomes"),
        result=f"{_ANALYZERS}.report.results:CallsReport",
    ),
    Report(
        name="cost",
        question="What the calls cost, by component, provider, model, day or agent.",
        takes=("by", "filters", "pricing", "outcomes", "engine"),
        finest=Level.OPERATION,
        more_dimensions=("component",),
        answered_by=f"{_ANALYZERS}.cost.bill:answer",
        result=f"{_ANALYZERS}.cost.results:CostTable",
        laid_out_by=f"{_LAYOUTS}.costs.cost:cost_document",
    ),
    Report(
        name="cost-compare",
        command="cost --compare",
        question="What the same calls would cost by another rate card.",
        takes=("by", "filters", "pricing", "outcomes"),
        finest=Level.OPERATION,
        more_dimensions=("component",),
        result=f"{_ANALYZERS}.cost.comparison:CostComparison",
        laid_out_by=f"{_LAYOUTS}.costs.cost_comparison:comparison_document",
    ),
    Report(
        name="cost-budget",
        command="cost --budget",
        question="What was spent of a budget, and what will have been at the end of its period.",
        takes=("filters", "pricing", "outcomes"),
        result="voicetel.gate.budget:BudgetReport",
        laid_out_by=f"{_LAYOUTS}.costs.budget:budget_document",
    ),
    Report(
        name="reconcile",
        question="Where providers' invoices differ from the logs, and why.",
        takes=("filters", "pricing", "outcomes"),
        result="voicetel.reconcile.results:Reconciliation",
        laid_out_by=f"{_LAYOUTS}.costs.reconciliation:reconciliation_document",
        csv_by=f"{_LAYOUTS}.costs.reconciliation:reconciliation_table",
    ),
    Report(
        name="interruptions",
        question="Who interrupted whom, how long each side spoke, and where nobody did.",
        details="Beside each rate stands what it is a share of.",
        takes=("by", "filters", "outcomes", "engine"),
        finest=Level.TURN,
        options=(
            Option("dead_air", float, 3.0, "Silence of both sides longer than this is dead air.", "SECONDS", minimum=0),
        ),
        answered_by=f"{_ANALYZERS}.turn_taking.turn_taking:answer",
        result=f"{_ANALYZERS}.turn_taking.results:InterruptionReport",
        laid_out_by=f"{_LAYOUTS}.interruptions:interruptions_document",
        has_command=True,
    ),
    Report(
        name="campaigns",
        question="How many people each campaign reached, step by step, and what that cost.",
        details="Each step counts calls that took all steps before it; --by hour_of_day says when people answer.",
        takes=("by", "filters", "pricing", "outcomes", "engine"),
        answered_by=f"{_ANALYZERS}.campaigns.campaigns:answer",
        options=(
            Option(
                "contact",
                str,
                "",
                "The tag that names whom a call was to: adds contacts, retries and contacts reached. Its values are shown nowhere.",
                "tag.NAME",
                default_help="contacts are not told apart",
                checked_by=f"{_ANALYZERS}.campaigns.campaigns:check_contact",
                reads_logs=True,
            ),
        ),
        result=f"{_ANALYZERS}.campaigns.results:CampaignReport",
        laid_out_by=f"{_LAYOUTS}.campaigns:campaigns_document",
        has_command=True,
    ),
    Report(
        name="tools",
        question="How often tools were called, how often they failed, and how long they took.",
        details="Durations leave out tool calls that were cancelled.",
        takes=("by", "filters", "outcomes", "engine"),
        answered_by=f"{_ANALYZERS}.tools.tools:answer",
        result=f"{_ANALYZERS}.tools.tools:ToolReport",
        has_command=True,
    ),
    Report(
        name="models",
        question="What each model did, what of it failed or was cancelled and cost, and how prompts grew.",
        takes=("by", "filters", "pricing", "outcomes", "engine"),
        answered_by=f"{_ANALYZERS}.models.models:answer",
        result=f"{_ANALYZERS}.models.models:ModelReport",
        has_command=True,
    ),
    Report(
        name="dropoff",
        question="In which state of the dialogue callers hang up.",
        details="A drop-off is a call that ended in a state because the caller hung up, and not as success.",
        takes=("by", "filters", "outcomes", "engine"),
        answered_by=f"{_ANALYZERS}.dropoff.dropoff:answer",
        result=f"{_ANALYZERS}.dropoff.dropoff:DropoffReport",
        has_command=True,
    ),
    Report(
        name="concurrency",
        question="How many calls there were at the same time, and when.",
        details="Only calls whose length is known. With --by day a call counts on the day on which it began.",
        takes=("by", "filters", "outcomes", "engine"),
        answered_by=f"{_ANALYZERS}.concurrency.concurrency:answer",
        result=f"{_ANALYZERS}.concurrency.concurrency:ConcurrencyReport",
        has_command=True,
    ),
    Report(
        name="outcomes",
        question="How calls ended: success, failure, voicemail, no answer.",
        takes=("by", "filters", "pricing", "outcomes", "llm", "engine"),
        answered_by=f"{_ANALYZERS}.outcomes.outcomes:answer",
        result=f"{_ANALYZERS}.outcomes.results:OutcomesByGroup",
        laid_out_by=f"{_LAYOUTS}.outcomes:outcomes_document",
        csv_by=f"{_LAYOUTS}.outcomes:outcomes_table",
    ),
    Report(
        name="outcomes-explain",
        command="outcomes --explain",
        question="Why one call ended as it did: what every rule says, and which decides.",
        result=f"{_ANALYZERS}.outcomes.explanation:Explanation",
        laid_out_by=f"{_LAYOUTS}.outcomes:explanation_document",
        csv_by=f"{_LAYOUTS}.outcomes:explanation_table",
    ),
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

_BY_NAME = {report.name: report for report in REPORTS}


def find_report(name: str) -> Report:
    """The report of that name. Raises UsageError, with the likely right one, for one that there is not."""
    if name not in _BY_NAME:
        raise UsageError(f"no report is called {name!r}", hint=did_you_mean_or_list(name, _BY_NAME))
    return _BY_NAME[name]
