"""Every metric has a definition, an example by hand, a recomputation in plain Python, and its place in a report, the gate and an export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from voicetel.errors import UsageError
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS, OPERATIONS
from voicetel.gate.expectations import parse_expectation, parse_measures
from voicetel.gate.metric import INCOMPARABLE
from voicetel.gate.metrics import LINE_METRICS, METRICS, find_metric
from voicetel.registry import find_report

ROOT = Path(__file__).parents[2]
METRICS_PAGE = (ROOT / "docs" / "metrics.md").read_text("utf-8")
CLI_PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
CI_PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")

INPUT = "it is of lines of the input, which no call has"
SEVERAL = "it is of several calls, and their rows are there"


@dataclass(frozen=True)
class Covered:
    """Where some metrics stand. ``defined`` is in docs/metrics.md, ``shown`` in docs/cli.md as a member of ``report``'s JSON.

    ``by_hand`` and ``recomputed`` are tests, as ``file::function``. ``exported`` is a column of an exported table that the figure
    is, or is made of; else it says why there is none.
    """

    metrics: tuple[str, ...]
    defined: str
    report: str
    shown: str
    by_hand: str
    recomputed: str
    exported: str


HAND = "analyzers/test_handling.py::test_figures_are_those_by_hand"
PARITY = "analyzers/overview/test_parity.py::test_reports_equal_a_plain_recomputation"
RATES = "analyzers/unknown_values/test_unknown_rates.py::test_reports_and_the_gate_know_the_same"
WORKED = "analyzers/overview/test_worked_example.py"
MODELS = "analyzers/test_tools_and_models.py::test_models_by_hand"
MODELS_AGAIN = "analyzers/test_tools_and_models.py::test_models_of_simulated_calls"
TOOLS = "analyzers/test_tools_and_models.py::test_tools_by_hand"
TOOLS_AGAIN = "analyzers/test_tools_and_models.py::test_tools_of_simulated_calls"
STEPS = "analyzers/test_campaigns.py::test_steps_by_hand"
MONEY = "exporters/test_money_parity.py::test_amounts_are_the_same_everywhere"

COVERED = (
    *(
        Covered(
            (name,), f"`{name}`", "analyze", "latency.NAME.p95", f"{WORKED}::test_every_latency_is_what_the_definitions_say", PARITY, column
        )
        for name, column in (
            ("eou_latency_ms", "eou_latency"), ("endpointing_ms", "endpointing_p95"), ("stt_ttfb_ms", "ttfb_stt"),
            ("llm_ttft_ms", "ttft_llm_p95"), ("llm_latency_ms", "latency_llm"), ("tts_ttfb_ms", "ttfb_tts"),
            ("realtime_ttfb_ms", "ttfb_realtime_p95"), ("unattributed_ms", "unattributed_p95"),
        )
    ),
    Covered(("cost",), "**Per call**", "analyze", "cost.per_call_avg", f"{WORKED}::test_the_cost_is_exact", MONEY, "cost_total"),
    Covered(
        ("cost.stt", "cost.llm", "cost.tts", "cost.realtime", "cost.transport", "cost.other"),
        "Exact: quantity × rate", "analyze", "cost.NAME", f"{WORKED}::test_the_cost_is_exact", MONEY, "cost_other",
    ),
    Covered(
        ("coverage",), "**Coverage**", "analyze", "cost.coverage",
        "analyzers/unknown_values/test_unknown_amounts.py::test_an_amount_that_cannot_be_read_lowers_coverage",
        "analyzers/cost/test_cost_parity.py::test_sql_prices_every_key_as_plain_fractions_do", "unpriced_operations",
    ),
    Covered(
        ("interruption_rate",), "`interruption_rate`", "analyze", "interruptions.rate",
        "analyzers/test_turn_taking.py::test_a_barge_in_by_flag", RATES, "interruption_rate",
    ),
    Covered(("success_rate",), "**Success rate**", "outcomes", "outcomes.success_rate", f"{WORKED}::test_the_rest_of_the_report", RATES, "outcome"),
    Covered(
        tuple(name for name in METRICS if name.startswith("outcome.")),
        "`success`, `fail`, `voicemail`", "outcomes", "outcomes.NAME", f"{WORKED}::test_the_rest_of_the_report", PARITY, "outcome",
    ),
    Covered(
        ("incomplete_share",), "**Incomplete**", "analyze", "incomplete_calls",
        f"{WORKED}::test_the_rest_of_the_report", "gate/test_gate_figures.py::test_shares_are_those_of_the_report", "state",
    ),
    Covered(
        ("refused_share",), "refused", "analyze", "refused_lines",
        "gate/test_gate_figures.py::test_refused_share_counts_lines", "gate/test_gate_figures.py::test_refused_share_counts_lines", INPUT,
    ),
    Covered(("sentiment",), "−1 to 1, as logged", "analyze", "sentiment.avg", f"{WORKED}::test_the_rest_of_the_report", PARITY, "sentiment_score"),
    Covered(("duration_s",), "**Length**", "calls", "duration_s", f"{WORKED}::test_the_call_by_itself", PARITY, "duration_sec"),
    Covered(("turns",), "turns", "analyze", "turns", f"{WORKED}::test_the_rest_of_the_report", PARITY, "turn_count"),
    Covered(("calls",), "calls", "analyze", "calls", f"{WORKED}::test_the_rest_of_the_report", PARITY, SEVERAL),
    *(
        Covered((name,), "what was used", "analyze", "usage.NAME", f"{WORKED}::test_the_rest_of_the_report", PARITY, column)
        for name, column in (
            ("stt_s", "stt_duration_sec"), ("llm_input_tokens", "llm_input_tokens"), ("llm_output_tokens", "llm_output_tokens"),
            ("tts_characters", "tts_characters"), ("transport_s", "livekit_duration_sec"),
        )
    ),
    Covered(("slow_turns",), "**`slow_turns`**", "analyze", "slow_turns.over.NAME.rate", HAND, PARITY, "eou_latency"),
    Covered(("first_word_ms",), "**`first_word_ms`**", "analyze", "first_word_ms.p50", HAND, PARITY, "first_word_ms"),
    Covered(("caller_silence_ms",), "**`caller_silence_ms`**", "analyze", "caller_silence_ms.p50", HAND, PARITY, "caller_silence_ms"),
    Covered(("handle_time_s",), "**`handle_time_s`**", "analyze", "handle_time_s.p90", HAND, PARITY, "duration_sec"),
    Covered(("transfer_rate",), "**Transferred**", "analyze", "transfers.rate", HAND, RATES, "transferred"),
    Covered(("containment_rate",), "**Contained**", "analyze", "transfers.containment_rate", HAND, RATES, "transferred"),
    Covered(("no_input_rate",), "**`no_input`**", "analyze", "no_input.rate", HAND, RATES, "no_input_count"),
    Covered(("unheard_rate",), "**`unheard`**", "analyze", "unheard.rate", HAND, RATES, "unheard_count"),
    Covered(("timeout_rate",), "**`timeouts`**", "analyze", "timeouts.rate", HAND, RATES, "end_reason"),
    Covered(("confidence",), "**`confidence`**", "analyze", "confidence.avg", HAND, PARITY, "confidence_avg"),
    Covered(("endpointing_setting",), "**`endpointing_setting`**", "analyze", "endpointing_setting.share", HAND, PARITY, "endpointing_avg"),
    Covered(("agent_speech",), "**`agent_speech`**", "analyze", "agent_speech.characters_per_minute", HAND, PARITY, "characters"),
    *(
        Covered((name,), defined, "campaigns", f"lines[].{name}", STEPS, RATES, column)
        for name, defined, column in (
            ("connect_rate", "**`connects`**", "answered"), ("answer_rate", "**`answered`**", "answered"),
            ("conversation_rate", "**`conversations`**", "user_turn_count"),
            ("conversation_success_rate", "**`successes`**", "outcome"),
        )
    ),
    Covered(
        ("concurrency",), "**`peak`**", "concurrency", "lines[].peak", "analyzers/test_concurrency.py::test_concurrency_by_hand",
        "analyzers/test_concurrency.py::test_is_a_plain_count", "started_at",
    ),
    Covered(("tool_calls",), "**`tool_calls`**", "tools", "lines[].tool_calls", TOOLS, TOOLS_AGAIN, "name"),
    Covered(("tool_error_rate",), "**`error_rate`**", "tools", "lines[].error_rate", TOOLS, TOOLS_AGAIN, "status"),
    Covered(("tool_duration_ms",), "`duration_ms`", "tools", "lines[].duration_ms_p95", TOOLS, TOOLS_AGAIN, "duration_ms"),
    Covered(("request_error_rate",), "**`errors`**", "models", "lines[].error_rate", MODELS, MODELS_AGAIN, "status"),
    Covered(("cancelled_rate",), "**`cancelled`**", "models", "lines[].cancelled_rate", MODELS, MODELS_AGAIN, "status"),
    Covered(("error_cost",), "What they cost is exact", "models", "lines[].error_cost", MODELS, MODELS_AGAIN, "cost"),
    Covered(("cancelled_cost",), "What they cost is exact", "models", "lines[].cancelled_cost", MODELS, MODELS_AGAIN, "cost"),
    Covered(("cache_hit_rate",), "**`cache_hit_rate`**", "models", "lines[].cache_hit_rate", MODELS, MODELS_AGAIN, "cached_input_tokens"),
    Covered(
        ("first_input_tokens",), "**`first_input_tokens_avg`**", "models", "lines[].first_input_tokens_avg", MODELS, MODELS_AGAIN, "input_tokens"
    ),
    Covered(
        ("input_tokens_per_turn",), "**`input_tokens_per_turn`**", "models", "lines[].input_tokens_per_turn", MODELS, MODELS_AGAIN, "input_tokens"
    ),
    Covered(
        ("dropoff_rate",), "**`dropoff_rate`**", "dropoff", "lines[].dropoff_rate", "analyzers/test_dropoff.py::test_dropoff_by_hand",
        "analyzers/test_dropoff.py::test_dropoff_is_a_plain_count", "state_id",
    ),
    Covered(
        ("speaking_rate",), "**`speaking_rate`**", "speaking-rate", "lines[].words_per_minute", "analyzers/test_speaking_rate.py::test_by_hand",
        "analyzers/test_speaking_rate.py::test_counted_again", "content",
    ),
)  # fmt: skip
"""Every metric of limits and comparisons once."""


def test_no_metric_is_left_out() -> None:
    """Each has one row: a new metric fails here until it has everything."""
    named = [name for row in COVERED for name in row.metrics]
    assert sorted(named) == sorted(METRICS)


@pytest.mark.parametrize("row", COVERED, ids=lambda row: row.metrics[0])
def test_a_metric_is_defined_and_shown(row: Covered) -> None:
    """In words, in the table of limits, and in the JSON of a report, which the command, Python's ``answer`` and the service give alike."""
    assert row.defined in METRICS_PAGE
    assert f"| `{row.shown}` |" in CLI_PAGE
    assert find_report(row.report).schema()
    for name in row.metrics:
        assert f"| `{name}`" in CI_PAGE


@pytest.mark.parametrize("row", COVERED, ids=lambda row: row.metrics[0])
def test_a_metric_is_tested_by_hand_and_again(row: Covered) -> None:
    """The tests are there, and are tests."""
    for named in (row.by_hand, row.recomputed):
        file, function = named.split("::")
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert f"def {function}(" in text, named


@pytest.mark.parametrize("row", COVERED, ids=lambda row: row.metrics[0])
def test_a_metric_is_limited_compared_and_exported(row: Covered) -> None:
    """Each statistic can be limited; all that two samples can be compared by is compared; the export has what it is made of."""
    for name in row.metrics:
        metric = find_metric(name)
        for statistic in metric.statistics:
            assert parse_expectation(name, f"{statistic} < 1")[0].metric is metric
        comparable = name not in LINE_METRICS and set(metric.statistics) - set(INCOMPARABLE)
        if comparable:
            assert {each.statistic for each in parse_measures(name)} <= set(metric.statistics)
        else:
            with pytest.raises(UsageError, match="cannot be compared"):
                parse_measures(name)
    columns = {column for table in (CALL_METRICS, CALL_LOGS, OPERATIONS) for column in table.names}
    assert row.exported in columns or row.exported in {INPUT, SEVERAL}
