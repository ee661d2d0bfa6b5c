"""Where Spark is not installed, ``--engine spark`` says how to install it."""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from support.command import run
from support.example_logs.dealt_logs import write_dealt

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("command", [("analyze",), ("compare", "logs"), ("export", "--parquet", "lake")])
def test_what_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """In one line, and nothing is written."""
    write_dealt(tmp_path / "logs", Random(1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    found = run(command[0], "logs", *command[1:], "--engine", "spark")
    assert (found.code, found.out) == (1, "")
    assert found.err == "error: Spark needs the package pyspark; pip install 'voicetel[spark]'\n"
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
