"""What fills each class of mark where there is no style sheet. report.css has the same, for light and dark."""

from __future__ import annotations

PLAIN = {
    "resp": "#1f5fd6",
    "eot": "#8a94a3",
    "stt": "#12868a",
    "llm": "#3b6fd8",
    "tts": "#c9761a",
    "realtime": "#8a4fc4",
    "tool": "#3d8a45",
    "transport": "#7b8794",
    "other": "#a9a9a9",
    "gap": "#d6455d",
    "agent": "#46556b",
    "caller": "#a8823f",
    "success": "#2b8a57",
    "fail": "#cf4d3f",
    "unknown": "#9aa3ae",
    "voicemail": "#8a6fc0",
    "no_answer": "#b9c0c9",
    "busy": "#d3a24a",
    "plain": "#8a94a3",
}
"""Class → colour on white."""


def colour(name: str) -> str:
    """The colour of a class on white; grey where it has none."""
    return PLAIN.get(name, PLAIN["other"])
