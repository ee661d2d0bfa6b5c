"""When a turn is complete: numbered once it is sure to be one, written once nothing more of it is to come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn, OpenTurns

METRICS_WAIT_S: Final = 0.1
"""How long a finished turn waits for metrics that come a little after the audio."""

DUE_REPORT_WAIT_S: Final = 2.0
"""How long it waits for the metrics of a response, or for a transcript, that is known to come."""

TYPED_OVER_WAIT_S: Final = 0.3
"""How long a turn that code stopped waits for text that was typed over it: they stop the agent in the same breath."""

CLOSING_WAIT_S: Final = 5.0
"""How long a turn that the closing session cut off waits for the session's end to say why."""

HANDOFF_WAIT_S: Final = 30.0
"""How long a turn waits for the first text of an agent that it was handed over to."""

TOOL_REPLY_WAIT_S: Final = 10.0
"""How long a turn waits for the reply that a speech-to-speech model gives to a tool's result by itself."""


class TurnCompletion:
    """Looks after the turns that have ended and may still get something.

    ``is_closing`` says whether the session is on its way to its end; ``is_handoff_running`` whether it is on its way to another
    agent, or that agent at its first text: None where that is unknown.
    """

    def __init__(
        self,
        turns: OpenTurns,
        clock: SteadyClock,
        *,
        is_closing: Callable[[], bool],
        is_handoff_running: Callable[[], bool | None],
        write: Callable[[OpenTurn], None],
    ) -> None:
        self._turns = turns
        self._clock = clock
        self._is_closing = is_closing
        self._is_handoff_running = is_handoff_running
        self._write = write
        self._last_number = 0

    def assign_number(self, turn: OpenTurn) -> None:
        """Number a turn: attempts that come to nothing leave no gaps."""
        if turn.number is None:
            self._last_number += 1
            turn.number = self._last_number

    def schedule(self, turn: OpenTurn, *, stopped_by_non_caller: bool) -> None:
        """All its speeches have ended: write it as soon as nothing more of it is to come."""
        if not turn.speeches_done or not turn.counts_as_turn:
            return
        self.assign_number(turn)
        if stopped_by_non_caller and turn.interrupted_by is None and not self._is_closing():
            turn.interrupted_by = "agent"
        turn.ended_s, turn.waited_s = self._clock.now(), 0.0
        self._wait(turn, CLOSING_WAIT_S if stopped_by_non_caller and turn.interrupted_by is None else METRICS_WAIT_S)

    def expect_reply(self, turn: OpenTurn, *, is_handoff: bool) -> None:
        """Another speech will answer what this one's tools were asked for: the next agent's, or the model's."""
        turn.awaits_handoff = is_handoff
        turn.reply_timeout_s = HANDOFF_WAIT_S if is_handoff else TOOL_REPLY_WAIT_S

    def awaits_reply(self, turn: OpenTurn) -> bool:
        """Whether another speech is still to come that is part of this turn."""
        if turn.caller_replied:
            return False
        is_handoff_running = self._is_handoff_running()
        if is_handoff_running and turn.builder.has_user and turn.has_tool_calls and turn.ended_s is not None:
            return turn.waited_s < HANDOFF_WAIT_S
        if turn.waited_s >= turn.reply_timeout_s:
            return False
        return is_handoff_running is None or not turn.awaits_handoff

    def finish(self, turn: OpenTurn) -> None:
        """Write a turn as it is."""
        self.assign_number(turn)
        turn.stop_timer()
        self._write(turn)

    def _wait(self, turn: OpenTurn, wait_s: float) -> None:
        turn.stop_timer()
        turn.completion_timer = asyncio.get_running_loop().call_later(wait_s, self._check_again, turn, wait_s)

    def _check_again(self, turn: OpenTurn, wait_s: float) -> None:
        # What was waited, not what has passed: where the loop stood still, what is due has not had its turn yet.
        turn.waited_s += wait_s
        turn.completion_timer = None
        if turn not in self._turns or self._turns.children(turn):
            # A speech on the way may be part of it; it completes both.
            return
        may_be_typed_over = turn.interrupted_by == "agent" and turn.waited_s < TYPED_OVER_WAIT_S
        if may_be_typed_over or self.awaits_reply(turn) or self._awaits_due_report(turn):
            self._wait(turn, METRICS_WAIT_S)
        else:
            self.finish(turn)

    @staticmethod
    def _awaits_due_report(turn: OpenTurn) -> bool:
        is_due = turn.transcript_due or not all(turn.response_metrics_arrived.values())
        return is_due and turn.waited_s < DUE_REPORT_WAIT_S
