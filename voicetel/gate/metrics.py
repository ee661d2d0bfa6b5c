"""The one table of metrics that can be limited and compared.

``check``, ``compare``, ``check --init`` and the table in docs/ci.md are made from it. Every name is that of the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voicetel.errors import UsageError
from voicetel.events.metrics import RESPONSE_LATENCY, TURN_LATENCIES, Latency
from voicetel.gate.details.metrics import DETAIL_METRICS
from voicetel.gate.handling_metrics import HANDLING_METRICS
from voicetel.gate.metric import Measure, Metric, Ratio
from voicetel.outcomes import CallOutcome
from voicetel.pricing.units import COMPONENTS
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Mapping


def find_metric(name: str) -> Metric:
    """The metric of that name, ``tool_error_rate.book`` too. Raises UsageError with the likely right one."""
    if name in METRICS:
        return METRICS[name]
    family, _, one = name.partition(".")
    if one and family in METRICS and METRICS[family].has_parts:
        return METRICS[family].of_part(one)
    raise UsageError(f"unknown metric {name!r}", hint=did_you_mean_or_list(name, METRICS, cutoff=0.5))


def find_measure(name: str, statistic: str | None) -> Measure:
    """A metric with one of its statistics, which may be left out where there is but one. Raises UsageError."""
    metric = find_metric(name)
    if statistic is not None and metric.has(statistic):
        return Measure(metric, statistic)
    if statistic is not None:
        hint = did_you_mean_or_list(statistic, metric.statistics)
        raise UsageError(f"{name} has no statistic {statistic!r}", hint=hint)
    if len(metric.statistics) > 1:
        raise UsageError(f"{name} needs a statistic", hint=f"one of {', '.join(metric.statistics)}")
    return Measure(metric, metric.statistics[0])


def split_measure(text: str, *, option: str = "--metric") -> tuple[str, str | None]:
    """``metric`` or ``metric statistic`` as (metric, statistic). The name of a tool, model or state may hold spaces.

    Raises UsageError for what is neither.
    """
    name = text.strip()
    before, _, last = name.rpartition(" ")
    family = name.partition(".")[0]
    if "." in name and family in METRICS and METRICS[family].has_parts:
        return (before, last) if before and METRICS[family].has(last) else (name, None)
    words = name.split()
    if not 1 <= len(words) <= 2:
        raise UsageError(f"{option}: cannot read {text!r}", hint='write a metric, or "metric statistic"')
    return words[0], words[1] if len(words) > 1 else None


def _latency(latency: Latency) -> Metric:
    compared: tuple[str, ...] = ("p50", "p95")
    if latency is RESPONSE_LATENCY:
        # The mean moves least by chance; of the latency that callers notice it is worth having.
        compared = ("avg", *compared)
    elif latency.name == "unattributed_ms":
        # Next to nothing, or a pause that some models make: its upper percentiles jump from one to the other.
        compared = ("p50",)
    return Metric(latency.name, latency.title, latency.doc, "ms", "lower", compared=compared)


def _cost(component: str) -> Metric:
    name = "cost" if component == "total" else f"cost.{component}"
    column = f"cost_{component}"
    per_call, per_minute = Ratio(column, "calls"), Ratio(f"{column}_timed", "duration_s", factor=60)
    per_success, per_answered = Ratio(column, "outcome_success"), Ratio(column, "answered")
    per_conversation = Ratio(column, "conversations")
    return Metric(
        name,
        "Cost" if component == "total" else f"Cost, {component}",
        f"What {'calls' if component == 'total' else f'their {component} part'} cost by the rate card: in total, per call, per minute "
        "of the calls whose length is known, per successful and per answered call, and per conversation.",
        "money",
        "lower",
        {
            "per_call": per_call,
            "per_minute": per_minute,
            "per_success": per_success,
            "per_answered": per_answered,
            "per_conversation": per_conversation,
            "total": Ratio(column, None),
        },
        compared=("per_call", "per_minute") if component == "total" else ("per_call",),
    )


_BETTER: Mapping[CallOutcome, Literal["lower", "higher"]] = {
    CallOutcome.SUCCESS: "higher",
    CallOutcome.FAIL: "lower",
    CallOutcome.UNKNOWN: "lower",
}


def _outcome(outcome: CallOutcome) -> Metric:
    return Metric(
        f"outcome.{outcome}",
        f"Outcome {outcome}",
        f"Calls that ended as {outcome} ÷ all calls."
        + ("" if outcome is CallOutcome.UNKNOWN else " Not judged where the outcome of none is known."),
        "share",
        _BETTER.get(outcome),
        {"share": Ratio(f"outcome_{outcome}", "calls", known=None if outcome is CallOutcome.UNKNOWN else "outcomes")},
        # The success rate says it better, and every further metric costs the others sharpness.
        compared=() if outcome is CallOutcome.SUCCESS else ("share",),
    )


def _usage(name: str, title: str, doc: str) -> Metric:
    ratios = {
        "per_call": Ratio(name, f"{name}_known"),
        "total": Ratio(name, None),
    }
    return Metric(name, title, doc, "count", "lower", ratios)


_ALL: tuple[Metric, ...] = (
    *(_latency(each) for each in TURN_LATENCIES),
    _cost("total"),
    *(_cost(component) for component in COMPONENTS),
    Metric(
        "coverage",
        "Cost coverage",
        "Billable operations that have a price ÷ all of them.",
        "share",
        "higher",
        {"share": Ratio("covered", "billable")},
    ),
    Metric(
        "interruption_rate",
        "Interruption rate",
        "Agent turns that the caller interrupted ÷ turns in which the agent spoke. Not judged where nothing says so of any call.",
        "share",
        "lower",
        {"rate": Ratio("interruption_count", "agent_turns", known="observed_turns")},
        compared=("rate",),
    ),
    Metric(
        "success_rate",
        "Success rate",
        "Calls that ended as success ÷ answered calls. Not judged where the outcome of none of them is known.",
        "share",
        "higher",
        {"rate": Ratio("outcome_success", "answered", known="answered_outcomes")},
        compared=("rate",),
    ),
    *(_outcome(outcome) for outcome in CallOutcome),
    Metric(
        "incomplete_share",
        "Incomplete calls",
        "Calls without an end that are over for an hour ÷ all calls.",
        "share",
        "lower",
        {"share": Ratio("incomplete", "calls")},
        compared=("share",),
    ),
    Metric(
        "refused_share",
        "Refused lines",
        "Lines of the logs that could not be read ÷ all lines that are an event or should be one.",
        "share",
        "lower",
        {"share": Ratio("refused_lines", "lines")},
    ),
    Metric(
        "sentiment",
        "Sentiment",
        "How callers felt, −1 to 1: the mean over calls for which it is known.",
        "score",
        "higher",
        {"avg": Ratio("sentiment", "sentiment_known")},
        compared=("avg",),
    ),
    Metric(
        "duration_s",
        "Length of calls",
        "Length of a call in seconds: the mean over calls whose length is known, and the sum.",
        "s",
        None,
        {"avg": Ratio("duration_s", "duration_s_known"), "total": Ratio("duration_s", None)},
    ),
    Metric(
        "turns",
        "Turns",
        "Turns of a call.",
        "count",
        None,
        {"per_call": Ratio("turns", "calls"), "total": Ratio("turns", None)},
    ),
    Metric("calls", "Calls", "How many calls there are.", "count", None, {"total": Ratio("calls", None)}),
    _usage("stt_s", "STT audio", "Seconds of audio sent to STT, over calls that log it."),
    _usage("llm_input_tokens", "LLM input", "Input tokens of the LLM, over calls that log them."),
    _usage("llm_output_tokens", "LLM output", "Output tokens of the LLM, over calls that log them."),
    _usage("tts_characters", "TTS text", "Characters sent to TTS, over calls that log them."),
    _usage("transport_s", "Transport", "Seconds connected, over calls that log them."),
    *HANDLING_METRICS,
    *DETAIL_METRICS,
)

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
"""Name → metric, in the order of the report."""

METRICS_WITH_PARTS = tuple(metric.name for metric in _ALL if metric.has_parts)
"""Metrics of which there is one for each tool, model or state as well."""

LINE_METRICS = ("refused_share",)
"""Metrics of the input: they count lines, which belong to no call, so no filter of calls applies to them."""
