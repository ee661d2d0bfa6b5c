"""Tools: when each call of one ran."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.events.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livekit.agents import FunctionCall
    from livekit.agents.voice import SpeechHandle


class Tools:
    """The tool calls of a session, by LiveKit's id of the call."""

    def __init__(self) -> None:
        self._calls: dict[str, Operation] = {}

    def started(self, tool_call_id: str, name: str, at_s: float) -> None:
        """A tool began to run."""
        self._calls[tool_call_id] = Operation("tool", name=name, start_s=at_s)

    def ended(self, tool_call_id: str, status: str, at_s: float) -> None:
        """A tool ended: ``done``, ``error`` or ``cancelled``."""
        call = self._calls.get(tool_call_id)
        if call is not None and call.start_s is not None:
            word = None if status == "done" else status
            self._calls[tool_call_id] = replace(call, duration_s=at_s - call.start_s, status=word)

    def running(self, speech: SpeechHandle) -> bool:
        """Whether a tool that this speech called is still at work."""
        calls = (self._calls.get(call.call_id) for call in tool_calls(speech))
        return any(call is not None and call.duration_s is None for call in calls)

    def pop(self, speech: SpeechHandle, *, running: bool = True) -> list[Operation]:
        """Give the tool calls of a speech, and forget them; with those still ``running``, or without."""
        taken = []
        for call in tool_calls(speech):
            known = self._calls.get(call.call_id)
            if known is not None and (running or known.duration_s is not None):
                taken.append(self._calls.pop(call.call_id))
        return taken


def tool_calls(speech: SpeechHandle) -> Iterator[FunctionCall]:
    """Give the tool calls a speech made."""
    return (item for item in speech.chat_items if item.type == "function_call")
