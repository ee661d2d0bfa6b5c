"""The .sql files of analyzers, gate and reconcile: each runs as it stands, and says what it reads; some with their rows, worked out by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import voicetel
from support.logs import store_of
from support.relations import every_relation
from voicetel.analyzers.validation.contradictions import contradiction_notes_of_store
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

PACKAGE = Path(voicetel.__file__).parent
FILES = sorted(file for layer in ("analyzers", "gate", "reconcile") for file in (PACKAGE / layer).rglob("*.sql"))
SAMPLES = Path(__file__).parents[2] / "sample_logs"
CASES = sorted((Path(__file__).parent / "sql").glob("*.txt"))

VALUES: dict[str, Any] = {
    "active_minutes": 2,
    "answered": [True],
    "around_slowest": True,
    "at": datetime(2026, 11, 6, 16),  # noqa: DTZ001  UTC without a zone, as analyzers have it
    "below_confidence": 0.9,
    "bounds": [800.0, 1500.0],
    "buckets": 8,
    "by_group": True,
    "by_model": True,
    "by_provider": True,
    "by_stage": True,
    "calls": ["nobody"],
    "chunk": 0,
    "chunks": 1,
    "confidences": [0.5],
    "first": 1,
    "histograms": ["eou_latency_ms"],
    "last": 7,
    "latencies": ["eou_latency_ms"],
    "limit": 3,
    "low_ms": [0.0],
    "max_turns": 3,
    "min_dead_air_us": 3_000_000,
    "misspelt_field": None,
    "name": None,
    "neutral_within": 0.05,
    "outcomes": ["success"],
    "reasons": ["said so"],
    "scorer": "length",
    "shares": [0.5, 0.95],
    "since": datetime(2026, 11, 2),  # noqa: DTZ001  see above
    "slow_ms": 1500.0,
    "sources": ["llm"],
    "step_ms": [100.0],
    "thresholds": ["800"],
}
"""What files bind, by name."""

CARD = parse_card(
    """
    currency = "USD"
    [stt.deepgram]
    usd_per_second = 0.01
    [llm.groq]
    usd_per_1m_input_tokens = 1
    usd_per_1m_output_tokens = 2
    """,
    source="card",
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which every analyzer has made its relations, over the sample's sessions."""
    with open_store([str(SAMPLES / "livekit")], load_rules(), cache=False) as store:
        contradiction_notes_of_store(store)
        yield every_relation(store, CARD).connection


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_runs_as_it_stands(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """No other text is put into it: what it is given is bound by name."""
    text = path.read_text("utf-8")
    names = set(re.findall(r"\$([a-z_]+)", re.sub(r"(?m)--.*$", "", text)))
    connection.execute(text, {name: VALUES[name] for name in names} or None).fetchall()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_says_what_it_is(path: Path) -> None:
    """Its head names its grain, what it reads and what it binds."""
    text = path.read_text("utf-8")
    head, body = re.match(r"((?:--.*\n)+)((?:.|\n)*)", text).groups()  # type: ignore[union-attr]  # a file without a head fails
    code = re.sub(r"(?m)--.*$", "", body)
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b(?![.(])", code))
    own = set(re.findall(r"\b([a-z_]+) AS (?:(?:NOT )?MATERIALIZED )?\(", code)) | set(
        re.findall(r"(?:TABLE|VIEW)(?: IF NOT EXISTS)? ([a-z_]+)", code)
    )
    stated = " ".join(line.removeprefix("--").strip() for line in head.splitlines())
    assert {name for name in read - own if name not in re.findall(r"[a-z_]+", stated)} == set()
    assert {name for name in re.findall(r"\$([a-z_]+)", code) if f"${name}" not in stated} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_has_no_limit_of_its_own(path: Path) -> None:
    """What is left out as impossible is said once, in events/metrics.py."""
    assert not re.findall(r"_ms (?:BETWEEN 0 AND|<=) \d+", path.read_text("utf-8"))


def sections(path: Path) -> dict[str, str]:
    """Heading → text of a case: ``-- input``, the lines of a log; ``-- by``; ``-- query``; ``-- rows``, as CSV."""
    parts = re.split(r"(?m)^-- (input|by|query|rows)\n", path.read_text("utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_gives_these_rows(path: Path, tmp_path: Path) -> None:
    """Lines of a log, a query over what analyzers make of it, and its rows."""
    case = sections(path)
    events = [json.loads(line) for line in case["input"].splitlines() if line]
    with store_of(tmp_path, events) as store:
        context = every_relation(store, CARD, by=case.get("by", "agent_name").split())
        records = context.records(case["query"])
    expected = list(csv.DictReader(io.StringIO(case["rows"].strip())))
    found = [{name: "" if value is None else str(value) for name, value in row.items()} for row in records]
    assert found == expected
