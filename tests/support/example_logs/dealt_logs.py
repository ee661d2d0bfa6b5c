"""Random logs whose calls are dealt out over many files, with duplicates, twins and lines that do not count; random questions."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.selection import Selection
from voicetel.pricing import RateCard, parse_card

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

Event = dict[str, Any]

START = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)
AGENTS = ("clinic", "shop", "Ärzte", None)
PHRASES = ("You have reached my voicemail.", "Thank you, goodbye!", "Да, запишите меня.", "It's booked.", "no", "")
PROVIDERS = {
    "stt": ("deepgram", "acme"),
    "llm": ("groq", None),
    "tts": ("cartesia",),
    "transport": ("livekit",),
    "tool": (None,),
}
QUANTITIES = {
    "stt": ("audio_s", "session_s"),
    "llm": ("input_tokens", "cached_input_tokens", "output_tokens"),
    "tts": ("characters", "audio_s"),
    "transport": ("session_s",),
    "tool": ("requests",),
}
BAD_LINES = (
    b"no json",
    b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z"}',
    b'{"v":2,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"newer"}',
    b'{"v":1,"event":"dance","ts":"2026-11-02T09:00:00Z","call_id":"other"}',
    b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":7}',
    b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"\xff"}',
    b"\xef\xbb\xbf{}",
    b"",
    b" \t\r",
    b"\x00",
)


@dataclass(frozen=True)
class Asked:
    """A random question."""

    selection: Selection
    card: RateCard


def write_dealt(folder: Path, random: Random, calls: int = 12) -> Path:
    """Write such logs."""
    lines = [line for number in range(calls) for line in _call_lines(random, f"{random.choice('abc')}-{number}")]
    files: list[list[bytes]] = [[] for _ in range(random.randint(1, 4))]
    for line in lines:
        random.choice(files).append(line)
        if random.random() < 0.05:
            random.choice(files).append(line)
    for _ in range(random.randint(0, 8)):
        some = random.choice(files)
        some.insert(random.randint(0, len(some)), random.choice(BAD_LINES))
    folder.mkdir(parents=True, exist_ok=True)
    for number, some in enumerate(files):
        mark = b"\xef\xbb\xbf" if random.random() < 0.2 else b""
        content = mark + b"".join(line + random.choice((b"\n", b"\n", b"\r\n")) for line in some)
        (folder / f"part-{number}.jsonl").write_bytes(content + random.choice((b"", b'{"v":1,"event":"tu')))
    if random.random() < 0.4:
        content = (folder / "part-0.jsonl").read_bytes()
        (folder / "twin.jsonl.gz").write_bytes(gzip.compress(content))
        (folder / "beginning.jsonl").write_bytes(content[: content.rfind(b"\n", 0, len(content) // 2) + 1])
    return folder


def asked(random: Random, *, of_calls: bool = True) -> Asked:
    """Filters, groups and a card."""
    names = (
        "agent_name",
        "agent_version",
        "campaign",
        "direction",
        "language",
        "day",
        "outcome",
        "weekday",
        "end_reason",
    )
    finer = ("stage", "model", "provider") if random.random() < 0.3 and not of_calls else ()
    by = tuple(random.sample((*names, *finer), random.choice((0, 1, 1, 2))))
    since = START.replace(tzinfo=None) + timedelta(hours=random.randint(0, 12)) if random.random() < 0.3 else None
    agents = tuple(random.sample([name for name in AGENTS if name], 2)) if random.random() < 0.3 else ()
    tz = random.choice(("UTC", "Europe/Berlin", "America/New_York"))
    return Asked(Selection(since=since, agents=agents, by=by, tz=tz), _card(random))


def _card(random: Random) -> RateCard:
    fees = ["", "usd_per_call = 0.002", "round_up_to_s = 15"]
    return parse_card(
        f"""
        currency = "USD"
        [stt.deepgram]
        usd_per_minute = 0.0043
        {random.choice((fees[0], fees[2]))}
        [llm.groq]
        usd_per_1m_input_tokens = 0.05
        usd_per_1m_output_tokens = 0.08
        [tts.cartesia]
        usd_per_1k_characters = 0.015
        [transport.livekit]
        usd_per_minute = 0.004
        {random.choice(fees[:2])}
        """,
        source="card",
    )


def _call_lines(random: Random, call_id: str) -> list[bytes]:
    at = START + timedelta(minutes=random.randint(0, 1500), milliseconds=random.randint(0, 999))
    seq = 0
    lines = []
    writer = f"w-{call_id}" if random.random() < 0.8 else None

    def add(event: str, **fields: Any) -> None:
        nonlocal seq, at
        seq += 1
        at += timedelta(milliseconds=random.randint(1, 9000))
        found = {"v": 1, "event": event, "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        found |= {"call_id": call_id} | ({"writer": writer, "seq": seq} if writer else {}) | fields
        known = {name: value for name, value in found.items() if value is not None}
        text = json.dumps(known, ensure_ascii=random.random() < 0.5)
        if random.random() < 0.1:
            text = text.replace(f'"{call_id}"', f'"\\u{ord(call_id[0]):04x}{call_id[1:]}"')
        lines.append(random.choice(("", "", " ", "\v")).encode() + text.encode())
        if writer and random.random() < 0.03 and "eou_latency_ms" in known:
            lines.append(json.dumps(known | {"eou_latency_ms": random.randint(1, 4000)}).encode())

    if random.random() < 0.9:
        add(
            "call_started",
            agent_name=random.choice(AGENTS),
            agent_version=random.choice(("1", "2", None)),
            campaign=random.choice(("autumn", None)),
            direction=random.choice(("inbound", "outbound", None)),
            language=random.choice(("en", "ru", "de-DE", None)),
        )
    for turn in range(1, random.randint(0, 8) + 1):
        add("turn", turn=turn, **_turn(random))
    if random.random() < 0.1:
        add("mark", kind="false_interruption")
    if random.random() < 0.3:
        add("usage", operations=[_operation(random, "transport")])
    if random.random() < 0.8:
        add(
            "call_ended",
            duration_s=random.choice((None, random.randint(1, 90_000) / 1000)),
            end_reason=random.choice(("caller_hangup", "agent_hangup", "no_answer", None)),
            interruption_count=random.choice((None, random.randint(0, 3))),
            outcome=random.choice((None, None, "success", "failure")),
            sentiment=random.choice((None, round(random.uniform(-1, 1), 3))),
        )
    return lines


def _turn(random: Random) -> Event:
    begin = random.randint(0, 2000)
    speaks = random.randint(500, 5000)
    user = {"text": random.choice(PHRASES), "start_ms": begin, "end_ms": begin + random.choice((0, 800, 2000))}
    agent = {
        "text": random.choice(PHRASES),
        "start_ms": begin + 2500,
        "end_ms": begin + 2500 + speaks,
        "interrupted": random.choice((None, False, True)),
    }
    return {
        "state_id": random.choice(("greeting", "ask_day", None)),
        "user": user if random.random() < 0.8 else None,
        "agent": {key: value for key, value in agent.items() if value is not None} if random.random() < 0.8 else None,
        "eou_latency_ms": random.choice(
            (None, random.randint(100, 3000), round(random.uniform(0, 3000), 4), -1, 60_001)
        ),
        "operations": [_operation(random, random.choice(tuple(QUANTITIES))) for _ in range(random.randint(0, 4))],
    }


def _operation(random: Random, stage: str) -> Event:
    charged = random.random() < 0.1
    found = {
        "stage": stage,
        "provider": random.choice(PROVIDERS[stage]),
        "model": random.choice(("large", "small", None)),
        "name": random.choice(("find_slot", "book", None)) if stage == "tool" else None,
        "start_ms": random.choice((None, random.randint(0, 3000))),
        "ttfb_ms": random.choice((None, random.randint(1, 900), round(random.uniform(0, 900), 3))),
        "duration_ms": random.choice((None, random.randint(1, 2000))),
        "status": random.choice((None, None, "ok", "error", "cancelled")),
        "cost": f"0.{random.randint(1, 10**9):012}" if charged else None,
        "currency": random.choice(("USD", "EUR")) if charged else None,
        **{
            name: random.choice((None, random.randint(0, 20_000), random.randint(0, 10**6) / 1000))
            for name in QUANTITIES[stage]
        },
    }
    return {name: value for name, value in found.items() if value is not None}
