"""What must never get into a log: numbers of phones, keys, prompts, arguments of tools, recordings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_calls import FIXTURES
from support.imports.imported_lines import contents

if TYPE_CHECKING:
    from pathlib import Path

SECRETS: dict[str, list[tuple[str | int, ...]]] = {
    "vapi": [
        ("message", "call", "customer", "number"),
        ("message", "recordingUrl"),
        ("message", "assistant", "firstMessage"),
        ("message", "artifact", "messages", 0, "message"),
        ("message", "artifact", "messages", 5, "toolCalls", 0, "function", "arguments"),
        ("message", "artifact", "messages", 6, "result"),
        ("message", "assistant", "model", "messages"),
        ("message", "assistant", "credentials"),
        ("message", "artifact", "stereoRecordingUrl"),
        ("message", "analysis", "summary"),
    ],
    "retell": [
        ("call", "from_number"),
        ("call", "to_number"),
        ("call", "recording_url"),
        ("call", "public_log_url"),
        ("call", "access_token"),
        ("call", "transfer_destination"),
        ("call", "transcript_with_tool_calls", 4, "arguments"),
        ("call", "transcript_with_tool_calls", 5, "content"),
        ("call", "retell_llm_dynamic_variables", "name"),
        ("call", "call_analysis", "call_summary"),
        ("call", "metadata", "key"),
    ],
    "elevenlabs": [
        ("metadata", "phone_call", "agent_number"),
        ("metadata", "phone_call", "external_number"),
        ("transcript", 2, "tool_calls", 0, "params_as_json"),
        ("transcript", 3, "tool_results", 0, "result_value"),
        ("conversation_initiation_client_data", "dynamic_variables", "secret"),
        ("analysis", "transcript_summary"),
        ("user_id",),
    ],
    "livekit": [
        ("chat_history", "items", 5, "arguments"),
        ("chat_history", "items", 6, "output"),
        ("audio_recording_path",),
        ("options", "instructions"),
    ],
    "bolna": [
        ("telephony_data", "to_number"),
        ("telephony_data", "from_number"),
        ("telephony_data", "recording_url"),
        ("context_details", "recipient_phone_number"),
        ("extracted_data", "address"),
        ("summary",),
    ],
    "twilio": [("calls", 0, "to"), ("calls", 0, "from"), ("calls", 0, "caller_name"), ("calls", 0, "to_formatted")],
}
FILES = {
    "vapi": "vapi/webhook_inbound.json",
    "retell": "retell/webhook_call_analyzed.json",
    "elevenlabs": "elevenlabs/conversation.json",
    "livekit": "livekit_report/report.json",
    "bolna": "bolna/webhooks.jsonl",
    "twilio": "twilio/calls_page.json",
}


def put(document: Any, path: tuple[str | int, ...], value: str) -> None:
    """Set a member deep inside a document."""
    for step in path[:-1]:
        document = document.setdefault(step, {}) if isinstance(document, dict) else document[step]
    document[path[-1]] = value


@pytest.mark.parametrize("source", SECRETS)
def test_what_is_private_stays_where_it_was(source: str, tmp_path: Path) -> None:
    """A word of its own in each place, and none of them in the output, nor in what is said about it."""
    text = (FIXTURES / FILES[source]).read_text("utf-8")
    document = json.loads(text.splitlines()[0] if FILES[source].endswith("l") else text)
    words = [f"+1555SECRET{number:02}" for number in range(len(SECRETS[source]))]
    for path, word in zip(SECRETS[source], words, strict=True):
        put(document, path, word)
    (tmp_path / "export.json").write_text(json.dumps(document), "utf-8")
    ran = run("import", tmp_path / "export.json", "-o", tmp_path / "logs")
    assert ran.code == 0
    written = b"".join(contents(tmp_path / "logs").values()).decode() + ran.out + ran.err
    assert "SECRET" not in written


def test_prompts_of_traces_stay_where_they_were(tmp_path: Path) -> None:
    """Chat contexts, instructions, arguments and results of tools, and numbers in attributes of SIP."""
    secrets = (
        "lk.pii.chat_ctx",
        "lk.pii.input_text",
        "lk.pii.instructions",
        "lk.pii.function_tool.arguments",
        "lk.pii.function_tool.output",
        "lk.sip.phoneNumber",
        "lk.sip.trunkPhoneNumber",
        "system_instruction",
        "input",
        "gen_ai.input.messages",
        "tools",
    )
    lines = (FIXTURES / "otel_livekit" / "traces.jsonl").read_text("utf-8").splitlines()
    exports = [json.loads(line) for line in lines]
    for export in exports:
        for span in export["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            kept = [each for each in span["attributes"] if each["key"] not in secrets]
            span["attributes"] = kept + [{"key": key, "value": {"stringValue": "SECRET"}} for key in secrets]
    (tmp_path / "traces.jsonl").write_text("\n".join(map(json.dumps, exports)), "utf-8")
    ran = run("import", tmp_path / "traces.jsonl", "-o", tmp_path / "logs")
    assert ran.code == 0
    assert "SECRET" not in b"".join(contents(tmp_path / "logs").values()).decode() + ran.err


def test_the_digits_that_a_caller_pressed_are_counted_and_not_told(tmp_path: Path) -> None:
    """A card number is pressed one digit after the other."""
    document = json.loads((FIXTURES / "retell" / "webhook_call_analyzed.json").read_text("utf-8"))
    rows = document["call"]["transcript_with_tool_calls"]
    rows[2:2] = [{"role": "dtmf", "digit": digit} for digit in "4417"]
    (tmp_path / "export.json").write_text(json.dumps(document), "utf-8")
    assert run("import", tmp_path / "export.json", "-o", tmp_path / "logs").code == 0
    events = [json.loads(line) for data in contents(tmp_path / "logs").values() for line in data.splitlines()]
    assert [event["value"] for event in events if event.get("kind") == "dtmf"] == ["1"] * 4


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        ("call-0001", "call-0001"),
        ("call-_+15550100123_x7Qf", None),
        ("+1 (555) 010-0123", None),
        ("RM_2026", "RM_2026"),
    ],
)
def test_a_room_that_is_named_after_a_number_is_not_named(room: str, kept: str | None, tmp_path: Path) -> None:
    """SIP dispatch puts the caller's number into the name of the room."""
    report = json.loads((FIXTURES / "livekit_report" / "report.json").read_text("utf-8"))
    (tmp_path / "report.json").write_text(json.dumps(report | {"room": room}), "utf-8")
    assert run("import", tmp_path / "report.json", "-o", tmp_path / "logs").code == 0
    (data,) = contents(tmp_path / "logs").values()
    started = json.loads(data.splitlines()[0])
    assert started["tags"].get("room") == kept
