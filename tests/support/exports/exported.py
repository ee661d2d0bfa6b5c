"""Exports of small logs, and what the database then holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.exporters.postgres.export import export
from voicetel.exporters.rows import parts_of
from voicetel.exporters.summary import ExportSummary
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from support.servers.postgres_server import Server

CARD_TEXT = """
currency = "USD"
[stt.deepgram]
usd_per_minute = 0.0043
[llm.groq]
usd_per_1m_input_tokens = 0.05
usd_per_1m_output_tokens = 0.08
[llm.openai]
usd_per_1m_input_tokens = 0.15
usd_per_1m_output_tokens = 0.6
[tts.cartesia]
usd_per_1k_characters = 0.015
[transport.livekit]
usd_per_minute = 0.004
"""
CARD = parse_card(CARD_TEXT, source="test card")
RULES = load_rules()

Event = dict[str, Any]


def turn(call_id: str, number: int, *, minute: int = 0, model: str = "groq", **more: Any) -> Event:
    """A turn of a caller and an agent, with one operation of each stage."""
    return {
        "v": 1,
        "event": "turn",
        "ts": f"2026-11-02T{9 + minute // 60:02}:{minute % 60:02}:{number:02}.000Z",
        "call_id": call_id,
        "turn": number,
        "user": {"text": f"Question {number}", "start_ms": 0, "end_ms": 900},
        "agent": {
            "text": f"Answer {number}",
            "start_ms": 1500 + number,
            "end_ms": 2500,
            "interrupted": number % 3 == 0,
        },
        "operations": [
            {
                "stage": "stt",
                "provider": "deepgram",
                "model": "nova-3",
                "start_ms": 900,
                "ttfb_ms": 170.5,
                "audio_s": 0.9,
            },
            {
                "stage": "llm",
                "provider": model,
                "model": "small",
                "start_ms": 1080,
                "ttfb_ms": 120,
                "duration_ms": 300,
                "input_tokens": 800 + number,
                "output_tokens": 20,
            },
            {
                "stage": "tts",
                "provider": "cartesia",
                "start_ms": 1390,
                "ttfb_ms": 100,
                "duration_ms": 350,
                "characters": 31,
            },
        ],
        **more,
    }


def call(call_id: str, turns: int = 3, *, minute: int = 0, model: str = "groq") -> list[Event]:
    """The events of one whole call."""
    envelope = {"v": 1, "call_id": call_id}
    hour, minutes = 9 + minute // 60, minute % 60
    return [
        {
            **envelope,
            "event": "call_started",
            "ts": f"2026-11-02T{hour:02}:{minutes:02}:00.000Z",
            "agent_name": "desk",
            "agent_version": "1.0",
            "language": "en",
            "direction": "inbound",
        },
        *(turn(call_id, number, minute=minute, model=model) for number in range(1, turns + 1)),
        {
            **envelope,
            "event": "call_ended",
            "ts": f"2026-11-02T{hour:02}:{minutes:02}:59.000Z",
            "duration_s": 59.5,
            "outcome": "success",
            "sentiment": 0.25,
            "operations": [{"stage": "transport", "provider": "livekit", "session_s": 59.5}],
        },
    ]


@dataclass(slots=True)
class Target:
    """A schema in a database, and a folder of logs to fill it from."""

    server: Server
    schema: str
    logs: Path
    database: str = "postgres"
    card_text: str = CARD_TEXT
    _files: int = field(default=0)

    def log(self, events: Iterable[Event], name: str | None = None) -> Path:
        """Append events to a file of the logs; without a name to a new one."""
        self.logs.mkdir(exist_ok=True)
        self._files += 1
        path = self.logs / (name or f"log-{self._files:04}.jsonl")
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        return path

    def export(self, *, with_text: bool = False, **options: Any) -> ExportSummary:
        """Export the logs as they are."""
        card = parse_card(self.card_text, source="test card")
        with open_store([str(self.logs)], RULES, cache=False) as store:
            dsn = options.pop("dsn", self.server.dsn(self.database))
            summary = ExportSummary()
            for rows in parts_of(store, card, with_text=with_text):
                summary.extend(export(rows, dsn, self.schema, **options))
            return summary

    def calls(self) -> list[dict[str, Any]]:
        """What ``voicetel calls`` says of the logs."""
        card = parse_card(self.card_text, source="test card")
        with open_store([str(self.logs)], RULES, cache=False) as store:
            found: list[dict[str, Any]] = calls(store, card).to_pylist()
            return found

    def bill(self) -> Decimal:
        """The total of ``voicetel cost`` over the logs."""
        card = parse_card(self.card_text, source="test card")
        with open_store([str(self.logs)], RULES, cache=False) as store:
            context = analysis_context(store)
            price_usage(context, card)
            return cost_table(context, card, ()).cost.total or Decimal(0)

    def table(self, name: str, order: str = "1, 2") -> list[dict[str, Any]]:
        """The rows of a table; times are text in UTC."""
        rows = self.rows(f"SELECT to_jsonb(t)::text FROM (SELECT * FROM {self.quoted}.{name} ORDER BY {order}) AS t")
        return [json.loads(row, parse_float=Decimal) for (row,) in rows]

    def state(self) -> list[tuple[Any, ...]]:
        """Which version of which row the tables hold: equal to what it was before if, and only if, no row was written."""
        found = []
        for name in ("call_metrics", "call_logs", "operations"):
            found += self.rows(f"SELECT '{name}', xmin::text, ctid::text FROM {self.quoted}.{name} ORDER BY 2, 3")
        return found

    def value(self, sql: str) -> Any:
        """The one value of a statement, in which ``{}`` stands for the schema."""
        return self.rows(sql.replace("{}", self.quoted))[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        return self.server.rows(sql, self.database)

    @property
    def quoted(self) -> str:
        """The schema as SQL wants it."""
        return f'"{self.schema}"'


def counts(summary: ExportSummary) -> Mapping[str, tuple[int, int, int, int]]:
    """Table → (inserted, updated, unchanged, deleted)."""
    return {
        name: (table.inserted, table.updated, table.unchanged, table.deleted) for name, table in summary.tables.items()
    }
