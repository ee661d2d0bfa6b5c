"""The example of CONTRIBUTING.md: its files work as they stand there."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

import voicetel.analyzers
from support.logs import store_of
from voicetel.analyzers.core.dimensions import DIMENSIONS, Level
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.registry import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text("utf-8")
SQL, RESULT, ENTRY, TEST = (
    textwrap.dedent(block)
    for block in re.findall(r"^ +```(?:sql|python)\n(.*?)^ +```$", PAGE, re.DOTALL | re.MULTILINE)
)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Report]:
    """The report of the example, its folder among those of analyzers."""
    folder = tmp_path / "analyzers" / "tool_hours"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Tools by hour of the day."""\n', "utf-8")
    (folder / "tool_hours.sql").write_text(SQL, "utf-8")
    (folder / "tool_hours.py").write_text(RESULT, "utf-8")
    monkeypatch.setattr(voicetel.analyzers, "__path__", [*voicetel.analyzers.__path__, str(folder.parent)])
    yield eval(ENTRY, {"Report": Report, "_ANALYZERS": "voicetel.analyzers"})
    for name in [name for name in sys.modules if name.startswith("voicetel.analyzers.tool_hours")]:
        del sys.modules[name]


def test_the_test_of_the_example_passes(report: Report, tmp_path: Path) -> None:
    """With the figures that it works out by hand."""
    assert report.can_be_asked
    namespace: dict[str, Any] = {}
    exec(TEST, namespace)
    namespace["test_by_hand"](tmp_path / "logs")


@pytest.mark.parametrize("name", [each.name for each in DIMENSIONS.values() if each.level is Level.CALL])
def test_the_example_is_a_report(report: Report, tmp_path: Path, name: str) -> None:
    """By every dimension of calls JSON has a member and CSV a column for it and for each column of the SQL, which its header names."""
    namespace: dict[str, Any] = {}
    exec(TEST, namespace)
    with store_of(tmp_path / "logs", namespace["EVENTS"]) as store:
        answer = report.ask(Request(store, Selection(by=(name,))))
    header, *rows = "".join(report.csv(answer)).splitlines()
    lines = report.json(answer)["lines"]
    assert len(rows) == len(lines) > 0
    columns = [name, *re.findall(r"^--   (\w+)  ", SQL, re.MULTILINE)]
    assert header.split(",") == columns
    assert all(list(line) == columns for line in lines)
    Draft202012Validator(report.schema()).validate(report.json(answer))
