"""The example of CONTRIBUTING.md: its files work as they stand there."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import voicetel.analyzers
from support.logs import store_of
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


def test_the_example_is_a_report(report: Report, tmp_path: Path) -> None:
    """Its JSON has a member and its CSV a column for each column of its SQL, and its fields have the names of the header."""
    namespace: dict[str, Any] = {}
    exec(TEST, namespace)
    with store_of(tmp_path / "logs", namespace["EVENTS"]) as store:
        answer = report.ask(Request(store, Selection(by=("language",))))
    (line,) = report.json(answer)["lines"]
    header, _ = "".join(report.csv(answer)).splitlines()
    named = re.findall(r"^--   (\w+)  ", SQL, re.MULTILINE)
    assert list(line) == header.split(",") == ["language", *named]
