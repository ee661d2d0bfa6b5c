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
        self._operations: dict[str, Operation] = {}

    def started(self, tool_call_id: str, name: str, at_s: float) -> None:
        """A tool began to run."""
        self._operations[tool_call_id] = Operation("tool", name=name, start_s=at_s)

    def ended(self, tool_call_id: str, status: str, at_s: float) -> None:
        """A tool ended: ``done``, ``error`` or ``cancelled``."""
        operation = self._operations.get(tool_call_id)
        if operation is not None and operation.start_s is not None:
            logged_status = None if status == "done" else status
            self._operations[tool_call_id] = replace(
                operation, duration_s=at_s - operation.start_s, status=logged_status
            )

    def has_running(self, speech: SpeechHandle) -> bool:
        """Whether a tool that this speech called is still at work."""
        operations = (self._operations.get(call.call_id) for call in tool_calls(speech))
        return any(operation is not None and operation.duration_s is None for operation in operations)

    def pop(self, speech: SpeechHandle, *, with_running: bool = True) -> list[Operation]:
        """Give the tool calls of a speech, and forget them; with those still running (``with_running``), or without."""
        taken = []
        for call in tool_calls(speech):
            operation = self._operations.get(call.call_id)
            if operation is not None and (with_running or operation.duration_s is not None):
                taken.append(self._operations.pop(call.call_id))
        return taken


def tool_calls(speech: SpeechHandle) -> Iterator[FunctionCall]:
    """Give the tool calls a speech made."""
    return (item for item in speech.chat_items if item.type == "function_call")
