"""Agents that come from a telemetry module of their own: their names, their calls and their costs."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import sys
from decimal import Decimal
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

import voicetel.recorder
from support.command import run
from support.recorded import events_of, named
from voicetel.pricing import PricingError, load_card
from voicetel.recorder import (
    CallMetrics,
    CostBreakdown,
    CostCalculator,
    InterruptionTracker,
    MetricCollector,
    OutcomeClassifier,
    PricingConfig,
    QualityMetricsCollector,
    TelemetryService,
    TurnContext,
    TurnMetrics,
)

ROOT = Path(__file__).parents[2]

ROW = re.compile(r"^\| `(?P<name>[\w.]+)(?P<call>\((?P<parameters>[^)]*)\))?` \|", re.MULTILINE)

NAMES = {
    "TelemetryService": ["db_session", "record_turn", "finalize_call", "get_call_metrics", "get_call_logs"],
    "TurnMetrics": [],
    "MetricCollector": [
        "telemetry", "start_turn", "update_turn_content", "on_user_speech_start", "on_stt_start", "on_stt_first_byte",
        "on_llm_start", "on_llm_complete", "on_tts_start", "on_tts_first_byte", "on_audio_playback_start",
        "finalize_turn", "get_turn_count",
    ],
    "TurnContext": [],
    "CostCalculator": ["pricing", "calculate", "calculate_from_metrics", "estimate_cost_per_minute"],
    "PricingConfig": [],
    "CostBreakdown": ["to_dict", "to_cents_dict"],
    "InterruptionTracker": [
        "on_bot_speech_start", "on_bot_speech_end", "on_user_speech_start", "get_interruption_count",
        "get_interruption_rate", "reset",
    ],
    "SentimentAnalyzer": ["analyze", "analyze_turn"],
    "OutcomeClassifier": ["classify_from_state", "classify_from_transcript", "classify_from_keywords"],
    "QualityMetricsCollector": [
        "interruption_tracker", "outcome_classifier", "sentiment_analyzer", "on_bot_speech_start", "on_bot_speech_end",
        "on_user_speech_start", "get_interruption_metrics", "get_sentiment_score", "classify_outcome", "reset",
    ],
    "CallOutcome": [],
    "OutcomeResult": [],
}  # fmt: skip
"""What agents call, class by class."""


def table() -> dict[str, re.Match[str]]:
    """The rows of docs/migrating.md, by name."""
    return {row["name"]: row for row in ROW.finditer((ROOT / "docs" / "migrating.md").read_text(encoding="utf-8"))}


def test_table_has_every_name() -> None:
    """The page leaves out none of the names, and has none that nobody calls."""
    names = {name for of, members in NAMES.items() for name in (of, *(f"{of}.{member}" for member in members))}
    assert set(table()) == names


@pytest.mark.parametrize("row", table().values(), ids=list(table()))
def test_name_exists_and_takes_its_parameters(row: re.Match[str]) -> None:
    """What the page says an agent may call can be called so, by position and by keyword."""
    owner, _, member = row["name"].partition(".")
    found = getattr(voicetel.recorder, owner)
    if member and row["call"] is None:
        instances: dict[str, Any] = {
            "TelemetryService": lambda: TelemetryService(object()),
            "MetricCollector": lambda: MetricCollector("c", TelemetryService(object())),
            "CostCalculator": CostCalculator,
            "QualityMetricsCollector": QualityMetricsCollector,
        }
        assert getattr(instances[owner](), member) is not None
        return
    target = getattr(found, member) if member else found
    if row["call"] is None:
        return
    names = [name.strip() for name in row["parameters"].split(",") if name.strip()]
    given = [None] if member else []
    signature = inspect.signature(target)
    signature.bind(*given, *names)
    if names != ["db_session"]:
        signature.bind(*given, **dict.fromkeys(names))


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("telemetry_service", ["TelemetryService", "TurnMetrics", "CallMetrics"]),
        ("metric_collector", ["MetricCollector", "TurnContext"]),
        ("cost_calculator", ["CostCalculator", "PricingConfig", "CostBreakdown"]),
        (
            "quality_metrics",
            ["QualityMetricsCollector", "InterruptionTracker", "OutcomeClassifier", "OutcomeResult", "CallOutcome", "SentimentAnalyzer"],
        ),
    ],
)  # fmt: skip
def test_modules_have_their_names(module: str, names: list[str]) -> None:
    """``from telemetry.quality_metrics import …`` finds what it looks for."""
    found = __import__(f"voicetel.recorder.{module}", fromlist=names)
    for name in names:
        assert getattr(found, name) is getattr(voicetel.recorder, name)


class Session:
    """A database session, as far as an agent that commits knows one."""

    def __init__(self) -> None:
        self.commits = 0

    async def commit(self) -> None:
        """Commit."""
        self.commits += 1


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an agent without a log folder writes to."""
    monkeypatch.setenv("VOICETEL_LOGS", str(tmp_path / "logs"))
    monkeypatch.delenv("VOICETEL_PRICING", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "logs"


@pytest.fixture
def as_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder under the name ``telemetry``."""
    monkeypatch.setitem(sys.modules, "telemetry", voicetel.recorder)


class Pipeline:
    """Answers after the delays that a script prescribes."""

    async def transcribe(self, audio: bytes) -> str:
        """What the caller said."""
        await asyncio.sleep(0.03)
        return audio.decode()

    async def generate(self, text: str) -> SimpleNamespace:
        """The model's answer."""
        await asyncio.sleep(0.05)
        return SimpleNamespace(text=f"You said: {text}", input_tokens=40 + len(text), output_tokens=12)

    async def synthesize(self, text: str) -> bytes:
        """Its sound."""
        await asyncio.sleep(0.02)
        return text.encode()


async def run_agent(session: Session, turns: list[bytes], *, stt_s: float, connected_s: float) -> tuple[Any, Any]:
    """Take a call as agents with a telemetry module of their own do; give its metrics and its cost."""
    import telemetry  # type: ignore[import-not-found]

    service = telemetry.TelemetryService(session)
    collector = telemetry.MetricCollector("call-1", service)
    quality, pipeline = telemetry.QualityMetricsCollector(), Pipeline()
    for audio in turns:
        collector.start_turn(role="user")
        collector.on_stt_start()
        text = await pipeline.transcribe(audio)
        collector.on_stt_first_byte()
        collector.on_llm_start()
        answer = await pipeline.generate(text)
        collector.on_llm_complete(input_tokens=answer.input_tokens, output_tokens=answer.output_tokens)
        collector.on_tts_start(answer.text)
        await pipeline.synthesize(answer.text)
        collector.on_tts_first_byte()
        collector.on_audio_playback_start()
        await collector.finalize_turn()
    outcome = quality.classify_outcome(
        final_state="booked", turn_count=collector.get_turn_count(), duration_sec=connected_s
    )
    metrics = await service.finalize_call(
        call_id="call-1", outcome=outcome.outcome, outcome_confidence=outcome.confidence,
        interruption_count=quality.get_interruption_metrics()["interruption_count"],
        stt_duration_sec=stt_s, livekit_duration_sec=connected_s,
    )  # fmt: skip
    used = ("stt_duration_sec", "llm_input_tokens", "llm_output_tokens", "tts_characters", "livekit_duration_sec")
    costs = telemetry.CostCalculator().calculate_from_metrics({name: getattr(metrics, name) for name in used})
    for name in ("cost_stt", "cost_llm", "cost_tts", "cost_livekit", "cost_total"):
        setattr(metrics, name, getattr(costs, name))
    await service.db_session.commit()
    await service.flush()
    return metrics, costs


@pytest.mark.usefixtures("as_telemetry")
@pytest.mark.parametrize(
    ("turns", "stt_s", "connected_s"),
    [
        ([b"Hi, I need to move my appointment.", b"Thursday.", b"Thanks!"], 60.0, 120.0),
        ([b"Hello?"], 0.1, 54.6),
        ([b"a", b"b", b"c", b"d", b"e"], 33.333, 7.0),
        ([], 1.0, 1.0),
    ],
)
async def test_agent_runs_without_an_edit(logs: Path, turns: list[bytes], stt_s: float, connected_s: float) -> None:
    """Its turns have their latencies, its session its commit, and its cost is what ``voicetel cost`` says."""
    session = Session()
    metrics, costs = await run_agent(session, turns, stt_s=stt_s, connected_s=connected_s)

    assert session.commits == 1
    assert (metrics.outcome, metrics.turn_count) == ("success", len(turns))
    recorded = named(events_of(logs), "turn")
    assert [turn["agent"]["text"] for turn in recorded] == [f"You said: {audio.decode()}" for audio in turns]
    for turn in recorded:
        assert 100 <= turn["eou_latency_ms"] < 5_000
        assert turn["eou_from"] == "turn_start"
    # The seconds of the call and the tokens, characters of its turns, all of them priced.
    [ended] = named(events_of(logs), "call_ended")
    assert {operation["provider"] for operation in ended["operations"]} == {"deepgram", "livekit"}
    billed = run("cost", logs, "--json", "--no-cache").json
    amounts = {line["component"]: Decimal(line["amount"]) for line in billed["lines"] if line["amount"] is not None}
    expected = {name: costs.exact[f"cost_{name}"] for name in ("stt", "llm", "tts")}
    expected["transport"] = costs.exact["cost_livekit"]
    assert {stage: amounts.get(stage, Decimal(0)) for stage in expected} == expected
    assert all(line["unpriced_operations"] == 0 for line in billed["lines"])


async def test_calls_are_kept_for_a_look_back(logs: Path) -> None:
    """The figures and records of a finalised call can be asked for, by whatever spelling of its id."""
    service = TelemetryService(Session())
    await service.record_turn("7", metrics=TurnMetrics(1, "user", "a", "ask", ttfb_stt=170, timestamp=1_793_620_800))
    await service.record_turn("7", metrics=TurnMetrics(2, "assistant", "b", llm_input_tokens=5))
    assert await service.get_call_metrics("7") is None
    assert await service.get_call_logs("7") == []
    metrics = await service.finalize_call(7, "success", 1.0)

    assert await service.get_call_metrics(7) is metrics
    first, second = await service.get_call_logs("7")
    assert (first.call_id, first.turn_index, first.role, first.content, first.state_id) == ("7", 1, "user", "a", "ask")
    assert (first.ttfb_stt, first.created_at.isoformat()) == (170, "2026-11-02T12:00:00+00:00")
    assert (second.turn_index, second.role, second.llm_input_tokens) == (2, "assistant", 5)
    assert await service.get_call_metrics("8") is None


async def test_only_the_last_calls_are_kept(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that runs for weeks does not fill its memory with calls that are over."""
    monkeypatch.setattr("voicetel.recorder.telemetry_service.MAX_FINALIZED_CALLS", 3)
    service = TelemetryService(None)
    for number in range(10):
        await service.finalize_call(str(number), "success", 1.0)
    kept = [number for number in range(10) if await service.get_call_metrics(str(number))]
    assert kept == [7, 8, 9]


@pytest.mark.parametrize(
    "session",
    [
        Session(), None, 0, object(), MagicMock(), AsyncMock(), SimpleNamespace(commit=None), Session, "",
        "postgresql://user:secret@host/db", "sqlite+aiosqlite:///calls.db", {"session": 1}, lambda: None,
    ],
    ids=lambda given: type(given).__name__,
)  # fmt: skip
def test_what_is_no_path_is_kept_as_the_session(logs: Path, session: Any) -> None:
    """Whatever the agent had for a session; its log goes where logs are looked for, and no folder has its password."""
    with TelemetryService(session) as service:
        service.record("c", TurnMetrics(1, "user", "a", ttfb_stt=100))
    assert service.db_session is session
    assert [operation["provider"] for operation in named(events_of(logs), "turn")[0]["operations"]] == ["deepgram"]
    assert [path.name for path in logs.parent.iterdir()] == ["logs"]


@pytest.mark.parametrize(
    "given", ["here", b"here", Path("here"), PurePosixPath("here")], ids=lambda v: type(v).__name__
)
def test_what_is_a_path_is_the_folder(logs: Path, given: Any) -> None:
    """A folder is a folder in any spelling, and assumes no provider."""
    with TelemetryService(given) as service:
        service.record("c", TurnMetrics(1, "user", "a", ttfb_stt=100))
    assert service.db_session is None
    [operation] = named(events_of(logs.parent / "here"), "turn")[0]["operations"]
    assert "provider" not in operation


def test_without_a_variable_the_log_is_here(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither path nor ``$VOICETEL_LOGS``: ./logs."""
    monkeypatch.delenv("VOICETEL_LOGS")
    with TelemetryService(Session()) as service:
        service.record("c", TurnMetrics(1, "user", "a"))
    assert len(named(events_of(logs.parent / "logs"), "turn")) == 1


@pytest.mark.parametrize(
    ("card", "providers"),
    [
        ('currency = "USD"\n[stt.acme]\nusd_per_second = 1\n[stt.other]\nusd_per_second = 1\n', {}),
        ('currency = "USD"\n[stt.acme]\nusd_per_second = 1\n[llm.zeta]\nusd_per_request = 1\n', {"stt": "acme", "llm": "zeta"}),
        ('currency = "USD"\n[llm.acme."m-1"]\nusd_per_request = 1\n[llm.acme."m-2"]\nusd_per_request = 1\n', {"llm": "acme"}),
        ("currency = ", {}),
        ('currency = "USD"\n', {}),
    ],
    ids=["two of a stage", "one each", "models", "broken", "empty"],
)  # fmt: skip
def test_provider_is_assumed_where_the_card_knows_one(logs: Path, card: str, providers: dict[str, str]) -> None:
    """Of two providers of a stage neither is assumed; a card that cannot be read assumes none and raises nothing."""
    (logs.parent / "pricing.toml").write_text(card, encoding="utf-8")
    service = TelemetryService(Session(), providers={"tts": "mine"})
    assumed = {stage: provider for stage, (provider, _) in service.providers.items() if stage in {"stt", "llm"}}
    assert assumed == providers
    assert service.providers["tts"] == ("mine", None)


def test_shipped_card_knows_one_provider_a_stage() -> None:
    """The four of the card that ships, to the letter."""
    assert set(load_card(ROOT / "pricing.toml").tables) == {
        ("stt", "deepgram"), ("llm", "groq"), ("tts", "cartesia"), ("transport", "livekit"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hooks", "latency_ms", "counted_from"),
    [
        (["turn user", "play"], 500, "turn_start"),
        (["turn user", "stt", "play"], 500, "turn_start"),
        (["turn user", "speech", "silence", "play"], 0, None),
        (["turn user", "speech", "play"], None, None),
        (["turn assistant", "play"], None, None),
        (["play"], None, None),
        (["stt", "play"], None, None),
        (["speech", "silence", "turn user", "play"], 500, None),
        (["turn user", "play", "stop", "play"], 500, "turn_start"),
        (["turn user", "end", "turn assistant", "play"], None, None),
    ],
    ids=repr,
)
async def test_response_is_measured_from_what_is_known(
    logs: Path, hooks: list[str], latency_ms: float | None, counted_from: str | None
) -> None:
    """From the caller's silence where it is reported, from the turn's start where speech is never, else not at all."""
    from support.recorded import HandClock

    clock = HandClock()
    service = TelemetryService("here", monotonic=clock, wall=clock.wall)
    collector = MetricCollector("c", service)
    for hook in hooks:
        if hook == "play" and hooks.index("play") == len(hooks) - 1 - hooks[::-1].index("play"):
            clock.pass_ms(0 if hooks[-2:] == ["silence", "play"] else 500)
        elif hook == "play" and hooks.count("play") == 2:
            clock.pass_ms(250)
        match hook:
            case "turn user" | "turn assistant":
                collector.start_turn(hook.removeprefix("turn "))
            case "play":
                collector.on_audio_playback_start()
            case "stop":
                collector.on_audio_playback_end()
            case "stt":
                collector.on_stt_start()
            case "speech":
                collector.on_user_speech_start()
            case "silence":
                collector.on_user_speech_end()
            case "end":
                await collector.finalize_turn()
    record = await collector.finalize_turn()
    assert record is not None
    expected = 250 if hooks.count("play") == 2 else latency_ms
    assert (record.eou_latency, record.eou_from) == (
        expected if expected is None else pytest.approx(expected),
        counted_from,
    )


@pytest.mark.parametrize(
    ("speech", "count", "spans"),
    [
        ("bot user bot user", 2, 2),
        ("bot user user", 1, 1),
        ("bot bot user", 1, 1),
        ("user bot user", 1, 1),
        ("bot end user", 0, 1),
        ("bot user end bot user", 2, 2),
        ("bot user bot end user", 1, 2),
        ("bot user bot user bot user", 3, 3),
        ("user user bot end bot end", 0, 2),
        ("", 0, 0),
    ],
)  # fmt: skip
def test_interruptions_of_hooks_in_any_order(speech: str, count: int, spans: int) -> None:
    """The end of the agent's speech may be missing: a new start after an interruption is a new span."""
    quality = QualityMetricsCollector()
    for each in speech.split():
        {
            "bot": quality.on_bot_speech_start,
            "end": quality.on_bot_speech_end,
            "user": quality.on_user_speech_start,
        }[each]()
    tracker = quality.interruption_tracker
    assert (tracker.get_interruption_count(), tracker.bot_turn_count) == (count, spans)
    assert tracker.get_interruption_rate() == (count / spans if spans else 0.0)
    assert quality.get_interruption_metrics()["interruption_count"] == count


@pytest.mark.parametrize("field", ["stt_per_second", "llm_input_per_million", "llm_output_per_million", "tts_per_thousand_chars", "livekit_per_minute"])  # fmt: skip
@pytest.mark.parametrize("rate", [-1, Decimal("-0.01"), float("nan"), "0.1", True])
def test_bad_rate_is_a_value_error(field: str, rate: Any) -> None:
    """Agents catch ValueError; here it says what is wrong as well."""
    with pytest.raises(ValueError, match=field) as caught:
        PricingConfig(**{field: rate})
    assert isinstance(caught.value, PricingError)


def test_rates_and_costs_by_their_other_names() -> None:
    """``pricing=`` and ``.pricing``, and a breakdown that is made by hand."""
    rates = PricingConfig(stt_per_second=Decimal("0.01"))
    calculator = CostCalculator(pricing=rates)
    assert calculator.pricing is rates
    assert calculator.calculate(stt_duration_sec=10).cost_stt == Decimal("0.1000")
    made = CostBreakdown(Decimal(1), Decimal(2), Decimal(3), Decimal(4), Decimal(10))
    assert made.exact["cost_total"] == 10


async def test_dictionaries_are_json(logs: Path) -> None:
    """What an agent puts into its own log goes through ``json.dumps``, to the digits that were counted."""
    cost = CostCalculator().calculate(60, 1000, 2000, 5000, 120)
    assert json.dumps(cost.to_dict()) == (
        '{"cost_stt": 0.258, "cost_llm": 0.0002, "cost_tts": 0.075, "cost_livekit": 0.008, "cost_total": 0.3412}'
    )
    service = TelemetryService(Session())
    await service.record_turn("c", TurnMetrics(1, "user", "a", eou_latency=500))
    metrics = await service.finalize_call("c", "success", 1.0, timestamp=1_793_620_800)
    metrics.apply_cost(cost)
    read = json.loads(json.dumps(metrics.to_dict()))
    assert (read["ended_at"], read["cost_total"], read["eou_latency_avg"]) == ("2026-11-02T12:00:00.000Z", 0.3412, 500)
    assert set(read) == set(CallMetrics("c").to_dict())
    assert CostCalculator().calculate_from_metrics(read).cost_total == 0


@pytest.mark.parametrize(
    "transcript", ["Пользователь: Запишите меня.\nБот: Записал вас на среду.", "user: Book me.\nbot: You are booked."]
)
def test_transcript_by_its_other_name(transcript: str) -> None:
    """``transcript_text=`` is ``transcript``, and speakers are known in Russian as well."""
    classifier = OutcomeClassifier()
    assert classifier.classify_from_keywords(transcript_text=transcript) == classifier.classify_from_keywords(
        transcript
    )


def test_tracker_is_usable_by_itself() -> None:
    """An agent that holds the tracker of its collector sees what the collector counts."""
    quality = QualityMetricsCollector()
    assert isinstance(quality.interruption_tracker, InterruptionTracker)
    quality.interruption_tracker.on_bot_speech_start()
    assert quality.on_user_speech_start() is True
    quality.reset()
    assert quality.interruption_tracker.get_interruption_count() == 0


async def test_the_turn_that_goes_on_can_be_looked_at(logs: Path) -> None:
    """What is measured so far, as a copy."""
    collector = MetricCollector("c", TelemetryService("here"))
    collector.start_turn("user", "a", "ask")
    collector.on_llm_start()
    collector.on_llm_complete(10, 5)
    collector.on_tts_start("Hello")
    turn = collector.current_turn
    assert isinstance(turn, TurnContext)
    assert (turn.turn_number, turn.role, turn.content, turn.state_id) == (1, "user", "a", "ask")
    assert (turn.llm_input_tokens, turn.llm_output_tokens, turn.tts_characters) == (10, 5, 5)
    assert turn.llm_complete is not None
    assert turn.audio_playback_start is None
    turn.role = "nobody"
    assert (await collector.finalize_turn() or turn).role == "user"
