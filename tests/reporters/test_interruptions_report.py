"""``voicetel interruptions`` in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from voicetel.cli.app import app
from voicetel.registry import find_report

SAMPLES = str(Path(__file__).parents[2] / "sample_logs/livekit")


def answer(*arguments: str) -> str:
    """What the command writes to stdout."""
    done = CliRunner().invoke(app, ["interruptions", SAMPLES, "--no-cache", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("grouped", [(), ("--by", "language,agent_name")])
def test_json_fits_its_schema(grouped: tuple[str, ...]) -> None:
    """The document is what the schema says, with and without groups."""
    document = json.loads(answer("--json", *grouped))
    jsonschema.validate(document, find_report("interruptions").schema())
    assert document["caller_over_agent"]["count"] == 2
    assert len(document.get("groups", [])) == (8 if grouped else 0)


def test_csv_has_the_same_figures() -> None:
    """One row with every figure, under the name it has in JSON."""
    document = json.loads(answer("--json"))
    (row,) = csv.DictReader(io.StringIO(answer("-f", "csv")))
    assert int(row["caller_over_agent_count"]) == document["caller_over_agent"]["count"]
    assert float(row["overrun_ms_p95"]) == document["overrun_ms"]["p95"]
    assert float(row["talk_ratio"]) == document["talk_ratio"]
    assert row["false_interruptions_agent_turns"] == "38"


def test_a_rate_has_its_denominator_beside_it() -> None:
    """Tables for people say of how many turns and calls."""
    table = answer()
    assert table.splitlines()[1].split() == [
        "Cut",
        "short",
        "by",
        "the",
        "caller",
        "2",
        "38",
        "5.3",
        "%",
        "0.18",
        "0.46",
    ]
    assert "11 of 11 calls with known times" in table
    assert "silence above 3.0 s 1 time, 5.2 s in all" in table
    assert "38.1 % of the speech made was heard, over 2 turns" in table


def test_the_bound_of_dead_air_is_an_option() -> None:
    """A longer silence than the longest is nobody's."""
    assert "no silence above 6.0 s" in answer("--dead-air", "6")


def test_markdown_has_a_row_per_group() -> None:
    """Groups come as one table with a total."""
    lines = answer("-f", "md", "--by", "language").splitlines()
    assert any(line.startswith("| en ") for line in lines)
    assert any("Total" in line for line in lines)
