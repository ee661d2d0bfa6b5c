"""Results made by hand, as analyzers give them back: small, with something of everything in them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.cost.results import Cost, CostLine, CostTable, ExpensiveCall, Unpriced
from voicetel.analyzers.interruptions.results import Interruptions
from voicetel.analyzers.latency.results import LatencySummary, SlowCall
from voicetel.analyzers.outcomes.results import OUTCOMES, Outcomes
from voicetel.analyzers.overview.results import Analysis, AnalysisInput, Overview
from voicetel.analyzers.sentiment.results import Sentiment
from voicetel.events.metrics import ALL_LATENCIES
from voicetel.pricing.units import COMPONENTS
from voicetel.results import Group

HOSTILE = "\x1b[31mred\x1b]8;;http://evil\x07 \u202e[bold]<script>alert(1)</script>|`x`\u2028"
"""Terminal colours and links, a reversed reading direction, Rich, HTML and Markdown markup, a line end."""

AMOUNTS = {"stt": Decimal("0.25800"), "llm": Decimal("0.00016"), "tts": Decimal("0.075"), "transport": Decimal("0.008")}


def make_cost(**changes: object) -> Cost:
    """A cost of 0.34116 with a model that has no price."""
    components: dict[str, Decimal | None] = {name: AMOUNTS.get(name, Decimal(0)) for name in COMPONENTS}
    components["realtime"] = None
    values: dict[str, object] = {
        "currency": "USD",
        "total": Decimal("0.34116"),
        "components": components,
        "per_call_avg": Decimal("0.113720000000000000"),
        "per_minute": Decimal("0.170580000000000000"),
        "coverage": 0.98,
        "unpriced": (
            Unpriced("llm", "acme", "new-model", 31, {"input_tokens": Decimal(12345)}),
            Unpriced("realtime", "acme", None, 1, {"audio_s": Decimal("31.500")}),
        ),
        "billed_in_other_currencies": {"EUR": Decimal("1.5")},
        "unmetered_user_turns": 2,
        "card": "pricing.toml",
        "notes": ("stt.deepgram: far off the list price",),
    }
    return Cost(**(values | changes))  # type: ignore[arg-type]


def make_latency() -> dict[str, LatencySummary]:
    """The response and the LLM's first token measured, nothing else."""
    measured = {
        "eou_latency_ms": LatencySummary(
            "eou_latency_ms", Statistics(1200, 905.25, 410.5, 870.0, 1200.0, 1340.0, 1622.5, 4120.0), 3, (1, 5, 9, 0, 2)
        ),
        "llm_ttft_ms": LatencySummary("llm_ttft_ms", Statistics(1, 321.0, 321.0, 321.0, 321.0, 321.0, 321.0, 321.0)),
    }
    return {each.name: measured.get(each.name, LatencySummary(each.name, Statistics())) for each in ALL_LATENCIES}


def make_outcomes() -> Outcomes:
    """Two successes and a busy line."""
    calls = {"success": 2, "busy": 1}
    confidence = {name: 0.925 if name in calls else None for name in OUTCOMES}
    return Outcomes({name: calls.get(name, 0) for name in OUTCOMES}, 2, 1.0, confidence)


def make_overview(**changes: object) -> Overview:
    """Three calls."""
    values: dict[str, object] = {
        "calls": 3,
        "turns": 1201,
        "incomplete_calls": 1,
        "in_progress_calls": 0,
        "duration_s": Decimal("120.500"),
        "first_ts": datetime(2026, 11, 2, 9, 0, 0, 1000),  # noqa: DTZ001  the store's times are UTC without a zone
        "last_ts": datetime(2026, 11, 6, 23, 30),  # noqa: DTZ001
        "latency": make_latency(),
        "usage": {
            "stt_s": Decimal("60.000"),
            "llm_input_tokens": Decimal(1000),
            "llm_output_tokens": Decimal(2000),
            "tts_characters": Decimal(5000),
            "transport_s": None,
        },
        "cost": make_cost(),
        "interruptions": Interruptions(12, 287, 12 / 287),
        "outcomes": make_outcomes(),
        "sentiment": Sentiment(2, -0.25),
        "slowest": (SlowCall("c-slow", 4120.0, 5, "llm", 3100.4), SlowCall("c-odd", 2000.0, None, None, None)),
        "dearest": (ExpensiveCall("c-dear", Decimal("0.2"), "tts", Decimal("0.15")),),
    }
    return Overview(**(values | changes))  # type: ignore[arg-type]


def make_analysis(**changes: object) -> Analysis:
    """A report over one folder, with refused lines and bytes that wait."""
    inputs = AnalysisInput(
        ("sample logs/",), refused_lines=2, unsupported_lines=1, pending_bytes=312, warnings=("a.gz: cut",)
    )
    values: dict[str, object] = {"input": inputs, "total": make_overview()}
    return Analysis(**(values | changes))  # type: ignore[arg-type]


def make_grouped() -> Analysis:
    """The same in two groups, of which the log does not name one."""
    first = Group({"agent_name": "=clinic", "day": "2026-11-02"}, make_overview(calls=2))
    second = Group({"agent_name": None, "day": "2026-11-03"}, make_overview(calls=1))
    return make_analysis(groups=(first, second))


def make_bill() -> CostTable:
    """A bill with a priced line, one without a price, and one with nothing that anybody bills."""
    lines = (
        CostLine(
            {"component": "stt", "provider": "deepgram"},
            Decimal("0.34116"),
            1.0,
            1200,
            0,
            {"audio_s": Decimal("60.500")},
        ),
        CostLine({"component": "llm", "provider": "acme"}, None, None, 31, 31, {"input_tokens": Decimal(12345)}),
        CostLine({"component": "other", "provider": None}, None, None, 4, 0, {}),
    )
    return CostTable(("component", "provider"), lines, make_cost())
