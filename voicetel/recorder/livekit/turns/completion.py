"""When a turn is complete: numbered once it is sure to be one, written once nothing more of it is to come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn, OpenTurns

METRICS_GRACE_S: Final = 0.1
"""How long a finished turn waits for metrics that come a little after the audio."""

LATE_METRICS_S: Final = 2.0
"""How long it waits for the metrics of a response, or for a transcript, that is known to come."""

TYPED_S: Final = 0.3
"""How long a turn that code stopped waits for text that was typed over it: they stop the agent in the same breath."""

CLOSING_S: Final = 5.0
"""How long a turn that the closing session cut off waits for the session's end to say why."""

HANDOFF_S: Final = 30.0
"""How long a turn waits for the first text of an agent that it was handed over to."""

TOOL_REPLY_S: Final = 10.0
"""How long a turn waits for the reply that a speech-to-speech model gives to a tool's result by itself."""


class TurnCompletion:
    """Looks after the turns that have ended and may still get something.

    ``closing`` says whether the session is on its way to its end; ``handoff_running`` whether it is on its way to another
    agent, or that agent at its first text: None where that is unknown.
    """

    def __init__(
        self,
        turns: OpenTurns,
        clock: SteadyClock,
        *,
        closing: Callable[[], bool],
        handoff_running: Callable[[], bool | None],
        write: Callable[[OpenTurn], None],
    ) -> None:
        self._turns = turns
        self._clock = clock
        self._closing = closing
        self._handoff_running = handoff_running
        self._write = write
        self._number = 0

    def assign_number(self, turn: OpenTurn) -> None:
        """Number a turn: attempts that come to nothing leave no gaps."""
        if turn.number is None:
            self._number += 1
            turn.number = self._number

    def schedule(self, turn: OpenTurn, *, interrupted_by_agent: bool) -> None:
        """All its speeches have ended: write it as soon as nothing more of it is to come."""
        if not turn.done or not turn.is_turn:
            return
        self.assign_number(turn)
        if interrupted_by_agent and turn.interrupted_by is None and not self._closing():
            turn.interrupted_by = "agent"
        turn.ended_s, turn.waited_s = self._clock.now(), 0.0
        self._wait(turn, CLOSING_S if interrupted_by_agent and turn.interrupted_by is None else METRICS_GRACE_S)

    def expect_reply(self, turn: OpenTurn, *, is_handoff: bool) -> None:
        """Another speech will answer what this one's tools were asked for: the next agent's, or the model's."""
        turn.is_handoff = is_handoff
        turn.awaits_reply_s = HANDOFF_S if is_handoff else TOOL_REPLY_S

    def awaits_reply(self, turn: OpenTurn) -> bool:
        """Whether another speech is still to come that is part of this turn."""
        if turn.caller_replied:
            return False
        handoff_running = self._handoff_running()
        if handoff_running and turn.builder.has_user and turn.has_tool_calls and turn.ended_s is not None:
            return turn.waited_s < HANDOFF_S
        if turn.waited_s >= turn.awaits_reply_s:
            return False
        return handoff_running is None or not turn.is_handoff

    def finish(self, turn: OpenTurn) -> None:
        """Write a turn as it is."""
        self.assign_number(turn)
        turn.stop_timer()
        self._write(turn)

    def _wait(self, turn: OpenTurn, seconds: float) -> None:
        turn.stop_timer()
        turn.timer = asyncio.get_running_loop().call_later(seconds, self._check_again, turn, seconds)

    def _check_again(self, turn: OpenTurn, seconds: float) -> None:
        # What was waited, not what has passed: where the loop stood still, what is due has not had its turn yet.
        turn.waited_s += seconds
        turn.timer = None
        if turn not in self._turns or self._turns.children(turn):
            # A speech on the way may be part of it; it completes both.
            return
        may_be_typed_over = turn.interrupted_by == "agent" and turn.waited_s < TYPED_S
        if may_be_typed_over or self.awaits_reply(turn) or self._awaits_metrics(turn):
            self._wait(turn, METRICS_GRACE_S)
        else:
            self.finish(turn)

    @staticmethod
    def _awaits_metrics(turn: OpenTurn) -> bool:
        missing = turn.transcript_due or not all(turn.model_responses.values())
        return missing and turn.waited_s < LATE_METRICS_S
