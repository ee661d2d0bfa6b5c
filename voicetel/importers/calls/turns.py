"""Utterances in order → turns: the caller's speech and the whole reply to it, tool steps included."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from voicetel.events.turn_builder import TurnBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.events.operation import Operation
    from voicetel.events.turn_builder import InterruptedBy

SAME_REPLY_S: Final = 3.0
"""Agent audio that goes on this soon after it stopped is the same reply; later it is a re-prompt."""

BARGE_IN_S: Final = 0.2
"""Less overlap than this is the edge of a word, no interruption."""

_TOOL_SLACK_S: Final = 1.0
"""A tool is called up to this long before the audio that leads up to it has ended."""


@dataclass(slots=True)
class Utterance:
    """A stretch of speech as another system lists it. ``index`` is its place in that list, from 0.

    ``confidence`` is how sure the transcriber was of a caller's words, 0 to 1.
    """

    speaker: Literal["user", "agent"]
    text: str
    index: int
    start_s: float | None = None
    end_s: float | None = None
    operations: list[Operation] = field(default_factory=list)
    interrupted: bool | None = None
    eou_latency_s: float | None = None
    state_id: str | None = None
    confidence: float | None = None


@dataclass(slots=True)
class ToolCall:
    """A tool operation and when it was called; None where the source does not say."""

    operation: Operation
    called_s: float | None


@dataclass(slots=True)
class ImportedTurn:
    """A turn being put together. ``seq`` is its fixed number within its source: the key of its line.

    ``latency_from_turn_end_decision``: the caller's end is when they were taken to be done, and the response counts from there.
    """

    seq: int
    opened_s: float
    user: list[Utterance] = field(default_factory=list)
    agent: list[Utterance] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    interrupted: bool | None = None
    interrupted_by: InterruptedBy = "caller"
    eou_latency_s: float | None = None
    latency_from_turn_end_decision: bool = False
    state_id: str | None = None

    @property
    def user_start_s(self) -> float | None:
        """The caller's first sound."""
        return min((each.start_s for each in self.user if each.start_s is not None), default=None)

    @property
    def user_end_s(self) -> float | None:
        """The caller's last sound."""
        return max((each.end_s for each in self.user if each.end_s is not None), default=None)

    @property
    def user_confidence(self) -> float | None:
        """How sure the transcriber was: the mean over what says so."""
        known = [each.confidence for each in self.user if each.confidence is not None]
        return sum(known) / len(known) if known else None

    @property
    def agent_start_s(self) -> float | None:
        """The agent's first sound."""
        return min((each.start_s for each in self.agent if each.start_s is not None), default=None)

    @property
    def began_s(self) -> float:
        """The first sound in it, else when it was opened."""
        known = [time_s for time_s in (self.user_start_s, self.agent_start_s) if time_s is not None]
        return min(known, default=self.opened_s)

    @property
    def gap_s(self) -> float | None:
        """From the caller's last sound to the agent's first, as their own times have it."""
        end_s, start_s = self.user_end_s, self.agent_start_s
        return None if end_s is None or start_s is None else start_s - end_s

    def builder(self) -> TurnBuilder:
        """Give the turn to be written."""
        builder = TurnBuilder(
            self.opened_s,
            state_id=self.state_id,
            user_text=_text(self.user) if self.user else None,
            user_start_s=self.user_start_s,
            user_end_s=self.user_end_s,
            user_confidence=self.user_confidence,
            agent_text=(_text(self.agent) or None) if self.agent else None,
            agent_start_s=self.agent_start_s,
            interrupted=self.interrupted if self.agent else None,
            interrupted_by=self.interrupted_by,
            eou_latency_s=self.eou_latency_s,
            latency_from_turn_end_decision=self.latency_from_turn_end_decision,
            operations=list(self.operations),
        )
        spans = [(each.start_s, each.end_s) for each in self.agent]
        known = [(start_s, end_s) for start_s, end_s in spans if start_s is not None and end_s is not None]
        for start_s, end_s in sorted(known):
            builder.add_played_span(start_s, end_s)
        return builder


def turns_of(utterances: Iterable[Utterance], tools: Iterable[ToolCall], opened_s: float) -> list[ImportedTurn]:
    """Put utterances, in the order of their source, into turns; ``opened_s`` is when the call began.

    A tool goes to the turn that was open when it was called; where nobody spoke there is no turn, and no tool.
    """
    turns: list[ImportedTurn] = []
    called = sorted(tools, key=lambda tool: (tool.called_s is None, tool.called_s or 0.0))
    latest_s = opened_s
    for utterance in utterances:
        latest_s = latest_s if utterance.start_s is None else utterance.start_s
        turn = _open_turn(turns, utterance, called)
        if turn is None:
            turn = ImportedTurn(utterance.index + 1, latest_s)
            turns.append(turn)
        _add(turn, utterance)
    for tool in called if turns else ():
        _home(turns, tool).operations.append(tool.operation)
    return turns


def _open_turn(turns: list[ImportedTurn], utterance: Utterance, tools: Sequence[ToolCall]) -> ImportedTurn | None:
    """The turn that an utterance goes on with: none where the caller speaks anew or the agent speaks unasked."""
    if not turns:
        return None
    turn = turns[-1]
    if utterance.speaker == "user":
        return None if turn.agent or not turn.user else turn
    if not turn.agent:
        return turn
    return turn if _is_same_reply(turn.agent[-1].end_s, utterance.start_s, tools) else None


def _is_same_reply(silent_s: float | None, start_s: float | None, tools: Sequence[ToolCall]) -> bool:
    if silent_s is None or start_s is None or start_s - silent_s <= SAME_REPLY_S:
        return True
    times_s = (tool.called_s for tool in tools if tool.called_s is not None)
    return any(silent_s - _TOOL_SLACK_S <= called_s <= start_s for called_s in times_s)


def _add(turn: ImportedTurn, utterance: Utterance) -> None:
    (turn.user if utterance.speaker == "user" else turn.agent).append(utterance)
    turn.operations += utterance.operations
    turn.state_id = turn.state_id or utterance.state_id
    if utterance.interrupted is not None:
        turn.interrupted = bool(turn.interrupted) or utterance.interrupted
    if turn.eou_latency_s is None:
        turn.eou_latency_s = utterance.eou_latency_s


def _home(turns: list[ImportedTurn], tool: ToolCall) -> ImportedTurn:
    """The turn that was open when a tool was called."""
    if tool.called_s is None:
        return turns[-1]
    called_s = tool.called_s
    return next((turn for turn in reversed(turns) if turn.began_s <= called_s), turns[0])


def overlapped(turns: Sequence[ImportedTurn]) -> list[ImportedTurn]:
    """The turns into whose agent audio the caller spoke."""
    return [turn for turn, following in pairwise(turns) if _is_spoken_into(turn, following.user_start_s)]


def _is_spoken_into(turn: ImportedTurn, start_s: float | None) -> bool:
    if start_s is None:
        return False
    spans = [(each.start_s, each.end_s) for each in turn.agent]
    return any(
        begin_s is not None and end_s is not None and begin_s < start_s < end_s - BARGE_IN_S for begin_s, end_s in spans
    )


def _text(utterances: Iterable[Utterance]) -> str:
    return " ".join(each.text for each in utterances if each.text)
