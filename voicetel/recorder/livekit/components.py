"""What a session is made of at present: its models, its detectors, its audio output.

All of it can change during a call: an agent brings its own models, a handoff makes a new activity, the room sets the
output. LiveKit counts the usage of three parts that it does not show: the detector of interruptions, the model behind
the end of turns where it was chosen by default, and the one that looks for key terms. They are looked up by name; where a
later LiveKit has renamed them, what they used is missing from the log and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents.llm import RealtimeModel

from voicetel.recorder.livekit.metrics import component_operation
from voicetel.recorder.livekit.turns.caller_side import Endpointing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livekit.agents import AgentSession
    from livekit.agents.llm import RealtimeSession

    from voicetel.events.operation import Operation


class Components:
    """Looks at a session each time it is asked."""

    def __init__(self, session: AgentSession[Any]) -> None:
        self._session = session

    @property
    def metric_sources(self) -> Iterator[Any]:
        """Everything whose metrics belong to a reply, or to the caller's transcript."""
        for holder in (self._session, self._agent):
            for stage in ("stt", "llm", "tts"):
                if hasattr(part := getattr(holder, stage, None), "on"):
                    yield part
        yield from filter(None, (self.realtime_session, self.turn_detector, self.interruption_detector))

    @property
    def key_term_detector(self) -> Any:
        """The part that asks a language model for the key terms of the conversation."""
        return getattr(self._session, "_keyterm_detector", None)

    @property
    def turn_detector(self) -> Any:
        """The model that decides whether the caller is done, where one does."""
        detector = self._turn_detection
        return detector if hasattr(detector, "on") else None

    @property
    def interruption_detector(self) -> Any:
        """The model that distinguishes an interruption from a backchannel."""
        return getattr(self._activity, "_interruption_detector", None)

    @property
    def realtime_session(self) -> RealtimeSession[Any] | None:
        """The connection to a speech-to-speech model."""
        try:
            return self._agent.realtime_llm_session if self._agent is not None else None
        except RuntimeError:
            return None

    @property
    def realtime_model(self) -> RealtimeModel | None:
        """The speech-to-speech model in use."""
        model = self._attribute_in_use("llm", self._session.llm)
        return model if isinstance(model, RealtimeModel) else None

    @property
    def transcriber_operation(self) -> Operation | None:
        """Who transcribes, as an operation that used nothing."""
        stt = self._attribute_in_use("stt", self._session.stt)
        return component_operation("stt", stt) if stt else None

    @property
    def endpointing(self) -> Endpointing:
        """Who decides that the caller's turn has ended, and the delay that is configured for it."""
        turn_detection = self._turn_detection
        is_model = turn_detection is not None and not isinstance(turn_detection, str)
        endpointing_opts = getattr(self._activity, "endpointing_opts", None) or self._session.options.endpointing
        delays_are_fixed = endpointing_opts.get("mode", "fixed") == "fixed" and turn_detection != "manual"
        return Endpointing(
            component_operation("eot", turn_detection) if is_model else None,
            endpointing_opts.get("min_delay") if delays_are_fixed else None,
            endpointing_opts.get("max_delay") if delays_are_fixed else None,
            speech_end_is_detected=self._has_voice_detector and turn_detection != "stt",
        )

    @property
    def is_handoff_running(self) -> bool | None:
        """Whether the session is on its way to another agent, or that agent at its first text."""
        tasks = (
            getattr(self._session, "_update_activity_atask", None),
            getattr(self._activity, "_on_enter_task", None),
        )
        if not hasattr(self._session, "_update_activity_atask"):
            return None
        return any(task is not None and not task.done() for task in tasks)

    @property
    def is_closing(self) -> bool:
        """Whether the session is on its way to its end. Not public: without it, what stops the agent is taken for that."""
        return bool(getattr(self._session, "_closing", True))

    @property
    def _agent(self) -> Any:
        try:
            return self._session.current_agent
        except RuntimeError:
            return None

    @property
    def _activity(self) -> Any:
        return getattr(self._session, "_activity", None)

    @property
    def _turn_detection(self) -> Any:
        """What the activity has chosen, where it can be seen; else what agent or session ask for."""
        chosen = getattr(self._activity, "_turn_detection", None)
        return chosen or self._attribute_in_use("turn_detection", self._session.turn_detection)

    @property
    def _has_voice_detector(self) -> bool:
        """Whether a voice detector listens; beside a speech-to-speech model the one that comes by default does not."""
        if self.realtime_model is not None and getattr(self._session, "_using_default_vad", False):
            return False
        return bool(self._attribute_in_use("vad", self._session.vad))

    def _attribute_in_use(self, name: str, session_value: Any) -> Any:
        """What the agent brings itself goes before what its session has; livekit's NOT_GIVEN is false."""
        return getattr(self._agent, name, None) or session_value
