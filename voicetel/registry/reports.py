"""Every report. One that is to have a command, a schema, a place in the Python API and in the docs is added here."""

from __future__ import annotations

from voicetel.analyzers.core.dimensions import Level
from voicetel.errors import UsageError
from voicetel.registry.command_results import COMMAND_RESULTS
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
                default_factory="voicetel.gate.slo:response_bounds",
                default_note="Slow responses are those above the limits of ./slo.toml; `--slow` says other bounds.",
                checked_by=f"{_ANALYZERS}.handling.handling:parse_thresholds",
                default_help="upper limits of ./slo.toml on eou_latency_ms of all calls, else 800,1500,3000",
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
        question="What the calls cost, by component, provider, model, day or agent_name.",
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
        name="speaking-rate",
        question="How fast the agent speaks, in words a minute.",
        details="Reads what the agent said to count the words; no other report does. Characters a minute are in `analyze --json`.",
        takes=("by", "filters", "outcomes"),
        finest=Level.TURN,
        answered_by=f"{_ANALYZERS}.speaking_rate.speaking_rate:answer",
        result=f"{_ANALYZERS}.speaking_rate.speaking_rate:SpeakingRateReport",
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
    *COMMAND_RESULTS,
)

SCHEMA_NAMES = ("events", *(report.name for report in REPORTS))
"""What `voicetel schema` knows: the lines of logs, and the answer of every report."""

_BY_NAME = {report.name: report for report in REPORTS}


def find_report(name: str) -> Report:
    """The report of that name. Raises UsageError, with the likely right one, for one that there is not."""
    if name not in _BY_NAME:
        raise UsageError(f"no report is called {name!r}", hint=did_you_mean_or_list(name, _BY_NAME))
    return _BY_NAME[name]
