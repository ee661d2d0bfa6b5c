"""Every figure of analyze, calls and cost against a plain recomputation, over made-up logs."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from support.reference import definitions as reference
from support.reference import handling as reference_handling
from support.reference.prices import is_amount_of, is_part_of
from support.soak import SOAK
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing import parse_card
from voicetel.reporters.json_text import json_text
from voicetel.results import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.analyzers.overview.results import Overview

CARD = parse_card(
    """
currency = "USD"
[stt.deepgram]
usd_per_second = 0.0043
[llm.groq]
usd_per_1m_input_tokens = 0.05
usd_per_1m_cached_input_tokens = 0.025
usd_per_1m_output_tokens = 0.08
[tts.cartesia]
usd_per_1k_characters = 0.015
[realtime.openai]
usd_per_1m_input_tokens = 4
usd_per_1m_cached_input_tokens = 0.40
usd_per_1m_input_audio_tokens = 32
usd_per_1m_cached_input_audio_tokens = 0.40
usd_per_1m_output_tokens = 16
usd_per_1m_output_audio_tokens = 64
[transport.livekit]
usd_per_minute = 0.004
[tool.search]
usd_per_request = 0.002
""",
    source="card",
)
MILLION = 1_000_000
RATES = {
    ("stt", "deepgram"): {"per_second": Fraction("0.0043")},
    ("llm", "groq"): {
        "per_input_token": Fraction("0.05") / MILLION,
        "per_cached_input_token": Fraction("0.025") / MILLION,
        "per_cache_write_token": Fraction("0.05") / MILLION,
        "per_output_token": Fraction("0.08") / MILLION,
    },
    ("tts", "cartesia"): {"per_character": Fraction("0.015") / 1000},
    ("realtime", "openai"): {
        "per_input_token": Fraction(4) / MILLION,
        "per_cached_input_token": Fraction("0.40") / MILLION,
        "per_cache_write_token": Fraction(4) / MILLION,
        "per_input_audio_token": Fraction(32) / MILLION,
        "per_cached_input_audio_token": Fraction("0.40") / MILLION,
        "per_output_token": Fraction(16) / MILLION,
        "per_output_audio_token": Fraction(64) / MILLION,
    },
    ("transport", "livekit"): {"per_second": Fraction("0.004") / 60},
    ("tool", "search"): {"per_request": Fraction("0.002")},
}
PROVIDERS = ("deepgram", "groq", "cartesia", "openai", "livekit", "search", "acme", None)
PHRASES = ("You have reached my voicemail.", "Thank you, goodbye!", "Да, запишите меня.", "It's booked.", "no", "")

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value, or not known."""
    return st.none() | strategy


milliseconds = st.one_of(
    st.integers(0, 3000),
    st.floats(0, 3000, allow_nan=False).map(lambda x: round(x, 4)),
    st.sampled_from([-1, -0.5, 59_999.9995, 60_000, 60_001, 700_000]),
)
places = st.one_of(st.integers(0, 6000), st.floats(0, 6000, allow_nan=False).map(lambda x: round(x, 3)))
amounts = st.one_of(st.integers(0, 20_000), st.floats(0, 500, allow_nan=False), st.just(-1))


def known(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in fields.items() if value is not None}


operations = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from(["stt", "llm", "tts", "realtime", "eot", "tool", "transport", "mystery"]),
            "provider": st.sampled_from(PROVIDERS),
            "start_ms": maybe(places),
            "ttfb_ms": maybe(milliseconds),
            "duration_ms": maybe(milliseconds),
            "setting_ms": maybe(milliseconds),
            "status": st.sampled_from([None, None, "ok", "error", "cancelled"]),
            **{name: maybe(amounts) for name in reference.QUANTITIES},
        }
    ).map(known),
    max_size=5,
)
speech = st.fixed_dictionaries({"text": st.sampled_from(PHRASES), "start_ms": maybe(places), "end_ms": maybe(places)})
confidences = maybe(st.sampled_from([0, 0.25, 0.875, 1, 1.5, -1]))
users = maybe(st.tuples(speech, confidences).map(lambda both: known(both[0] | {"confidence": both[1]})))
agents = maybe(
    st.tuples(
        speech,
        st.fixed_dictionaries(
            {
                "interrupted": st.sampled_from([None, False, True]),
                "interrupted_by": st.sampled_from([None, None, "caller", "hangup", "agent"]),
            }
        ),
    ).map(lambda both: known(both[0] | both[1]))
)

turn_numbers = st.sampled_from([None, 0, 1, 2, 3, 62, 63, 500, 2**40])
"""Of an agent that begins to count again, counts backwards or does not count."""


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Lines of up to four calls, in any order, some of them twice."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 4))):
        begin = START + timedelta(minutes=draw(st.integers(0, 5000)))
        made: list[Event] = []
        if draw(st.booleans()):
            made.append({"event": "call_started", "direction": draw(st.sampled_from(["inbound", "outbound"]))})
        made += [{"event": "mark", "kind": "answered"}] * draw(st.integers(0, 1))
        flags = draw(st.booleans())
        turns = draw(st.integers(0, 5))
        for turn in draw(
            st.one_of(st.just(range(1, turns + 1)), st.lists(turn_numbers, min_size=turns, max_size=turns))
        ):
            agent = draw(agents)
            if agent and not flags:
                agent.pop("interrupted", None)
            fields = {"user": draw(users), "agent": agent, "eou_latency_ms": draw(maybe(milliseconds))}
            made.append({"event": "turn", "operations": draw(operations)} | known({"turn": turn} | fields))
        kinds = ["transfer", "no_input", "unheard", "answered", "hold"]
        made += [{"event": "mark", "kind": kind} for kind in draw(st.lists(st.sampled_from(kinds), max_size=3))]
        if draw(st.booleans()):
            ended = {
                "duration_s": draw(maybe(st.floats(0, 600, allow_nan=False))),
                "final_state": draw(st.sampled_from([None, None, "booking_completed", "error", "menu"])),
                "end_reason": draw(
                    st.sampled_from([None, "caller_hangup", "error", "not_connected", "transfer", "timeout"])
                ),
                "sip_status": draw(st.sampled_from([None, None, 200, 486, 480, 503])),
                "outcome": draw(st.sampled_from([None, None, "fail", "unknown", "voicemail"])),
                "outcome_confidence": draw(maybe(st.sampled_from([0.25, 0.5, 1]))),
                "sentiment": draw(maybe(st.sampled_from([-1, -0.25, 0.5]))),
                "interruption_count": draw(maybe(st.integers(0, 9))),
            }
            made.append({"event": "call_ended", "operations": draw(operations)} | known(ended))
        if draw(st.booleans()) or not made:
            made.append({"event": "usage", "operations": draw(operations)})
        for seq, event in enumerate(made):
            ts = begin + timedelta(milliseconds=4321 * seq)
            head = {"v": 1, "ts": ts.isoformat().replace("+00:00", "Z"), "call_id": f"call-{number}"}
            events.append(head | {"writer": f"w{number}", "seq": seq} | event)
    again = draw(st.lists(st.sampled_from(events), max_size=2))
    return draw(st.permutations(events + again))


def total(amounts_: Iterable[Fraction | None]) -> Fraction | None:
    """The sum of what is known; None where nothing is."""
    priced = [each for each in amounts_ if each is not None]
    return sum(priced, Fraction(0)) if priced else None


def exactly(money: Decimal | None) -> Fraction | None:
    """Money as a fraction, so that nothing is lost in comparing."""
    return None if money is None else Fraction(money)


@settings(
    max_examples=300 if SOAK else 25,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(logs())
def test_reports_equal_a_plain_recomputation(events: list[Event]) -> None:
    """Latencies, usage, money, interruptions and outcomes are what plain Python makes of the same lines."""
    expected = reference.reference_calls(events)
    with tempfile.TemporaryDirectory() as directory, store_of(Path(directory), events) as store:
        rows = calls(store, CARD).to_pylist()
        report = analyze(store, CARD).total
        context = analysis_context(store)
        price_usage(context, CARD)
        table = cost_table(context, CARD, ("component", "provider"))

    assert [row["call_id"] for row in rows] == [call.call_id for call in expected]
    for row, call in zip(rows, expected, strict=True):
        check_call(row, call)

    check_latencies(dict(report.latency), expected)
    assert_alike(encode(report.handling), reference_handling.handling(expected, SLOW_THRESHOLDS_MS))
    assert report.turns == sum(len(call.turns) for call in expected)
    counts = [(call.interruption_count(), call.agent_turns) for call in expected]
    agent_turns = sum(of_call for _, of_call in counts)
    is_known = not agent_turns or any(of_call and count is not None for count, of_call in counts)
    interrupted = sum(count or 0 for count, _ in counts)
    # What calls log in which the agent never spoke is counted, also where no other call says anything.
    assert report.interruptions.count == (interrupted if is_known else interrupted or None)
    assert report.interruptions.rate == (interrupted / agent_turns if is_known and agent_turns else None)
    assert report.interruptions.agent_turns == agent_turns
    judged = [call.judged() for call in expected]
    assert {each.outcome: each.calls for each in report.outcomes.shares if each.calls} == Counter(
        ruling.outcome.value for ruling, _ in judged
    )
    assert report.outcomes.answered == sum(answered for _, answered in judged)
    by_operation = [(op, reference.amount(op, RATES)) for call in expected for _, op in call.operations()]
    assert is_amount_of(report.cost.total or Decimal(0), total(cost for _, cost in by_operation) or Fraction(0))
    assert (exactly(report.cost.total) or 0) == (total(map(exactly, report.cost.components.values())) or 0)
    assert (report.cost.total is None) == (not report.cost.coverage and total(cost for _, cost in by_operation) is None)
    assert (exactly(table.cost.total) or 0) == (total(exactly(line.amount) for line in table.lines) or 0)
    check_usage_and_sentiment(report, expected)
    written = json.loads(json_text(encode(report)))
    assert written["cost"]["total"] == (None if report.cost.total is None else digits_of(report.cost.total))
    assert written["calls"] == len(expected)
    for line in table.lines:
        component, provider = line.key.values()
        mine = [
            cost
            for op, cost in by_operation
            if op.get("provider") == provider
            and (op["stage"] if op["stage"] in reference.COMPONENTS else "other") == component
        ]
        assert is_part_of(line.amount, total(mine))
        assert line.operations == len(mine)


def digits_of(money: Decimal) -> str:
    """Money as JSON has it: every digit, no exponent, no zeros at the end."""
    text = f"{money:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_usage_and_sentiment(report: Overview, expected: list[reference.ReferenceCall]) -> None:
    """Sums of quantities as logged, unknown where nothing was logged, and the mean of what callers felt."""
    operations_ = [op for call in expected for _, op in call.operations()]

    def used(stage: str, *names: str) -> Decimal | None:
        found = []
        for op in operations_:
            values = [op[name] for name in names if reference.not_negative(op.get(name)) is not None]
            if op["stage"] == stage and values:
                found.append(reference.rounded(values[0], 6))
        return sum(found, Decimal(0)) if found else None

    assert report.usage == {
        "stt_s": used("stt", "audio_s", "session_s"),
        "llm_input_tokens": used("llm", "input_tokens"),
        "llm_output_tokens": used("llm", "output_tokens"),
        "tts_characters": used("tts", "characters"),
        "transport_s": used("transport", "session_s"),
    }
    felt = [each for call in expected if (each := call.latest("call_ended", "sentiment")) is not None]
    assert report.sentiment.n == len(felt)
    assert report.sentiment.avg == (pytest.approx(sum(felt) / len(felt)) if felt else None)


def assert_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """The same members in the same order; numbers to the sixth place."""
    assert list(found) == list(expected)
    for name, value in expected.items():
        if isinstance(value, dict):
            assert_alike(found[name], value)
        else:
            assert found[name] == (None if value is None else pytest.approx(value, rel=1e-9, abs=2e-6)), name


def check_latencies(found: dict[str, Any], expected: list[reference.ReferenceCall]) -> None:
    """Statistics over all turns, and how many values were impossible."""
    measured = [reference.turn_latencies(turn) for call in expected for turn in call.turns]
    for name in reference.TURN_LATENCY_NAMES:
        values = [good[name] for good, _ in measured if name in good]
        statistics = found[name].statistics
        assert statistics.n == len(values), name
        assert found[name].impossible == sum(name in impossible for _, impossible in measured), name
        if values:
            assert (statistics.min, statistics.max) == (float(min(values)), float(max(values)))
            assert statistics.avg == pytest.approx(float(sum(values) / len(values)), abs=2e-6)
            for share, value in (
                (0.5, statistics.p50),
                (0.9, statistics.p90),
                (0.95, statistics.p95),
                (0.99, statistics.p99),
            ):
                assert value == pytest.approx(reference.percentile(values, share), abs=2e-6), name


def check_call(row: dict[str, Any], call: reference.ReferenceCall) -> None:
    """One call's row."""
    assert (row["started_at"], row["duration_s"]) == (call.started_at, call.duration_s)
    assert (row["turns"], row["user_turns"], row["agent_turns"]) == (len(call.turns), call.user_turns, call.agent_turns)
    measured = [reference.turn_latencies(turn)[0] for turn in call.turns]
    for name in reference.TURN_LATENCY_NAMES:
        values = [good[name] for good in measured if name in good]
        assert row[f"{name}_n"] == len(values)
        assert row[f"{name}_max"] == (float(max(values)) if values else None)
        if values:
            assert row[f"{name}_p95"] == pytest.approx(reference.percentile(values, 0.95), abs=2e-6)
    costs = [(op["stage"], reference.amount(op, RATES)) for _, op in call.operations()]
    for component in reference.COMPONENTS:
        part = total(cost for stage, cost in costs if stage == component)
        assert is_part_of(row[f"cost_{component}"], part)
    assert is_amount_of(row["cost_total"], total(cost for _, cost in costs))
    count = call.interruption_count()
    assert row["interruption_count"] == count
    assert row["interruption_rate"] == (None if count is None else reference_handling.share(count, call.agent_turns))
    ruling, answered = call.judged()
    assert (row["answered"], row["transferred"]) == (answered, reference_handling.transferred(call))
    for name, value in (
        ("first_word_ms", reference_handling.first_word_ms(call)),
        ("caller_silence_ms", reference_handling.caller_silence_ms(call)),
    ):
        assert row[name] == (None if value is None else float(value)), name
    marks = ("no_input", "unheard")
    assert [row[f"{kind}_count"] for kind in marks] == [reference_handling.has_mark(call, kind) for kind in marks]
    assert (row["outcome"], row["outcome_source"]) == (ruling.outcome.value, ruling.source)
    assert row["outcome_confidence"] == pytest.approx(ruling.confidence, abs=1e-6)
    assert row["outcome_reason"] == ruling.reason
