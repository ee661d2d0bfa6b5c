"""What the fixtures say, worked out by hand: figures of each call as ``calls --json`` has to give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "importers" / "fixtures"


@dataclass(frozen=True)
class Call:
    """One call. ``turns`` are all, with caller, with agent; latencies are in the order of turns, in ms; cost in USD."""

    call_id: str
    duration_s: float | None
    turns: tuple[int, int, int]
    response: tuple[float, ...] = ()
    llm: tuple[float, ...] = ()
    tts: tuple[float, ...] = ()
    stt: tuple[float, ...] = ()
    endpointing: tuple[float, ...] = ()
    interruptions: int = 0
    charged: dict[str, str] = field(default_factory=dict)
    outcome: tuple[str, float] = ("unknown", 0.0)
    end_reason: str | None = None
    sentiment: float | None = None
    direction: str | None = None


VAPI = {
    "vapi/webhook_inbound.json": [
        Call(
            "01a0b1c2-0001-7000-8000-000000000001",
            31.5,
            (4, 3, 4),
            (940, 2890, 1120),
            (310, 820, 350),
            (240, 265, 255),
            (120, 140),
            (180, 210, 190),
            interruptions=1,
            charged={
                "stt": "0.005",
                "llm": "0.000456",
                "transport": "0.00735",
                "other": "0.02823",
                "total": "0.041036",
            },
            outcome=("success", 0.8),
            end_reason="caller_hangup",
            direction="inbound",
        )
    ],
    "vapi/list_page.json": [
        Call(
            "01a0b1c2-0002-7000-8000-000000000002",
            13,
            (1, 1, 1),
            (900,),
            (280,),
            (230,),
            (110,),
            charged={"total": "0.0202588"},
            outcome=("voicemail", 0.93),
            end_reason="agent_hangup",
            direction="outbound",
        ),
        Call(
            "01a0b1c2-0003-7000-8000-000000000003",
            None,
            (0, 0, 0),
            outcome=("no_answer", 0.95),
            end_reason="not_connected",
            direction="outbound",
        ),
        Call(
            "01a0b1c2-0004-7000-8000-000000000004",
            52,
            (3, 1, 3),
            (1010,),
            tts=(410,),
            charged={
                "stt": "0.0087",
                "llm": "0.0009",
                "tts": "0.0068",
                "transport": "",
                "other": "0.0467",
                "total": "0.0631",
            },
            outcome=("fail", 0.65),
            end_reason="timeout",
            direction="web",
        ),
        Call("01a0b1c2-0005-7000-8000-000000000005", None, (0, 0, 0), direction="inbound"),
    ],
    "vapi/deliveries.jsonl": [
        Call(
            "01a0b1c2-0006-7000-8000-000000000006",
            11,
            (2, 1, 2),
            (1600,),
            (290,),
            (235,),
            (130,),
            (170,),
            charged={"total": "0.0176962"},
            outcome=("success", 0.75),
            end_reason="transfer",
            direction="inbound",
        )
    ],
}
RETELL = {
    "retell/webhook_call_analyzed.json": [
        Call(
            "call_f00d0000000000000000000001",
            29.6,
            (4, 3, 4),
            (1010, 1950, 870),
            (520, 700, 480),
            (190, 210, 185),
            (60, 75, 55),
            charged={
                "tts": "0.034533",
                "llm": "0.00296",
                "transport": "0.0074",
                "other": "0.034533",
                "total": "0.079426",
            },
            outcome=("success", 0.8),
            end_reason="caller_hangup",
            sentiment=0.6,
            direction="inbound",
        )
    ],
    "retell/get_call.jsonl": [
        Call(
            "call_f00d0000000000000000000002",
            11,
            (1, 1, 1),
            (980,),
            charged={"total": "0.025666"},
            outcome=("voicemail", 0.93),
            end_reason="agent_hangup",
            sentiment=0,
            direction="outbound",
        ),
        Call(
            "call_f00d0000000000000000000003",
            None,
            (0, 0, 0),
            outcome=("no_answer", 0.95),
            end_reason="not_connected",
            direction="outbound",
        ),
        Call(
            "call_f00d0000000000000000000004",
            19,
            (2, 1, 2),
            (890,),
            (450,),
            (180,),
            charged={"tts": "", "other": "0.039", "total": "0.039"},
            outcome=("fail", 0.8),
            end_reason="timeout",
            direction="web",
        ),
    ],
    "retell/list_page_v3.json": [
        Call(
            "call_f00d0000000000000000000005",
            64,
            (0, 0, 0),
            charged={"total": "0.189867"},
            outcome=("success", 0.8),
            end_reason="agent_hangup",
            sentiment=0,
            direction="inbound",
        )
    ],
}
ELEVENLABS = {
    "elevenlabs/conversation.json": [
        Call(
            "conv_0001",
            24,
            (4, 3, 4),
            (2450, 1350, 1400),
            (420, 400, 360),
            (210, 200, 190, 220),
            (120, 100, 140),
            (700, 600, 650),
            interruptions=1,
            charged={"stt": "0", "llm": "0.0014188", "tts": "0", "other": "0.04", "total": "0.0414188"},
            outcome=("success", 0.8),
            end_reason="caller_hangup",
            direction="inbound",
        )
    ],
    "elevenlabs/webhooks.jsonl": [
        Call(
            "conv_0002",
            31,
            (3, 2, 3),
            llm=(510, 470),
            outcome=("fail", 0.8),
            end_reason="agent_hangup",
            direction="web",
        ),
        Call("conv_0003", 9, (1, 0, 1), outcome=("voicemail", 0.95), end_reason="agent_hangup", direction="outbound"),
        Call("conv_0004", None, (0, 0, 0), outcome=("busy", 0.95), end_reason="not_connected", direction="outbound"),
    ],
    "elevenlabs/list_page.json": [],
}
LIVEKIT = {
    "livekit_report/report.json": [
        Call(
            "AJ_aa0000000001",
            24.5,
            (4, 3, 4),
            (1050, 2200, 900),
            (330, 290, 250),
            (140, 150, 160, 130),
            (210, 180, 200),
            (620, 550, 500),
            interruptions=1,
            end_reason="caller_hangup",
        )
    ],
    "livekit_report/reports.jsonl": [
        Call(
            "AJ_aa0000000002",
            14,
            (2, 1, 2),
            (1400,),
            (400,),
            (150, 200),
            outcome=("fail", 0.85),
            end_reason="error",
        ),
        Call("AJ_aa0000000003", 8, (1, 0, 1), tts=(160,), end_reason="agent_hangup"),
    ],
}
OTEL = {
    "otel_livekit/traces.jsonl": [
        Call(
            "AJ_cc0000000001",
            24.5,
            (4, 3, 4),
            (1000, 2100, 900),
            (310, 400, 250),
            (140, 150, 160, 130),
            (200, 180, 200),
            (600, 500, 500),
            interruptions=1,
            end_reason="caller_hangup",
        )
    ],
    "otel_livekit/rotated-*.jsonl": [
        Call(
            "AJ_cc0000000002",
            9,
            (1, 0, 1),
            tts=(130,),
            outcome=("voicemail", 0.92),
            end_reason="agent_hangup",
        ),
        Call(
            "AJ_cc0000000003",
            12,
            (1, 1, 1),
            (900,),
            (300,),
            (150,),
            (220,),
            (500,),
            outcome=("fail", 0.85),
            end_reason="error",
        ),
    ],
    "otel_pipecat/traces.jsonl": [
        Call("pc-0001", 19, (3, 2, 3), (950, 1300), (200, 210), (160, 150, 140), (300, 300), interruptions=1)
    ],
    "otel_pipecat/no_root.jsonl": [Call("pc-0002", None, (2, 1, 2), (), (190,), (170, 120), (250,))],
}
OTHERS = {
    "voiceobs/spans.jsonl": [
        Call(
            "vo-0001",
            16,
            (2, 2, 2),
            (2450, 1950),
            stt=(400, 300),
            interruptions=1,
        )
    ],
    "bolna/webhooks.jsonl": [
        Call(
            "b01a0000-0000-4000-8000-000000000001",
            41.5,
            (3, 2, 3),
            llm=(633, 437.5),
            stt=(260, 300),
            charged={
                "stt": "0.007",
                "llm": "0.042",
                "tts": "0.068",
                "transport": "0.012",
                "other": "0.02",
                "total": "0.149",
            },
            end_reason="caller_hangup",
            direction="outbound",
        ),
        Call(
            "b01a0000-0000-4000-8000-000000000002",
            None,
            (0, 0, 0),
            outcome=("busy", 0.95),
            end_reason="not_connected",
            direction="outbound",
        ),
        Call(
            "b01a0000-0000-4000-8000-000000000004",
            18,
            (1, 0, 1),
            charged={"llm": "", "other": "0.05", "total": "0.05"},
            outcome=("voicemail", 0.93),
            end_reason="agent_hangup",
            direction="outbound",
        ),
    ],
}
EXPECTED = VAPI | RETELL | ELEVENLABS | LIVEKIT | OTEL | OTHERS
"""Pattern of files among the fixtures → the calls in them."""

CALLS = [call for calls in EXPECTED.values() for call in calls]
