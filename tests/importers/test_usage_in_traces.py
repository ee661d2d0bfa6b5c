"""What models used, out of traces and session reports: each kind of token once, under the stage and the provider that bill it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_lines import lines_of, turns_of

if TYPE_CHECKING:
    from pathlib import Path

BEGAN_S = 1_791_200_000.0
TRACE = "1af7651916cd43dd8448eb211c80319c"


def span(name: str, number: int, begins_s: float, ends_s: float, *, under: int | None = None, **attributes: Any) -> Any:
    """A span as OTLP writes it, ``number`` for its id; names of attributes with ``__`` for each dot."""
    kinds = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}
    values = [
        {"key": key.replace("__", "."), "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for key, value in attributes.items()
    ]
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": "" if under is None else f"{under:016x}",
        "name": name,
        "startTimeUnixNano": str(round((BEGAN_S + begins_s) * 1000) * 10**6),
        "endTimeUnixNano": str(round((BEGAN_S + ends_s) * 1000) * 10**6),
        "attributes": values,
    }


def imported(folder: Path, scope: str, *spans: Any) -> Path:
    """The logs of one trace."""
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}
    (folder / "traces.jsonl").write_text(json.dumps(document) + "\n", "utf-8")
    assert run("import", folder / "traces.jsonl", "-o", folder / "logs").code == 0
    return folder / "logs"


def pipecat_turn(folder: Path, *work: Any, **of_turn: Any) -> dict[str, Any]:
    """The one turn of a Pipecat call in which ``work`` was done."""
    root = span("conversation", 1, 0, 10, conversation__id="c-1")
    turn = span("turn", 2, 0, 5, under=1, **of_turn)
    (found,) = turns_of(imported(folder, "pipecat", root, turn, *work), "c-1")
    return found


@pytest.mark.parametrize(
    ("provider", "input_tokens"),
    [("anthropic", 40 + 900 + 60), ("aws.bedrock", 40 + 900 + 60), ("openai", 40), ("gcp.gemini", 40)],
)
def test_input_tokens_of_pipecat_are_all_of_them(provider: str, input_tokens: int, tmp_path: Path) -> None:
    """Of Anthropic's and Bedrock's models Pipecat counts those beside the cache: 40, with 900 read and 60 written 1,000."""
    model = span(
        "llm", 3, 1, 2, under=2, gen_ai__provider__name=provider, gen_ai__request__model="m", output="Hello.",
        gen_ai__usage__input_tokens=40, gen_ai__usage__output_tokens=7, gen_ai__usage__cache_read__input_tokens=900,
        gen_ai__usage__cache_creation__input_tokens=60,
    )  # fmt: skip
    (operation,) = pipecat_turn(tmp_path, model)["operations"]
    assert operation["input_tokens"] == input_tokens
    assert (operation["cached_input_tokens"], operation["cache_write_tokens"], operation["output_tokens"]) == (
        900,
        60,
        7,
    )


@pytest.mark.parametrize(("said", "status"), [("completed", None), ("cancelled", "cancelled"), ("failed", "error")])
def test_pipecats_speech_to_speech_models_are_billed(said: str, status: str | None, tmp_path: Path) -> None:
    """Their responses have spans of another name, with tokens of audio, read from the cache or not."""
    response = span(
        "llm_response", 3, 3.9, 3.9, under=2, gen_ai__provider__name="openai", gen_ai__request__model="gpt-realtime",
        gen_ai__usage__input_tokens=500, gen_ai__usage__output_tokens=90, gen_ai__usage__cache_read__input_tokens=300,
        gen_ai__usage__audio__input_tokens=400, gen_ai__usage__audio__cache_read__input_tokens=250,
        gen_ai__usage__audio__output_tokens=70, metrics__ttfb=0.4, output="Hello.", response__status=said,
    )  # fmt: skip
    turn = pipecat_turn(tmp_path, response, turn__user_bot_latency_seconds=0.9)
    (operation,) = turn["operations"]
    assert operation == {
        "stage": "realtime",
        "provider": "openai",
        "model": "gpt-realtime",
        "ttfb_ms": 400,
        **({"status": status} if status else {}),
        "input_tokens": 500,
        "cached_input_tokens": 300,
        "input_audio_tokens": 400,
        "cached_input_audio_tokens": 250,
        "output_tokens": 90,
        "output_audio_tokens": 70,
    }
    assert (turn["agent"]["text"], turn["eou_latency_ms"], "user" in turn) == ("Hello.", 900, True)


def livekit_logs(folder: Path, *spans: Any, **of_session: Any) -> Path:
    """The logs of a LiveKit session."""
    root = span("agent_session", 1, 0, 20, lk__job_id="j-1", **of_session)
    return imported(folder, "livekit-agents", root, *spans)


def test_livekits_speech_to_speech_models(tmp_path: Path) -> None:
    """The metrics' timestamp is that of the response's creation, not of its end; audio that was cached is cheaper."""
    metrics = {"timestamp": BEGAN_S + 2, "duration": 1.5, "ttft": 0.3, "request_id": "r-1", "cancelled": False}
    spans = (
        span("agent_turn", 2, 1.9, 6, under=1, lk__pii__response__text="Hello."),
        span("agent_speaking", 3, 2.4, 6, under=2),
        span(
            "realtime_inference", 4, 1.95, 6, under=2, lk__realtime_model_metrics=json.dumps(metrics),
            gen_ai__provider__name="openai", gen_ai__request__model="gpt-realtime", gen_ai__usage__input_tokens=500,
            gen_ai__usage__cache_read__input_tokens=300, gen_ai__usage__audio__input_tokens=400,
            gen_ai__usage__audio__cache_read__input_tokens=250, gen_ai__usage__output_tokens=90,
            gen_ai__usage__audio__output_tokens=70,
        ),
    )  # fmt: skip
    (turn,) = turns_of(livekit_logs(tmp_path, *spans), "j-1")
    (operation,) = turn["operations"]
    assert operation["cached_input_audio_tokens"] == 250
    assert turn["agent"]["start_ms"] - operation["start_ms"] == 400
    assert (operation["ttfb_ms"], operation["duration_ms"]) == (300, 1500)


def test_livekits_synthesisers_that_bill_tokens(tmp_path: Path) -> None:
    """As the recorder has it: what they give for tokens is audio."""
    metrics = {"timestamp": BEGAN_S + 3, "duration": 1.0, "ttfb": 0.2, "input_tokens": 12, "output_tokens": 80}
    spans = (
        span("agent_turn", 2, 1.9, 6, under=1, lk__pii__response__text="Hello."),
        span("agent_speaking", 3, 2.4, 6, under=2),
        span("tts_request", 4, 2, 3, under=2, lk__tts_metrics=json.dumps(metrics), gen_ai__provider__name="openai"),
    )
    (turn,) = turns_of(livekit_logs(tmp_path, *spans), "j-1")
    (operation,) = turn["operations"]
    assert (operation["input_tokens"], operation["output_tokens"], operation["output_audio_tokens"]) == (12, 80, 80)


@pytest.mark.parametrize(("rule", "direction"), [({"lk__sip__ruleID": "SDR_1"}, "inbound"), ({}, "outbound")])
def test_whoever_no_rule_let_in_was_dialled(rule: dict[str, str], direction: str, tmp_path: Path) -> None:
    """A telephone call of LiveKit's is an inbound one where a dispatch rule let it in, as the recorder has it."""
    logs = livekit_logs(tmp_path, lk__sip__callID="SCL_1", lk__sip__callStatus="active", **rule)
    started = next(line for line in lines_of(logs, "j-1") if line["event"] == "call_started")
    assert started["direction"] == direction


def report_usage(folder: Path, *usage: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations of a session report that lists this usage."""
    report = {
        "job_id": "j-1",
        "room_id": "RM_1",
        "chat_history": {
            "items": [{"type": "message", "role": "assistant", "content": ["Hi."], "created_at": BEGAN_S}]
        },
        "timestamp": BEGAN_S + 20,
        "usage": list(usage),
    }
    (folder / "report.json").write_text(json.dumps(report), "utf-8")
    assert run("import", folder / "report.json", "-o", folder / "logs").code == 0
    (used,) = [line for line in lines_of(folder / "logs", "j-1") if line["event"] == "usage"]
    operations: list[dict[str, Any]] = used["operations"]
    return operations


def test_every_kind_of_token_of_a_session_report(tmp_path: Path) -> None:
    """Tokens written to a cache and audio out of it have rates of their own; hosts are the vendors' that they belong to."""
    operations = report_usage(
        tmp_path,
        {
            "type": "llm_usage", "provider": "api.anthropic.com", "model": "claude", "input_tokens": 1000,
            "input_cached_tokens": 600, "input_cache_creation_tokens": 250, "output_tokens": 40,
        },
        {
            "type": "llm_usage", "provider": "api.openai.com", "model": "gpt-realtime", "input_tokens": 500,
            "input_cached_tokens": 300, "input_audio_tokens": 400, "input_cached_audio_tokens": 250,
            "input_text_tokens": 100, "output_tokens": 90, "output_audio_tokens": 70,
        },
        {"type": "tts_usage", "provider": "api.openai.com", "model": "gpt-4o-mini-tts", "input_tokens": 9, "output_tokens": 80},
    )  # fmt: skip
    assert operations == [
        {
            "stage": "llm", "provider": "anthropic", "model": "claude", "input_tokens": 1000,
            "cached_input_tokens": 600, "cache_write_tokens": 250, "output_tokens": 40,
        },
        {
            "stage": "realtime", "provider": "openai", "model": "gpt-realtime", "input_tokens": 500,
            "cached_input_tokens": 300, "input_audio_tokens": 400, "cached_input_audio_tokens": 250, "output_tokens": 90,
            "output_audio_tokens": 70,
        },
        {
            "stage": "tts", "provider": "openai", "model": "gpt-4o-mini-tts", "input_tokens": 9, "output_tokens": 80,
            "output_audio_tokens": 80,
        },
    ]  # fmt: skip
