"""A LiveKit voice session with a scripted caller: real AgentSession, no network, nothing mocked below it.

The caller is a stream of audio frames played in real time: loud ones while the caller speaks, silent ones
otherwise. ``EnergyVAD`` hears the difference, ``ScriptedSTT`` hands over the prescribed words once the voice
stops, ``ScriptedLLM`` answers from a table, ``ScriptedTTS`` makes tone of the right length and ``Loudspeaker``
plays it, can be paused, and knows how far it got.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit.agents import Agent, AgentSession, CloseReason, llm

from support.livekit.line import Loudspeaker, Microphone, Pace, Screen
from support.livekit.models import EnergyVAD, Reply, ScriptedLLM, ScriptedSTT, ScriptedTTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livekit.agents.voice.turn import TurnHandlingOptions

    from support.livekit.realtime import ScriptedRealtimeModel

__all__ = ["Pace", "Reply", "ScriptedCall", "Spoken", "Witness", "until"]


@dataclass(frozen=True)
class Spoken:
    """When a caller's line was voiced: unix seconds of its first and last sound."""

    text: str
    start_s: float
    end_s: float


@dataclass
class Witness:
    """What an independent listener on the session saw, untouched."""

    metrics: list[Any] = field(default_factory=list)
    messages: list[llm.ChatMessage] = field(default_factory=list)
    false_interruptions: int = 0
    agent_starts: int = 0
    closes: list[Any] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        """The metrics of one type, in the order they came."""
        return [metrics for metrics in self.metrics if metrics.type == kind]

    def attach(self, session: AgentSession[Any]) -> None:
        """Listen to everything; the session's metrics event is deprecated and still the whole truth."""
        session.on("metrics_collected", lambda event: self.metrics.append(event.metrics))
        session.on("conversation_item_added", self._on_item)
        session.on("agent_false_interruption", self._on_false_interruption)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("close", self.closes.append)

    def _on_item(self, event: Any) -> None:
        if isinstance(event.item, llm.ChatMessage):
            self.messages.append(event.item)

    def _on_agent_state(self, event: Any) -> None:
        self.agent_starts += event.new_state == "speaking"

    def _on_false_interruption(self, _: Any) -> None:
        self.false_interruptions += 1


class ScriptedCall:
    """One call: a session with its caller. ``start`` it, let the caller speak, and end it one way or another."""

    def __init__(
        self,
        replies: Mapping[str, Reply],
        *,
        pace: Pace | None = None,
        language: str = "en",
        llm_model: tuple[str, str] = ("api.groq.com", "llama-3.1-8b-instant"),
        tts_model: tuple[str, str] = ("Cartesia", "sonic-2"),
        speech_model: ScriptedRealtimeModel | None = None,
        turn_detection: Any = None,
        interruption_mode: str = "vad",
        **options: Any,
    ) -> None:
        self.pace = pace = pace or Pace()
        self.microphone = Microphone()
        self.screen = Screen()
        self.stt = ScriptedSTT(pace.stt_final_s, language)
        self.llm = ScriptedLLM(replies, *llm_model)
        self.tts = ScriptedTTS(pace, *tts_model)
        self.witness = Witness()
        self._starts_seen = 0
        self.lines: list[Spoken] = []
        self.speech_model = speech_model
        models: dict[str, Any] = {"stt": self.stt, "llm": self.llm, "tts": self.tts}
        if speech_model is not None:
            models = {"llm": speech_model}
        if "vad" not in options:
            models["vad"] = EnergyVAD(pace.vad_hangover_s) if pace.vad else None
        usual: dict[str, Any] = {
            "turn_handling": _turn_handling(pace, turn_detection, interruption_mode),
            "aec_warmup_duration": None,
            "user_away_timeout": pace.away_s,
            "session_close_transcript_timeout": 0.1,
        }
        self.session: AgentSession[Any] = AgentSession(**(models | usual | options))
        self.witness.attach(self.session)

    async def start(self, agent: Agent) -> None:
        """Connect caller and agent."""
        self.session.input.audio = self.microphone
        self.session.output.transcription = self.screen
        self.session.output.audio = Loudspeaker(self.pace, self.screen)
        await self.session.start(agent)

    async def says(self, text: str, seconds: float = 0.3) -> Spoken:
        """The caller says this, and has said it when this returns."""
        return await self._voice(text, seconds)

    async def noise(self, seconds: float) -> Spoken:
        """A cough, a door: voice to the detector, no words to the transcriber."""
        return await self._voice(None, seconds)

    async def _voice(self, text: str | None, seconds: float) -> Spoken:
        self._starts_seen = self.witness.agent_starts
        (self.stt if self.speech_model is None else self.speech_model).lines.append(text)
        start_s, end_s = await self.microphone.speak(seconds)
        spoken = Spoken(text or "", start_s, end_s)
        self.lines.append(spoken)
        return spoken

    async def agent_starts(self) -> None:
        """Wait until the agent is heard; a short answer may be over before a busy machine looks again."""
        seen = self._starts_seen
        await until(lambda: self.session.agent_state == "speaking" or self.witness.agent_starts > seen)
        self._starts_seen = self.witness.agent_starts

    async def agent_finishes(self) -> None:
        """Wait until the agent has nothing more to say."""
        await until(lambda: self.session.agent_state == "listening" and self.session.current_speech is None)
        self._starts_seen = self.witness.agent_starts

    async def agent_answers(self) -> None:
        """Wait for the agent's whole answer."""
        await self.agent_starts()
        await self.agent_finishes()

    async def hang_up(self) -> None:
        """What the room does when the caller's line drops."""
        self.session._close_soon(reason=CloseReason.PARTICIPANT_DISCONNECTED)
        await self.closed()

    async def closed(self) -> None:
        """Wait for the session's end."""
        await until(lambda: bool(self.witness.closes))


async def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - livekit tells its states, not when they change
            await asyncio.sleep(0.005)


def _turn_handling(pace: Pace, turn_detection: Any, interruption_mode: Any) -> TurnHandlingOptions:
    return {
        "turn_detection": turn_detection or ("vad" if pace.vad else "stt"),
        "endpointing": {"mode": "fixed", "min_delay": pace.endpointing_s, "max_delay": pace.endpointing_s * 4},
        "interruption": {
            "mode": interruption_mode,
            "backchannel_boundary": None,
            "min_duration": pace.interruption_s,
            "false_interruption_timeout": pace.false_interruption_s,
            "resume_false_interruption": pace.pausable,
        },
        "preemptive_generation": {"enabled": pace.preemptive, "preemptive_tts": pace.preemptive_tts},
    }
