"""Twilio's list of calls, on its own and joined to the calls of a platform."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import lines_of

if TYPE_CHECKING:
    from pathlib import Path

LIST = FIXTURES / "twilio" / "calls_page.json"
VAPI = FIXTURES / "vapi"


def calls(folder: Path) -> dict[str, dict[str, Any]]:
    """``calls --json``, by call."""
    return {call["call_id"]: call for call in run("calls", folder, "--json", "--no-cache").json}


def test_calls_that_no_platform_has_are_calls(tmp_path: Path) -> None:
    """34 s for 0.0085; busy; 42 s of a mailbox for 0.014, and the leg that it dialled for 0.013. One is not over."""
    ran = run("import", LIST, "-o", tmp_path)
    assert ran.code == 0
    assert "calls of Twilio that are not over were left out (1)" in ran.err
    found = calls(tmp_path)
    assert {call_id[-4:]: call["cost_total"] for call_id, call in found.items()} == {
        "0001": "0.0085",
        "0003": None,
        "0a01": "0.027",
    }
    assert {call_id[-4:]: call["outcome"] for call_id, call in found.items()} == {
        "0001": "unknown",
        "0003": "busy",
        "0a01": "voicemail",
    }
    assert found["CA01a0b1c2000170008000000000000001"]["duration_s"] == 34
    assert found["CA00000000000000000000000000000a01"]["direction"] == "outbound"


@pytest.mark.parametrize("order", ["carrier first", "platform first", "together"])
def test_a_platforms_calls_get_the_carriers_price_and_verdict(order: str, tmp_path: Path) -> None:
    """0.041036 of Vapi and 0.0085 of Twilio; the line was busy, and Vapi's own "did not answer" was logged before that.

    Neither the length of the call nor the time connected is counted twice.
    """
    steps = {"carrier first": [[LIST], [VAPI]], "platform first": [[VAPI], [LIST]], "together": [[VAPI, LIST]]}
    for files in steps[order]:
        assert run("import", *files, "-o", tmp_path).code == 0
    found = calls(tmp_path)
    inbound = found["01a0b1c2-0001-7000-8000-000000000001"]
    assert Decimal(inbound["cost_total"]) == Decimal("0.049536")
    assert Decimal(inbound["cost_transport"]) == Decimal("0.01585")
    assert inbound["duration_s"] == 31.5
    assert inbound["transport_s"] == 31.5
    assert inbound["turns"] == 4
    assert found["01a0b1c2-0003-7000-8000-000000000003"]["outcome"] == "busy"
    assert "CA01a0b1c2000170008000000000000001" not in found
    assert "CA00000000000000000000000000000a01" in found


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        ([[VAPI, LIST], [VAPI, LIST]], [(7, 3), (7, 3)]),
        ([[LIST], [VAPI], [LIST]], [(3, 1), (6, 2), (3, 3)]),
        ([[VAPI], [LIST]], [(6, 0), (3, 3)]),
    ],
    ids=["together", "carrier first", "platform first"],
)
def test_an_import_counts_calls_as_reports_do(
    steps: list[list[Path]], counted: list[tuple[int, int]], tmp_path: Path
) -> None:
    """Vapi has six calls and Twilio four records: two of calls of Vapi's, a call of its own, and the leg that it dialled."""
    for files, (of_calls, joined) in zip(steps, counted, strict=True):
        summary = run("import", *files, "-o", tmp_path, "--json").json
        assert (summary["calls"], summary["joined"]) == (of_calls, joined)
    assert len(calls(tmp_path)) == 7


def test_an_import_says_why_it_has_fewer_calls_than_records(tmp_path: Path) -> None:
    """One leg that a call dialled; with Vapi's calls, two records of those beside it."""
    head, *_, note = run("import", LIST, "-o", tmp_path).out.splitlines()
    assert head.endswith(" · 3 calls · 1 file written")
    assert note.startswith("· 1 record is part of another call: ")
    assert "· 3 records are parts of other calls: " in run("import", VAPI, LIST, "-o", tmp_path).out


def test_a_price_that_comes_later_is_added_once(tmp_path: Path) -> None:
    """Twilio has none until minutes after the call."""
    page = json.loads(LIST.read_text("utf-8"))
    for call in page["calls"]:
        call["price"] = None
        call["date_updated"] = call["date_created"]
    (tmp_path / "early.json").write_text(json.dumps(page), "utf-8")
    logs = tmp_path / "logs"
    ran = run("import", VAPI, tmp_path / "early.json", "-o", logs)
    assert "no price for a call until minutes after its end" in ran.err
    for _ in range(2):
        assert run("import", LIST, "-o", logs).code == 0
    assert Decimal(calls(logs)["01a0b1c2-0001-7000-8000-000000000001"]["cost_total"]) == Decimal("0.049536")
    assert len([line for line in lines_of(logs) if line["writer"] == "import:twilio" and line["event"] == "usage"]) == 3
