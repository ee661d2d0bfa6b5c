"""``voicetel.load``: the figures of the command as frames."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import voicetel
from support.command import run
from support.logs import Event, write_log
from voicetel.errors import NoDataError, UsageError
from voicetel.pricing import parse_card
from voicetel.simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CARD = parse_card('currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1\n[tts.x]\nusd_per_call = 3', source="card")


def turn(number: int, *operations: dict[str, Any], **fields: Any) -> Event:
    """A turn of the call c."""
    head = {"v": 1, "event": "turn", "ts": f"2026-11-02T09:00:{number:02d}Z", "call_id": "c", "turn": number}
    return head | {"operations": list(operations)} | fields


def llm(provider: str, model: str, ttfb_ms: float, **fields: Any) -> dict[str, Any]:
    """An LLM operation."""
    return {"stage": "llm", "provider": provider, "model": model, "ttfb_ms": ttfb_ms} | fields


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up logs of 40 calls."""
    folder = tmp_path_factory.mktemp("logs")
    simulate(folder, calls=40, seed=5, workers=1)
    return folder


@pytest.fixture(scope="module")
def logs(folder: Path) -> Iterator[voicetel.Logs]:
    """The same, loaded."""
    with voicetel.load(folder, cache=False) as logs:
        yield logs


def test_a_first_byte_counts_for_the_model_that_gave_it(tmp_path: Path) -> None:
    """A synthesis or a response that was cancelled or failed gives no first byte, whatever it says of itself."""
    tts = {"stage": "tts", "provider": "azure", "model": "x", "start_ms": 0, "ttfb_ms": 900, "status": "cancelled"}
    realtime = {
        "stage": "realtime",
        "provider": "openai",
        "model": "r",
        "start_ms": 0,
        "ttfb_ms": 700,
        "status": "error",
    }
    write_log(
        tmp_path / "calls.jsonl",
        [
            turn(1, tts, {"stage": "tts", "provider": "cartesia", "model": "y", "start_ms": 10, "ttfb_ms": 120}),
            turn(
                2, realtime, {"stage": "realtime", "provider": "google", "model": "s", "start_ms": 10, "ttfb_ms": 300}
            ),
        ],
    )
    with voicetel.load(tmp_path, cache=False) as logs:
        found = logs.latency(by=["provider", "model"]).select("latency", "provider", "model", "n", "avg")
    assert sorted(found.rows()) == [
        ("realtime_ttfb_ms", "google", "s", 1, 300),
        ("tts_ttfb_ms", "cartesia", "y", 1, 120),
    ]


def test_importing_voicetel_loads_no_engine() -> None:
    """An agent that imports voicetel pays for no DuckDB, Polars, pyarrow or Typer."""
    code = "import sys, voicetel; print([m for m in ('duckdb', 'polars', 'pyarrow', 'typer') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The lazy module behaves like any other, and lists what it has."""
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        voicetel.lode  # noqa: B018
    assert {"load", "Logs", "__version__"} <= set(dir(voicetel))


def test_calls_are_those_of_the_command(logs: voicetel.Logs, folder: Path) -> None:
    """The frame has the columns and rows of `voicetel calls --json`; money is exact."""
    listed = run("calls", folder, "--no-cache", "--json").json
    frame = logs.calls()
    assert frame.columns == list(listed[0])
    assert frame["call_id"].to_list() == [call["call_id"] for call in listed]
    assert [None if each is None else Decimal(each) for each in (call["cost_total"] for call in listed)] == frame[
        "cost_total"
    ].to_list()
    assert frame.schema["cost_total"] == pl.Decimal(38, 24)
    assert frame.schema["eou_latency_ms_p95"] == pl.Float64


def test_turns_and_operations_have_a_row_each(logs: voicetel.Logs, folder: Path) -> None:
    """Nothing of the log is lost, nothing doubled, and no words are in there."""
    events = [json.loads(line) for path in folder.iterdir() for line in path.read_text("utf-8").splitlines()]
    turns, operations = logs.turns(), logs.operations()
    assert turns.height == sum(event["event"] == "turn" for event in events)
    assert operations.height == sum(len(event.get("operations", [])) for event in events)
    assert turns["operations"].sum() == operations.filter(pl.col("event") == "turn").height
    assert operations["input_tokens"].sum() == sum(
        operation.get("input_tokens", 0) for event in events for operation in event.get("operations", [])
    )
    assert not any("text" in name for name in turns.columns)
    decimals = [name for name, kind in [*turns.schema.items(), *operations.schema.items()] if kind == pl.Decimal]
    assert decimals == []


def test_scans_have_the_same_rows_and_leave_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that are read as they are needed; their files are private, and gone with the logs."""
    private = tmp_path / "tmp"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with voicetel.load(folder, cache=False) as logs:
        assert logs.scan_turns().collect().equals(logs.turns())
        scanned = logs.scan_operations()
        by_stage = scanned.group_by("stage").len().sort("stage").collect()
        assert by_stage.equals(logs.operations().group_by("stage").len().sort("stage"))
        written = [next(private.rglob(f"voicetel-*/{name}.parquet")) for name in ("turns", "operations")]
        assert all(path.parent.stat().st_mode & 0o077 == 0 for path in written)
    assert list(private.rglob("*.parquet")) == []


def test_latencies_are_those_of_the_command(logs: voicetel.Logs, folder: Path) -> None:
    """One row per latency, with the statistics of `voicetel analyze`; by a dimension, one per group as well."""
    report = run("analyze", folder, "--no-cache", "--json", "--by", "language").json
    rows = {row["latency"]: row for row in logs.latency().to_dicts()}
    assert {name: {k: v for k, v in row.items() if k != "latency"} for name, row in rows.items()} == report["latency"]
    by_language = logs.latency(by="language")
    for group in report["groups"]:
        chosen = by_language.filter(pl.col("language").eq_missing(pl.lit(group["group"]["language"], pl.String)))
        assert dict(zip(chosen["latency"], chosen["n"], strict=True)) == {
            name: each["n"] for name, each in group["latency"].items()
        }


def test_latencies_by_model_are_of_the_operation_that_took_the_time(tmp_path: Path) -> None:
    """By hand: who answered first in the turn; failed and cancelled attempts produce no first token."""
    write_log(
        tmp_path / "calls.jsonl",
        [
            turn(1, llm("groq", "a", 100, duration_ms=150), llm("groq", "b", 900, duration_ms=50)),
            turn(2, llm("groq", "a", 1, status="cancelled"), llm("openai", "b", 300, duration_ms=400)),
            turn(3, llm("groq", "a", 7, status="error", duration_ms=9), llm("groq", "b", 500, duration_ms=500)),
            turn(4, llm("groq", "a", 99_000), {"stage": "eot", "provider": "livekit", "duration_ms": 40}),
        ],
    )
    with voicetel.load(tmp_path, cache=False) as logs:
        found = logs.latency(by=["provider", "model"]).select("latency", "provider", "model", "n", "avg", "impossible")
        by_model = logs.latency(by="model")
    assert sorted(found.rows(), key=str) == [
        ("endpointing_ms", "livekit", None, 1, 40, 0),
        ("llm_latency_ms", "groq", "a", 2, (200 + 509) / 2, 0),
        ("llm_latency_ms", "openai", "b", 1, 400, 0),
        ("llm_ttft_ms", "groq", "a", 1, 100, 1),
        ("llm_ttft_ms", "groq", "b", 1, 500, 0),
        ("llm_ttft_ms", "openai", "b", 1, 300, 0),
    ]
    of_b = by_model.filter(latency="llm_ttft_ms", model="b")
    assert (of_b["n"].item(), of_b["min"].item(), of_b["p50"].item(), of_b["max"].item()) == (2, 300, 400, 500)


def test_the_models_add_up_to_all_turns(logs: voicetel.Logs) -> None:
    """Over made-up calls each stage's count over models, and over languages and models, is its count over all."""
    totals = {row["latency"]: row for row in logs.latency().to_dicts()}
    for by in (["model"], ["provider"], ["language", "provider", "model"]):
        frame = logs.latency(by=by)
        assert frame.columns[: len(by) + 1] == [*by, "latency"]
        for name, group in frame.group_by("latency"):
            assert group["n"].sum() == totals[name[0]]["n"]
            assert group["max"].max() == totals[name[0]]["max"]


def test_the_bill_adds_up_in_any_grouping(logs: voicetel.Logs) -> None:
    """Amounts are exact decimals; every grouping has the same sum, that of the calls.

    An amount without a last digit, such as a third, is rounded at its 24th place, call by call.
    """
    for pricing in (None, "list", CARD):
        (total,) = logs.cost(pricing, ())["amount"]
        calls = logs.calls(pricing=pricing)["cost_total"]
        assert abs(calls.sum() - total) <= len(calls) * Decimal("0.5e-24")
        for by in ("component", ["agent_name", "day"], ("language", "provider", "model"), ()):
            assert logs.cost(pricing, by)["amount"].sum() == total
    assert logs.cost(CARD, by="stage").filter(stage="eot")["amount"].to_list() == [None]


def test_the_calls_that_are_wanted(folder: Path, logs: voicetel.Logs) -> None:
    """Filters hold for every frame, and times with a zone are moved to UTC."""
    everything = logs.calls()
    middle = everything["started_at"].sort()[20]
    zone = dt.timezone(dt.timedelta(hours=3))
    since = middle.replace(tzinfo=dt.UTC).astimezone(zone)
    with voicetel.load([folder], cache=False, since=since, languages=["ru"]) as some:
        wanted = everything.filter(pl.col("started_at") >= middle, language="ru")
        assert 0 < wanted.height < everything.height
        assert some.calls()["call_id"].to_list() == wanted["call_id"].to_list()
        assert set(some.turns()["call_id"]) | set(some.operations()["call_id"]) <= set(wanted["call_id"])
        assert some.cost(by="language")["language"].to_list() == ["ru"]


def test_a_cache_is_kept_and_the_umask_is_the_callers(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second load reads from the cache; while logs are open, files that the caller makes are not made private."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    umask = os.umask(0o022)
    try:
        frames = []
        for _ in range(2):
            with voicetel.load(folder) as logs:
                frames.append(logs.calls())
                (tmp_path / "mine").write_text("")
            assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o644
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(umask)
    assert frames[0].equals(frames[1])
    assert any(path.is_file() for path in (tmp_path / "voicetel").rglob("*"))


def test_what_means_nothing_is_an_error_with_a_hint(logs: voicetel.Logs, tmp_path: Path) -> None:
    """Unknown dimensions and missing paths raise what the command would say."""
    with pytest.raises(UsageError, match="cannot group by 'langage'") as caught:
        logs.latency(by="langage")
    assert caught.value.hint == "did you mean language?"
    with pytest.raises(UsageError, match="cannot group by 'modle'"):
        logs.cost(by="modle")
    with pytest.raises(NoDataError):
        voicetel.load(tmp_path / "nowhere")


def test_no_calls_are_empty_frames(tmp_path: Path) -> None:
    """An empty log gives frames with all columns and no rows."""
    (tmp_path / "calls.jsonl").write_text("")
    with voicetel.load(tmp_path, cache=False) as logs:
        frames = [logs.calls(), logs.turns(), logs.operations(), logs.cost(), logs.latency(by="model")]
        assert [frame.height for frame in frames] == [0] * 5
        assert all(frame.width > 5 for frame in frames)
        assert logs.latency()["n"].sum() == 0


def spending(folder: Path) -> None:
    """10 minutes of Twilio, 5 USD, on the last of October and on the first of November, 22:30 UTC."""
    for ts in ("2026-10-31T22:30:00Z", "2026-11-01T22:30:00Z"):
        operation = {"stage": "transport", "provider": "twilio", "session_s": 600}
        event = {"v": 1, "event": "usage", "ts": ts, "call_id": ts, "operations": [operation]}
        write_log(folder / f"{ts[:10]}.jsonl", [event])


SPENDING_CARD = parse_card('currency = "USD"\n[transport.twilio]\nusd_per_minute = 0.5', source="card")


def test_a_budget_of_a_month_in_two_zones(tmp_path: Path) -> None:
    """In UTC one call is of November; in Tokyo both are."""
    spending(tmp_path)
    now = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    for zone, spent in (("UTC", "5"), ("Asia/Tokyo", "10")):
        with voicetel.load(tmp_path, cache=False, tz=zone) as logs:
            found = logs.budget("4/month", pricing=SPENDING_CARD, now=now)
            assert (found.spent, found.is_over) == (Decimal(spent), True), zone
            assert found == logs.budget("4/month", pricing=SPENDING_CARD, now=now.replace(tzinfo=None))
    with (
        voicetel.load(tmp_path, cache=False) as logs,
        pytest.raises(UsageError, match="'a lot' is no budget"),
    ):
        logs.budget("a lot")


def test_an_invoice_against_logs(tmp_path: Path) -> None:
    """22 minutes are billed on the first of November, and 10 were logged: 12 at 0.5 are missing."""
    spending(tmp_path / "logs")
    invoice = tmp_path / "invoice.csv"
    invoice.write_text("day,minutes,cost\n2026-11-01,22,11.00\n", encoding="utf-8")
    columns = {"day": "day", "quantity": "minutes", "unit": "=minutes", "amount": "cost", "stage": "=transport"}
    with voicetel.load(tmp_path / "logs", cache=False) as logs:
        found = logs.reconcile(invoice, pricing=SPENDING_CARD, provider="twilio", columns=columns)
        with pytest.raises(UsageError, match="none of the exports"):
            logs.reconcile([str(invoice)])
    (line,) = found.lines
    assert (line.amount_ours, line.amount_theirs, line.difference) == (Decimal(5), Decimal(11), Decimal(6))
    assert [(part.cause, part.amount) for part in line.causes] == [("missing_in_logs", Decimal(6))]
