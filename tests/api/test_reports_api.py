"""Reports of the registry by name: results, JSON and frames from Python."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

import voicetel
from support.command import run
from voicetel.errors import UsageError
from voicetel.registry import REPORTS, find_report
from voicetel.simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel import Logs

ASKED = [report for report in REPORTS if report.can_be_asked]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty simulated calls."""
    folder = tmp_path_factory.mktemp("logs")
    simulate(folder / "logs", calls=40, seed=3)
    return folder / "logs"


@pytest.fixture(scope="module")
def logs(folder: Path) -> Iterator[Logs]:
    """The same, read."""
    with voicetel.load(folder, cache=False) as found:
        yield found


@pytest.mark.parametrize("report", ASKED, ids=lambda report: report.name)
@pytest.mark.parametrize("by", [(), ("language",)])
def test_an_answer_is_what_the_command_writes(
    logs: Logs, folder: Path, monkeypatch: pytest.MonkeyPatch, report: voicetel.registry.Report, by: tuple[str, ...]
) -> None:
    """The same JSON, but for the path and warnings of the input; no slo.toml here draws other thresholds of slow turns."""
    monkeypatch.delenv("VOICETEL_PRICING", raising=False)
    monkeypatch.chdir(folder)
    grouped = ("--by", *by) if by else ()
    ran = run(report.words, folder, "--no-cache", "--json", *grouped)
    assert report.json(logs.answer(report.name, by=by)) == json.loads(ran.out)


@pytest.mark.parametrize("report", ASKED, ids=lambda report: report.name)
def test_a_frame_has_the_columns_of_csv(
    logs: Logs, folder: Path, monkeypatch: pytest.MonkeyPatch, report: voicetel.registry.Report
) -> None:
    """And as many rows, money exact; no slo.toml here draws other thresholds of slow turns."""
    monkeypatch.chdir(folder)
    frame = logs.frame(report.name, by="language")
    head, *rows = run(report.words, folder, "--no-cache", "-f", "csv", "--by", "language").out.splitlines()
    assert frame.height == len(rows)
    if not report.csv_by:
        assert frame.columns == head.split(",")
    money = [name for name, kind in frame.schema.items() if kind == pl.Decimal(38, 24)]
    assert bool(money) == (report.name in {"analyze", "cost", "calls", "campaigns", "models", "trend"})


def test_options_of_a_report_are_its_own(logs: Logs) -> None:
    """Given by name; a wrong one is named with the likely right one."""
    assert logs.answer("interruptions", dead_air=0.5).total.dead_air.above_s == 0.5
    with pytest.raises(UsageError, match="no option 'deadair'") as raised:
        logs.answer("interruptions", deadair=1)
    assert raised.value.hint == "did you mean dead_air?"


def test_a_report_that_is_not_there_or_not_asked_of_logs(logs: Logs) -> None:
    """With the likely right name, or what to run."""
    with pytest.raises(UsageError, match="no report is called 'outcome'") as raised:
        logs.answer("outcome")
    assert raised.value.hint == "did you mean outcomes?"
    with pytest.raises(UsageError, match="not answered from logs alone"):
        logs.answer("config")


def test_a_bill_groups_by_what_calls_do_not_have(logs: Logs) -> None:
    """Components and models; the lines add up to the total, whichever way."""
    by_model = logs.answer("cost", by=["component", "model"])
    total = sum(line.amount or Decimal(0) for line in by_model.lines)
    assert total == by_model.cost.total == logs.answer("cost", by="day").cost.total


def test_every_report_finds_what_it_names() -> None:
    """Types, functions and layouts that stand in the registry as text are there."""
    for report in REPORTS:
        assert report.schema()["title"] == f"voicetel {report.words}"
        for place in (report.answered_by, report.laid_out_by, report.csv_by, report.encoded_by):
            assert not place or callable(find_place(place))
    assert len({report.name for report in REPORTS}) == len(REPORTS)
    assert find_report("calls").is_rows


def find_place(place: str) -> object:
    """What stands at ``module:name``."""
    from pkgutil import resolve_name

    return resolve_name(place)
