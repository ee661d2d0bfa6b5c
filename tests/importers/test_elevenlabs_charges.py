"""What ElevenLabs charged, whichever of its prices a conversation has, and why it ended, by its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from voicetel.importers.elevenlabs.endings import end_reason

if TYPE_CHECKING:
    from pathlib import Path

USED = {"m": {"input": {"tokens": 900, "price": 0.003}, "output_total": {"tokens": 40, "price": 0.001}}}


def costs(folder: Path, metadata: dict[str, Any]) -> tuple[str | None, str | None]:
    """What ``calls`` says that the language model and that the rest cost."""
    conversation = {
        "conversation_id": "conv_1",
        "agent_id": "agent_1",
        "status": "done",
        "transcript": [{"role": "agent", "message": "Hello.", "time_in_call_secs": 0}],
        "metadata": {"start_time_unix_secs": 1_791_200_000, "call_duration_secs": 60, **metadata},
    }
    (folder / "conversation.json").write_text(json.dumps(conversation), "utf-8")
    assert run("import", folder / "conversation.json", "-o", folder / "logs").code == 0
    (call,) = run("calls", folder / "logs", "--json", "--no-cache").json
    return call["cost_llm"], call["cost_other"]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"charging": {"platform_price": 0.08, "llm_price": 0.004}}, ("0.004", "0.08")),
        ({"charging": {"llm_price": 0.004}, "cost_fiat": 0.084}, ("0.004", "0.08")),
        (
            {
                "charging": {
                    "platform_price": 0.08,
                    "llm_price": 0.004,
                    "llm_usage": {"initiated_generation": {"model_usage": USED}},
                }
            },
            ("0.004", "0.08"),
        ),
        ({"cost_fiat": 0.084}, (None, "0.084")),
    ],
    ids=["prices alone", "the total", "prices by model", "the total alone"],
)
def test_language_models_cost_what_they_are_said_to(
    metadata: dict[str, Any], expected: tuple[str | None, str | None], tmp_path: Path
) -> None:
    """Once, with or without the prices of each model: 0.004 of 0.084."""
    assert costs(tmp_path, metadata) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Call ended by remote party", "caller_hangup"),
        ("Client disconnected: 1000", "caller_hangup"),
        ("end_call tool was called.", "agent_hangup"),
        ("transfer_to_number tool was called.", "transfer"),
        ("Conversation ended due to user inactivity", "timeout"),
        ("Call duration limit exceeded", "timeout"),
        ("LLM error", "error"),
        ("done", None),
    ],
)
def test_why_a_conversation_ended(words: str, reason: str | None) -> None:
    """What names a transfer is none of the agent's other tools, and silence of the caller is no hanging up."""
    assert end_reason(words) == reason
