"""Every command in every format over a small fixed log, as it was when somebody last looked at it."""

from __future__ import annotations

import csv
import itertools
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from support.command import REPORT_COMMANDS
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.command import Ran

_WITH_OPTIONS = {
    "analyze": ("analyze",),
    "analyze-by": ("analyze", "--by", "agent_name,day", "--tz", "Europe/Berlin"),
    "calls": ("calls",),
    "calls-by": ("calls", "--by", "language,day", "--tz", "Europe/Berlin", "--sort", "turns"),
    "cost": ("cost",),
    "cost-by": ("cost", "--by", "agent_name", "--by", "day,component"),
    "models": ("models", "--by", "language"),
    "speaking-rate": ("speaking-rate", "--by", "language"),
    "concurrency": ("concurrency", "--by", "day"),
    "validate": ("validate",),
}
COMMANDS = _WITH_OPTIONS | {name: (name,) for name in REPORT_COMMANDS if name not in _WITH_OPTIONS}
"""The commands of all reports, and some with options."""
SCHEMAS = {name: find_report(name.removesuffix("-by")).schema() for name in COMMANDS}
TABLES = {
    name: rows
    for name, schema in SCHEMAS.items()
    for rows in ("lines", "findings")
    if schema.get("properties", {}).get(rows, {}).get("type") == "array"
}
"""Commands whose answer is a table → what its rows are called."""
SAMPLES = Path(__file__).parents[2] / "sample_logs"
GOLDEN = Path(__file__).parent / "golden"
_DOUBTFUL = "warning: stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute\n"
NOTES = {
    **{
        (name, "csv"): _DOUBTFUL
        for name in ("analyze", "analyze-by", "cost", "cost-by", "campaigns", "models", "trend")
    },
    **{(name, form): _DOUBTFUL for name in ("calls", "calls-by") for form in ("csv", "json")},
    (
        "dropoff",
        "csv",
    ): "4 of 5 calls are not in it: none of their turns names a state of the dialogue, which `state_id` in"
    " the log does.\n",
}
"""What rows alone have no place for stands on stderr."""
INLINE = ("quantities", "intervals")
OBJECTS = ("contacts",)
_MONEY = re.compile("^cost|_cost|^amount")


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
@pytest.mark.parametrize("name", COMMANDS)
def test_looks_as_it_did(
    voicetel: Callable[..., Ran], golden: Callable[[str, str], None], name: str, form: str
) -> None:
    """In a pipe: every format of every command, nothing else on stderr, and JSON as its schema says."""
    ran = voicetel(*COMMANDS[name], "--no-cache", "--format", form)
    assert (ran.code, ran.err) == (0, NOTES.get((name, form), ""))
    if form == "json":
        Draft202012Validator(SCHEMAS[name]).validate(json.loads(ran.out))
    assert all(char.isprintable() or char == "\n" for char in ran.out)
    golden(f"{name}.{'txt' if form == 'table' else form}", ran.out)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", COMMANDS)
def test_looks_as_it_did_on_a_terminal(golden_on_terminal: Callable[..., None], name: str, width: int) -> None:
    """On terminals of two widths."""
    golden_on_terminal(name, COMMANDS[name], width)


@pytest.mark.parametrize("command", ["calls", "calls-by"])
def test_csv_and_json_of_calls_agree_cell_for_cell(voicetel: Callable[..., Ran], command: str) -> None:
    """The same calls, columns and values; only words are guarded, and unknown is empty instead of null."""
    rows = list(csv.DictReader(voicetel(*COMMANDS[command], "--no-cache", "--format", "csv").out.splitlines()))
    calls = json.loads(voicetel(*COMMANDS[command], "--no-cache", "--json").out)
    assert len(rows) == len(calls) == 5
    for row, call in zip(rows, calls, strict=True):
        assert list(row) == list(call)
        for name, value in call.items():
            assert _is_cell(row[name], name, value), name


@pytest.mark.parametrize("command", TABLES)
def test_csv_and_json_of_tables_agree_cell_for_cell(voicetel: Callable[..., Ran], command: str) -> None:
    """Every line of every table, as many as its golden file has; what JSON leaves out, such as a quantity that was not logged, is an empty cell."""
    rows = list(csv.DictReader(voicetel(*COMMANDS[command], "--no-cache", "--format", "csv").out.splitlines()))
    found = json.loads(voicetel(*COMMANDS[command], "--no-cache", "--json").out)
    lines = [dict(_leaves(line)) for line in found[TABLES[command]]]
    golden_rows = list(csv.DictReader((GOLDEN / f"{command}.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(lines) == len(golden_rows)
    # In the fixed log no tool is called.
    assert lines or voicetel(*COMMANDS[command], SAMPLES, "--no-cache", "--json").json[TABLES[command]]
    for row, line in zip(rows, lines, strict=True):
        assert set(line) <= set(row)
        for name, cell in row.items():
            assert _is_cell(cell, name, line.get(name)), name


def _leaves(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Column → value: an object's members stand in columns of their own, named after it unless it only holds them together."""
    for name, each in value.items():
        if isinstance(each, dict):
            yield from ((leaf if name in INLINE else f"{name}_{leaf}", inner) for leaf, inner in _leaves(each))
        elif each is not None or name not in OBJECTS:
            yield name, each


def _is_cell(cell: str, name: str, value: Any) -> bool:
    """Whether a cell of a CSV file says what JSON does."""
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, str) and not _MONEY.search(name):
        is_shown = cell in {value, f"'{value}"} if value.isprintable() else bool(cell)
        return is_shown and cell.isprintable()
    return Decimal(cell) == Decimal(str(value))


def test_calls_by_group_are_the_groups_of_the_report(voicetel: Callable[..., Ran]) -> None:
    """In the report's order of groups, as many calls in each; none is lost or told twice."""
    calls = json.loads(voicetel(*COMMANDS["calls-by"], "--no-cache", "--json").out)
    report = json.loads(voicetel("analyze", *COMMANDS["calls-by"][1:-2], "--no-cache", "--json").out)
    runs = [
        (key, len(list(run))) for key, run in itertools.groupby(calls, lambda call: (call["language"], call["day"]))
    ]
    assert runs == [((each["group"]["language"], each["group"]["day"]), each["calls"]) for each in report["groups"]]
    assert len({call["call_id"] for call in calls}) == report["calls"]


def test_a_bill_adds_up_to_the_report_to_the_last_digit(voicetel: Callable[..., Ran]) -> None:
    """The lines of cost, the calls, and the total of analyze are one sum."""
    total = Decimal(json.loads(voicetel("analyze", "--no-cache", "--json").out)["cost"]["total"])
    bill = json.loads(voicetel("cost", "--no-cache", "--json").out)
    calls = json.loads(voicetel("calls", "--no-cache", "--json").out)
    assert sum(Decimal(line["amount"]) for line in bill["lines"] if line["amount"]) == total
    assert sum(Decimal(call["cost_total"]) for call in calls if call["cost_total"]) == total
