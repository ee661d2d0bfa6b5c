"""What a session's audio output reports: when the agent was audible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livekit.agents import AgentSession, AgentStateChangedEvent
    from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackProgressedEvent, PlaybackStartedEvent

    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.listeners import Listeners
    from voicetel.recorder.livekit.turns.tracker import TurnTracker


class PlaybackEvents:
    """Listens to the output in use; the session's states say when it paused in between."""

    def __init__(
        self, session: AgentSession[Any], tracker: TurnTracker, listeners: Listeners, clock: SteadyClock
    ) -> None:
        self._session = session
        self._tracker = tracker
        self._listeners = listeners
        self._clock = clock

    def refresh(self) -> None:
        """Listen to the output that is there now: the room sets it when it is ready."""
        if (output := self._session.output.audio) is not None:
            self._listeners.listen(output, "playback_started", self._on_playback_started)
            self._listeners.listen(output, "playback_progressed", self._on_playback_progressed)
            self._listeners.listen(output, "playback_finished", self._on_playback_finished)

    def on_agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        """The session reports whether the agent is audible."""
        if event.new_state == "speaking":
            self._tracker.playback.resume(self._clock.to_steady_time(event.created_at))
        elif event.old_state == "speaking":
            self._tracker.playback.pause(self._clock.to_steady_time(event.created_at))

    def _on_playback_started(self, event: PlaybackStartedEvent) -> None:
        self._tracker.playback_started(self._session.current_speech, self._clock.to_steady_time(event.created_at))

    def _on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        self._tracker.playback.add_reported_span(self._clock.to_steady_time(event.started_at), event.duration)

    def _on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        self._tracker.playback.end(self._clock.now(), interrupted=event.interrupted)
