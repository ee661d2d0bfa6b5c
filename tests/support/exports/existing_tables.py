"""Tables as applications have them, and exports into them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from support.exports.exported import RULES, call
from voicetel.exporters.postgres.existing.export import export_into_existing
from voicetel.exporters.rows import parts_of
from voicetel.exporters.summary import ExportSummary
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS
from voicetel.pricing import parse_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from support.exports.exported import Target
    from voicetel.exporters.postgres.existing.row_shape import RowPer

WRITTEN_BY_HAND = """
CREATE SCHEMA {};
SET search_path TO {};
CREATE TABLE calls (id uuid PRIMARY KEY, phone text);
CREATE TABLE call_metrics (
    id serial PRIMARY KEY,
    call_id uuid NOT NULL UNIQUE REFERENCES calls (id),
    ttfb_stt_avg NUMERIC(10,2), ttfb_stt_min NUMERIC(10,2), ttfb_stt_max NUMERIC(10,2),
    latency_llm_avg NUMERIC(10,2), latency_llm_min NUMERIC(10,2), latency_llm_max NUMERIC(10,2),
    ttfb_tts_avg NUMERIC(10,2), ttfb_tts_min NUMERIC(10,2), ttfb_tts_max NUMERIC(10,2),
    eou_latency_avg NUMERIC(10,2), eou_latency_min NUMERIC(10,2), eou_latency_max NUMERIC(10,2),
    stt_duration_sec NUMERIC(10,2), llm_input_tokens INTEGER, llm_output_tokens INTEGER,
    tts_characters INTEGER, livekit_duration_sec NUMERIC(10,2),
    cost_stt NUMERIC(10,6), cost_llm NUMERIC(10,6), cost_tts NUMERIC(10,6), cost_livekit NUMERIC(10,6),
    cost_total NUMERIC(10,6),
    interruption_count INTEGER, interruption_rate NUMERIC(5,4), sentiment_score NUMERIC(4,3),
    outcome VARCHAR(20), outcome_confidence NUMERIC(4,3), turn_count INTEGER,
    user_turn_count INTEGER, bot_turn_count INTEGER,
    note text,
    created_at TIMESTAMP DEFAULT now(), updated_at TIMESTAMP DEFAULT now()
);
CREATE TABLE call_logs (
    id bigserial PRIMARY KEY,
    call_id uuid NOT NULL REFERENCES calls (id),
    turn_index INTEGER, role VARCHAR(10), content TEXT, state_id VARCHAR(100),
    ttfb_stt NUMERIC(10,2), latency_stt NUMERIC(10,2), latency_llm NUMERIC(10,2), ttfb_tts NUMERIC(10,2),
    latency_tts NUMERIC(10,2), eou_latency NUMERIC(10,2),
    was_interrupted BOOLEAN, sentiment NUMERIC(4,3), extra_data JSON, created_at TIMESTAMP DEFAULT now()
)
"""

MADE_BY_AN_ORM = """
CREATE SCHEMA {};
SET search_path TO {};
CREATE TABLE call_metrics (
    id VARCHAR(36) NOT NULL, call_id VARCHAR(64) NOT NULL, eou_latency_avg DOUBLE PRECISION, turn_count INTEGER NOT NULL,
    user_turn_count INTEGER NOT NULL, bot_turn_count INTEGER NOT NULL, cost_total NUMERIC(10, 6), outcome VARCHAR(20),
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    PRIMARY KEY (id), UNIQUE (call_id)
);
CREATE TYPE speaker AS ENUM ('user', 'assistant');
CREATE TABLE call_logs (
    id UUID NOT NULL, call_id VARCHAR(64) NOT NULL, turn_index INTEGER NOT NULL, role speaker NOT NULL, content TEXT,
    ttfb_stt DOUBLE PRECISION, latency_llm DOUBLE PRECISION, eou_latency DOUBLE PRECISION, llm_input_tokens INTEGER,
    was_interrupted BOOLEAN, extra_data JSONB, created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (call_id) REFERENCES call_metrics (call_id), UNIQUE (call_id, turn_index)
)
"""
"""No column has a default: the application puts in keys and times itself."""

IDS = [str(uuid.UUID(int=n)) for n in range(1, 6)]


def fill(
    target: Target,
    *,
    with_text: bool = False,
    dry_run: bool = False,
    batch_rows: int = 50_000,
    row_per: RowPer | None = None,
) -> ExportSummary:
    """Export the logs into the existing tables."""
    card = parse_card(target.card_text, source="test card")
    with open_store([str(target.logs)], RULES, cache=False) as store:
        dsn = target.server.dsn(target.database)
        summary = ExportSummary()
        for rows in parts_of(store, card, with_text=with_text):
            summary.extend(
                export_into_existing(rows, dsn, target.schema, row_per=row_per, dry_run=dry_run, batch_rows=batch_rows)
            )
        return summary


def make_tables(target: Target, sql: str) -> Target:
    """The tables, and parent rows where there is a table of calls."""
    target.server.run(sql.replace("{}", target.quoted))
    if "TABLE calls" in sql:
        parents = ", ".join(f"('{each}')" for each in IDS)
        target.server.run(f"INSERT INTO {target.quoted}.calls (id) VALUES {parents}")
    target.log([event for n, call_id in enumerate(IDS) for event in call(call_id, n + 1, minute=n)])
    return target


def versions(target: Target) -> set[tuple[Any, ...]]:
    """Which version of which row the tables hold."""
    names = (CALL_METRICS.name, CALL_LOGS.name)
    return {
        row
        for name in names
        for row in target.rows(f"SELECT '{name}', id::text, xmin::text FROM {target.quoted}.{name}")
    }
