"""Imports again, in another order, of newer deliveries, beside the live recorder: each call is there once."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import contents, lines_of, turns_of

if TYPE_CHECKING:
    from pathlib import Path

CALL_ID = "01a0b1c2-0001-7000-8000-000000000001"
FILES = sorted(path for path in FIXTURES.rglob("*.json*") if path.parent.name != "twilio")


def imported(folder: Path, *files: Path) -> dict[str, bytes]:
    """What the folder holds after one import of each file."""
    for file in files:
        assert run("import", file, "-o", folder).code in (0, 4)
    return contents(folder)


def test_twice_is_once(tmp_path: Path) -> None:
    """The second time no byte is written, and no file touched."""
    once = imported(tmp_path, FIXTURES)
    touched = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert imported(tmp_path, FIXTURES) == once
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == touched


def test_the_order_does_not_matter(tmp_path: Path) -> None:
    """File by file, forwards, backwards and all at once give the same calls, turn for turn."""
    together = tmp_path / "together"
    assert run("import", *FILES, "-o", together).code == 0
    imported(tmp_path / "forwards", *FILES)
    imported(tmp_path / "backwards", *reversed(FILES))
    for folder in ("forwards", "backwards"):
        assert without_files(tmp_path / folder) == without_files(together)


def without_files(folder: Path) -> list[dict[str, Any]]:
    """The lines of a folder, but for which files parts of a call came from."""
    lines = lines_of(folder)
    for line in lines:
        line.get("imported", {}).pop("files", None)
    return lines


@pytest.mark.parametrize("order", list(itertools.permutations(["rotated-1.jsonl", "rotated-2.jsonl"])))
def test_a_part_that_was_missing_can_be_added(order: tuple[str, ...], tmp_path: Path) -> None:
    """Spans of one call that lie in two files make the same call, whichever was imported first."""
    folder = FIXTURES / "otel_livekit"
    imported(tmp_path / "parts", *(folder / name for name in order))
    assert run("import", *(folder / name for name in order), "-o", tmp_path / "whole").code == 0
    assert without_files(tmp_path / "parts") == without_files(tmp_path / "whole")


def test_a_part_that_was_added_to_the_folder(tmp_path: Path) -> None:
    """A collector's folder grows: importing it again gives what importing it whole gives."""
    growing = tmp_path / "traces"
    growing.mkdir()
    for name in ("rotated-2.jsonl", "rotated-1.jsonl", "traces.jsonl"):
        shutil.copy(FIXTURES / "otel_livekit" / name, growing)
        imported(tmp_path / "grown", growing)
    imported(tmp_path / "whole", growing)
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")


def test_parts_whose_files_are_gone_are_said_to_be(tmp_path: Path) -> None:
    """The fuller of the two imports counts."""
    first = tmp_path / "first.jsonl"
    shutil.copy(FIXTURES / "otel_livekit" / "rotated-1.jsonl", first)
    imported(tmp_path / "logs", first)
    first.unlink()
    ran = run("import", FIXTURES / "otel_livekit" / "rotated-2.jsonl", "-o", tmp_path / "logs")
    assert "a file that is gone" in ran.err


def delivery(tmp_path: Path, name: str, **changed: Any) -> Path:
    """Vapi's report with members of its message changed."""
    document = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    document["message"].update(changed)
    path = tmp_path / name
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_newer_delivery_replaces_an_older_one(newer_first: bool, tmp_path: Path) -> None:
    """A cost that settled after the webhook counts, and counts once, whichever was imported first."""
    older = delivery(tmp_path, "older.json")
    costs = [{"type": "vapi", "subType": "normal", "minutes": 0.525, "cost": 0.09}]
    newer = delivery(tmp_path, "newer.json", timestamp=1791208999000, costs=costs, cost=0.09)
    logs = tmp_path / "logs"
    imported(logs, *((newer, older) if newer_first else (older, newer)))
    (call,) = run("calls", logs, "--json", "--no-cache").json
    assert call["cost_total"] == "0.09"
    assert call["turns"] == 4
    assert len([line for line in lines_of(logs) if line["event"] == "usage"]) == 1


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_delivery_before_the_analysis_gives_way_to_the_one_after_it(newer_first: bool, tmp_path: Path) -> None:
    """Even where both say the same time."""
    before = delivery(tmp_path, "before.json", analysis={})
    after = delivery(tmp_path, "after.json")
    logs = tmp_path / "logs"
    imported(logs, *((after, before) if newer_first else (before, after)))
    (ended,) = [line for line in lines_of(logs) if line["event"] == "call_ended"]
    assert ended["outcome"] == "success"


@pytest.mark.parametrize("newer_first", [False, True])
def test_what_was_fetched_is_as_new_as_its_file(newer_first: bool, tmp_path: Path) -> None:
    """Retell's calls do not say when they were fetched; one fetched after the webhook has the cost that settled."""
    delivered = json.loads((FIXTURES / "retell" / "webhook_call_analyzed.json").read_text("utf-8"))
    webhook = tmp_path / "webhook.json"
    webhook.write_text(json.dumps(delivered | {"event_timestamp": 1791187240000}), "utf-8")
    call = delivered["call"]
    fetched = []
    for hour, cents in enumerate((8, 9)):
        call["call_cost"] = {"product_costs": [], "combined_cost": cents, "total_duration_seconds": 29.6}
        path = tmp_path / f"fetched-{hour}.json"
        path.write_text(json.dumps(call), "utf-8")
        os.utime(path, (1791190800 + 3600 * hour, 1791190800 + 3600 * hour))
        fetched.append(path)
    files = [webhook, *fetched]
    imported(tmp_path / "logs", *(reversed(files) if newer_first else files))
    (found,) = run("calls", tmp_path / "logs", "--json", "--no-cache").json
    assert found["cost_total"] == "0.09"


def test_a_call_that_was_in_progress_is_completed(tmp_path: Path) -> None:
    """Its beginning alone is replaced by the whole."""
    document = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    inner = document["message"]["call"] | {"status": "in-progress", "startedAt": "2026-10-05T14:00:00.000Z"}
    (tmp_path / "progress.json").write_text(json.dumps([inner]), "utf-8")
    logs = tmp_path / "logs"
    imported(logs, tmp_path / "progress.json")
    assert [line["event"] for line in lines_of(logs)] == ["call_started"]
    imported(logs, delivery(tmp_path, "whole.json"), tmp_path / "progress.json")
    assert len(turns_of(logs, CALL_ID)) == 4


def test_a_page_without_words_takes_none_away(tmp_path: Path) -> None:
    """Retell's list, imported after the calls themselves, leaves their turns as they are."""
    document = json.loads((FIXTURES / "retell" / "webhook_call_analyzed.json").read_text("utf-8"))
    bare = {name: value for name, value in document["call"].items() if not name.startswith("transcript")}
    (tmp_path / "page.json").write_text(json.dumps({"items": [bare], "has_more": False}), "utf-8")
    logs = tmp_path / "logs"
    imported(logs, FIXTURES / "retell" / "webhook_call_analyzed.json", tmp_path / "page.json")
    assert len(turns_of(logs, "call_f00d0000000000000000000001")) == 4


def test_a_call_whose_day_changes_moves(tmp_path: Path) -> None:
    """Created before midnight, answered after it: it is in the file of the day that it began on, and in no other."""
    document = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    created = document["message"]["call"] | {"createdAt": "2026-10-04T23:59:50Z", "status": "in-progress"}
    (tmp_path / "created.json").write_text(json.dumps(created), "utf-8")
    logs = tmp_path / "logs"
    imported(logs, tmp_path / "created.json")
    assert [path.name for path in logs.iterdir()] == ["vapi-2026-10-04.jsonl"]
    imported(logs, delivery(tmp_path, "whole.json"))
    assert [path.name for path in logs.iterdir()] == ["vapi-2026-10-05.jsonl"]


RECORDED = (
    '{"v":1,"event":"call_started","ts":"2026-10-05T11:00:00.000Z","call_id":"AJ_aa0000000001","writer":"w","seq":1}\n'
    '{"v":1,"event":"turn","ts":"2026-10-05T11:00:01.000Z","call_id":"AJ_aa0000000001","writer":"w","seq":2,"turn":1,'
    '"agent":{"text":"Lakeside clinic."}}\n'
)


@pytest.mark.parametrize("recorded_first", [False, True])
def test_a_call_of_the_live_recorder_is_not_doubled(recorded_first: bool, tmp_path: Path) -> None:
    """The recorder has more of it: its lines stay alone, and the import says so."""
    report = FIXTURES / "livekit_report" / "report.json"
    others = FIXTURES / "livekit_report" / "reports.jsonl"
    if not recorded_first:
        imported(tmp_path, report, others)
    (tmp_path / "2026-10-05-agent.jsonl").write_text(RECORDED, "utf-8")
    ran = run("import", report, others, "-o", tmp_path)
    assert "calls that the live recorder wrote already were left out (1)" in ran.err
    assert [turn["writer"] for turn in turns_of(tmp_path, "AJ_aa0000000001")] == ["w"]
    assert {line["call_id"] for line in lines_of(tmp_path)} == {
        "AJ_aa0000000001",
        "AJ_aa0000000002",
        "AJ_aa0000000003",
    }
    assert (tmp_path / "2026-10-05-agent.jsonl").read_text("utf-8") == RECORDED


@pytest.mark.parametrize("trace_first", [False, True])
def test_a_trace_beats_a_report_of_the_same_session(trace_first: bool, tmp_path: Path) -> None:
    """Whichever was imported first; the call is in the logs of one source."""
    report = json.loads((FIXTURES / "livekit_report" / "report.json").read_text("utf-8"))
    (tmp_path / "report.json").write_text(json.dumps(report | {"job_id": "AJ_cc0000000001"}), "utf-8")
    trace = FIXTURES / "otel_livekit" / "traces.jsonl"
    files = (trace, tmp_path / "report.json") if trace_first else (tmp_path / "report.json", trace)
    logs = tmp_path / "logs"
    imported(logs, *files)
    assert {line["writer"] for line in lines_of(logs)} == {"import:otel"}
    assert [path.name for path in logs.iterdir()] == ["otel-2026-10-05.jsonl"]


def test_lines_that_others_added_to_an_imported_file_stay(tmp_path: Path) -> None:
    """A reviewer's verdict, say."""
    imported(tmp_path, FIXTURES / "vapi")
    path = tmp_path / "vapi-2026-10-05.jsonl"
    verdict = '{"v":1,"event":"call_ended","ts":"2026-10-07T00:00:00Z","call_id":"x","outcome":"fail"}'
    with path.open("a", encoding="utf-8") as file:
        file.write(verdict)
    imported(tmp_path, delivery(tmp_path.parent, f"{tmp_path.name}.json", timestamp=1791209999000))
    assert path.read_text("utf-8").endswith(verdict + "\n")
    assert len(turns_of(tmp_path, CALL_ID)) == 4


def test_an_imported_file_that_is_cut_alarms_somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut where it lies, at the end of a line, it looks like one that an import wrote; an import puts another file there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    logs = tmp_path / "logs"
    run("import", FIXTURES / "vapi", "-o", logs)
    before = len(run("calls", logs, "--json").json)
    path = max(logs.iterdir(), key=lambda each: each.stat().st_size)
    kept = path.read_bytes().splitlines(keepends=True)[:3]
    os.truncate(path, sum(map(len, kept)))
    ran = run("calls", logs, "--json")
    assert ran.err == f"warning: {path}: shorter or rewritten since it was last read; read anew\n"
    assert len(ran.json) < before


def test_a_file_that_import_wrote_anew_alarms_nobody(tmp_path: Path) -> None:
    """The calls of another export come between those that are there: that is no file that somebody has damaged."""
    logs, counts = tmp_path / "logs", []
    for export in (FIXTURES / "vapi" / "list_page.json", FIXTURES / "vapi"):
        run("import", export, "-o", logs)
        ran = run("calls", logs, "--json")
        assert (ran.code, ran.err) == (0, "")
        counts.append(len(json.loads(ran.out)))
    assert counts[0] < counts[1]
    line = {"v": 1, "event": "turn", "ts": "2026-10-06T09:00:00Z", "call_id": "by-hand", "turn": 1}
    for path in logs.iterdir():
        path.write_text(json.dumps(line) + "\n", "utf-8")
    assert "shorter or rewritten" in run("calls", logs, "--json").err
