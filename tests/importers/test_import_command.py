"""``voicetel import``: what it takes, what it says, and what it exits with."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from support.command import REPORT_COMMANDS, run
from support.imports.imported_calls import EXPECTED, FIXTURES
from support.imports.imported_lines import contents, lines_of
from voicetel.importers import SOURCES, recognise
from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REPORT = FIXTURES / "vapi" / "webhook_inbound.json"
CALL_ID = "01a0b1c2-0001-7000-8000-000000000001"


def report() -> Any:
    """A webhook of Vapi."""
    return json.loads(REPORT.read_text("utf-8"))


WRAPPED: dict[str, Callable[[Any], str]] = {
    "object": json.dumps,
    "indented": lambda document: json.dumps(document, indent=2),
    "array": lambda document: json.dumps([document, document]),
    "lines": lambda document: json.dumps(document) + "\n\n" + json.dumps(document) + "\n",
    "byte order mark": lambda document: "\ufeff" + json.dumps(document),
    "one after the other": lambda document: json.dumps(document, indent=1) + json.dumps(document),
    "page": lambda document: json.dumps({"results": [document], "metadata": {"itemsPerPage": 1}}),
    "caught body": lambda document: json.dumps({"headers": {"x": "y"}, "body": document}),
    "body as text": lambda document: json.dumps({"isBase64Encoded": False, "body": json.dumps(document)}),
    "n8n": lambda document: json.dumps([{"json": {"body": document, "query": {}}}]),
    "payload": lambda document: json.dumps({"payload": document}),
    "among others": lambda document: json.dumps([{"a": 1}, document, 7, None, "text"]),
    "cut off after it": lambda document: json.dumps(document) + '\n{"message": {"type": "end-of-ca',
    "after what is no JSON": lambda document: "nonsense\n" + json.dumps(document),
    "after a broken line": lambda document: '{"message": {"type": \n' + json.dumps(document),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_what_is_around_a_call_does_not_matter(wrap: Callable[[Any], str], tmp_path: Path) -> None:
    """Objects, arrays, pages, lines and envelopes give the same lines, compressed or not."""
    (tmp_path / "plain.json").write_text(json.dumps(report()), "utf-8")
    (tmp_path / "wrapped").write_text(wrap(report()), "utf-8")
    (tmp_path / "wrapped.gz").write_bytes(gzip.compress(wrap(report()).encode()))
    for name in ("plain.json", "wrapped", "wrapped.gz"):
        assert run("import", tmp_path / name, "-o", tmp_path / f"logs of {name}").code == 0
    plain = contents(tmp_path / "logs of plain.json")
    assert plain == contents(tmp_path / "logs of wrapped") == contents(tmp_path / "logs of wrapped.gz")
    assert len(plain) == 1


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` reads a pipe."""

    class Piped:
        buffer = io.BytesIO(REPORT.read_bytes())

    monkeypatch.setattr(sys, "stdin", Piped)
    assert run("import", "-", "-o", tmp_path).code == 0
    assert {line["call_id"] for line in lines_of(tmp_path)} == {CALL_ID}


def test_folders_are_walked(tmp_path: Path) -> None:
    """Rotated and compressed files too; hidden ones, other names and the folder of logs are passed over."""
    exports = tmp_path / "exports" / "deep"
    exports.mkdir(parents=True)
    (exports / "a.json.gz").write_bytes(gzip.compress(REPORT.read_bytes()))
    shutil.copy(FIXTURES / "retell" / "get_call.jsonl", exports / "b.jsonl.1")
    shutil.copy(FIXTURES / "livekit_report" / "report.json", exports / "report.txt")
    shutil.copy(FIXTURES / "livekit_report" / "report.json", exports / ".report.json")
    logs = tmp_path / "exports" / "logs"
    for _ in range(2):
        ran = run("import", tmp_path / "exports", "-o", logs, "--json")
        assert [each["source"] for each in ran.json["sources"]] == ["retell", "vapi"]
    assert ran.json["sources"][1] == {"source": "vapi", "new": 0, "replaced": 0, "unchanged": 1, "left_out": 0}
    assert "voicetel's own" not in ran.err


def test_the_folder_of_logs_is_where_other_commands_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$VOICETEL_LOGS, else ./logs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_LOGS", raising=False)
    assert run("import", REPORT).code == 0
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["vapi-2026-10-05.jsonl"]
    monkeypatch.setenv("VOICETEL_LOGS", str(tmp_path / "elsewhere"))
    assert run("import", REPORT).code == 0
    assert run("calls", "--json").json[0]["call_id"] == CALL_ID


def test_what_it_writes_is_its_owners_only(tmp_path: Path) -> None:
    """Words were said in there."""
    logs = tmp_path / "new" / "logs"
    assert run("import", FIXTURES, "-o", logs).code == 0
    assert {path.stat().st_mode & 0o777 for path in logs.iterdir()} == {0o600}
    assert logs.stat().st_mode & 0o777 == 0o700


def test_one_source_alone(tmp_path: Path) -> None:
    """``--from`` takes its documents and counts those of others as not recognised."""
    ran = run("import", FIXTURES, "-o", tmp_path, "--from", "retell", "--json")
    assert [each["source"] for each in ran.json["sources"]] == ["retell"]
    assert {each["reason"] for each in ran.json["passed_over"]} == {"unrecognised"}
    assert sum(each["documents"] for each in ran.json["passed_over"]) > 20


def test_the_list_names_every_source() -> None:
    """One line each, in the order of the table."""
    listed = run("import", "--list", "--json").json
    jsonschema.validate(listed, find_report("import-list").schema())
    assert [each["source"] for each in listed["sources"]] == [source.name for source in SOURCES]
    assert "post_call_transcription" in run("import", "--list").out


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "name exports or folders"),
        (("no-such-file",), 4, "no such file or directory"),
        ((FIXTURES / "README.md",), 4, "import --list"),
        ((FIXTURES / "elevenlabs" / "list_page.json",), 4, "no calls in there that can be imported"),
        ((REPORT, "--from", "vapy"), 2, "did you mean vapi"),
        ((REPORT, "-o", REPORT), 2, "not a folder"),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(
    args: tuple[object, ...], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written."""
    monkeypatch.chdir(tmp_path)
    ran = run("import", *args)
    assert ran.code == code
    assert words in ran.err.splitlines()[-1]
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_logs_need_no_import(tmp_path: Path) -> None:
    """They are said to be logs, with the command that reads them."""
    run("import", REPORT, "-o", tmp_path / "logs")
    ran = run("import", tmp_path / "logs", "-o", tmp_path / "again")
    assert ran.code == 4
    hint = f"`voicetel analyze {tmp_path / 'logs'}` reads them"
    assert ran.err.splitlines()[-1] == f"error: {tmp_path / 'logs'}: logs of voicetel's own already; {hint}"


def test_strict(tmp_path: Path) -> None:
    """A document that nobody knows exits 5 after all others were imported; what is known to hold no call does not."""
    known = run("import", FIXTURES / "vapi" / "deliveries.jsonl", "-o", tmp_path / "known", "--strict")
    assert known.code == 0
    (tmp_path / "mixed.jsonl").write_text(json.dumps(report()) + '\n{"a": 1}\n{"b": \n', "utf-8")
    ran = run("import", tmp_path / "mixed.jsonl", "-o", tmp_path / "mixed", "--strict")
    assert ran.code == 5
    assert "2 documents were not read" in ran.err
    assert lines_of(tmp_path / "mixed", CALL_ID)


def test_what_was_lost_is_said_once_per_kind(tmp_path: Path) -> None:
    """With how often, on stderr; stdout has the counts of calls."""
    shutil.copy(FIXTURES / "vapi" / "deliveries.jsonl", tmp_path / "a.jsonl")
    shutil.copy(FIXTURES / "vapi" / "deliveries.jsonl", tmp_path / "b.jsonl")
    ran = run("import", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "-o", tmp_path / "logs")
    jsonschema.validate(
        run("import", tmp_path / "a.jsonl", "-o", tmp_path / "logs", "--json").json, find_report("import").schema()
    )
    assert ran.err.count("webhooks of other kinds than end-of-call-report hold no call (4)") == 1
    assert len(ran.err.splitlines()) == 1
    assert "1 call" in ran.out


def test_many_files_with_something_to_say_are_counted(tmp_path: Path) -> None:
    """Ten are named."""
    for number in range(12):
        (tmp_path / f"{number:02}.json").write_text('{"a": 1}', "utf-8")
    shutil.copy(REPORT, tmp_path / "report.json")
    ran = run("import", tmp_path, "-o", tmp_path / "logs")
    assert ran.err.count("that no importer knows") == 11
    assert "2 more files: 2 documents that no importer knows" in ran.err


@pytest.mark.parametrize("pattern", EXPECTED)
def test_each_export_is_recognised(pattern: str) -> None:
    """By its content, whatever it is called."""
    folder = pattern.partition("/")[0]
    names = {"livekit_report": "livekit", "otel_livekit": "otel", "otel_pipecat": "otel"}
    assert recognise(min(FIXTURES.glob(pattern))) == names.get(folder, folder)


@pytest.mark.parametrize("command", [*REPORT_COMMANDS, "calls", "cost", "outcomes", "validate"])
def test_other_commands_say_what_an_export_is(command: str) -> None:
    """One line: what it looks like, and the command that imports it."""
    ran = run(command, REPORT, "--no-cache")
    assert ran.code == 4
    assert ran.err == f"error: {REPORT}: looks like Vapi; `voicetel import {REPORT}` makes logs of it\n"


def test_a_folder_of_exports_is_recognised_too() -> None:
    """As a webhook that writes one file a delivery leaves it."""
    assert f"voicetel import {FIXTURES / 'vapi'}" in run("analyze", FIXTURES / "vapi", "--no-cache").err


def test_recognising_reads_only_what_it_must(tmp_path: Path) -> None:
    """Logs, other files and files that cannot be read are nobody's export."""
    assert recognise(REPORT) == "vapi"
    (tmp_path / "log.jsonl").write_text('{"v":1,"event":"mark","ts":"2026-01-01T00:00:00Z","call_id":"c"}\n', "utf-8")
    assert recognise(tmp_path / "log.jsonl") is None
    assert recognise(tmp_path / "missing") is None
    (tmp_path / "empty").touch()
    assert recognise(tmp_path / "empty") is None


def test_own_logs_are_not_imported(tmp_path: Path) -> None:
    """They are read as they are."""
    line = '{"v":1,"event":"mark","ts":"2026-01-01T00:00:00Z","call_id":"c","kind":"hold"}\n'
    (tmp_path / "log.jsonl").write_text(line, "utf-8")
    ran = run("import", tmp_path / "log.jsonl", REPORT, "-o", tmp_path / "logs", "--strict")
    assert ran.code == 0
    assert "1 line of voicetel's own, read without an import" in ran.err


OTHER_KINDS = {
    "Ultravox": {"callId": "c", "created": "2026-10-05T10:00:00Z", "endReason": "hangup"},
    "Bland": {"c_id": "c", "call_length": 1.5, "transcripts": []},
    "Deepgram Voice Agent": {"type": "LatencyReport", "total_latency": 0.9},
    "OpenAI Realtime": {"type": "response.done", "event_id": "e", "response": {}},
    "Langfuse": {"id": "o", "traceId": "t", "type": "GENERATION"},
    "OpenTelemetry metrics": {"resourceMetrics": []},
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_log_of_another_kind_is_called_by_its_name(kind: str, tmp_path: Path) -> None:
    """It cannot be imported, and people are told whose it is."""
    log = tmp_path / "other.jsonl"
    log.write_text(json.dumps(OTHER_KINDS[kind]) + "\n", "utf-8")
    read = run("analyze", log, "--no-cache")
    assert read.code == 4
    assert f"a log of another kind, it looks like {kind}'s; `voicetel import --list`" in read.err
    ran = run("import", log, "-o", tmp_path / "logs")
    assert ran.code == 4
    assert f"documents that look like {kind}'s cannot be imported (1)" in ran.err
