"""What a live session reports, passed on to the tracker of its turns."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livekit.agents import ChatMessage
from livekit.agents.llm import AgentHandoff

from voicetel.recorder.error_summary import error_summary
from voicetel.recorder.livekit.listeners import safely
from voicetel.recorder.livekit.metrics import component_operation, with_billing_provider
from voicetel.recorder.livekit.playback_events import PlaybackEvents
from voicetel.recorder.livekit.session_metrics import SessionMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import (
        AgentFalseInterruptionEvent,
        AgentSession,
        AgentStateChangedEvent,
        ConversationItemAddedEvent,
        ErrorEvent,
        FunctionToolsExecutedEvent,
        SpeechCreatedEvent,
        UserInputTranscribedEvent,
        UserStateChangedEvent,
    )
    from livekit.agents.llm import GenerationCreatedEvent, RemoteItemAddedEvent
    from livekit.agents.voice import ToolExecutionUpdatedEvent

    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.components import Components
    from voicetel.recorder.livekit.listeners import Listeners
    from voicetel.recorder.livekit.turns.tracker import TurnTracker


class SessionEvents:
    """Listens to one session, its models and its output, and passes on to the tracker what they report.

    ``mark`` writes down what is no turn; ``on_session_change`` is called whenever something about the session may have changed.
    """

    def __init__(
        self,
        session: AgentSession[Any],
        tracker: TurnTracker,
        listeners: Listeners,
        *,
        components: Components,
        clock: SteadyClock,
        providers: ProviderOverrides,
        mark: Callable[[str, str | None], None],
        on_session_change: Callable[[], None],
    ) -> None:
        self._session = session
        self._tracker = tracker
        self._listeners = listeners
        self._components = components
        self._clock = clock
        self._providers = providers
        self._mark = mark
        self._on_session_change = on_session_change
        self._playback_events = PlaybackEvents(session, tracker, listeners, clock)
        self.metrics = SessionMetrics(tracker, clock, providers)
        self.session_started = False
        self.state_id: str | None = None

    def start(self) -> None:
        """Begin to listen."""
        handlers: dict[str, Callable[[Any], None]] = {
            "speech_created": self._on_speech_created,
            "conversation_item_added": self._on_conversation_item_added,
            "user_state_changed": self._on_user_state_changed,
            "user_input_transcribed": self._on_transcript,
            "user_transcription_timeout": self._on_no_transcript,
            "agent_state_changed": self._on_agent_state_changed,
            "function_tools_executed": self._on_tools_executed,
            "tool_execution_updated": self._on_tool_execution_updated,
            "agent_false_interruption": self._on_false_interruption,
            "error": self._on_error,
        }
        for event, handler in handlers.items():
            self._listeners.listen(self._session, event, handler)
        self._refresh()

    def _refresh(self) -> None:
        """Listen to the models and the output in use. They change: an agent brings its own, the room sets the output."""
        listen, components, tracker = self._listeners.listen, self._components, self._tracker
        for part in components.metric_sources:
            listen(part, "metrics_collected", self.metrics.collect)
        if (key_term_detector := components.key_term_detector) is not None:
            listen(key_term_detector, "metrics_collected", self.metrics.collect_outside_turns)
        if (realtime_session := components.realtime_session) is not None:
            listen(realtime_session, "generation_created", self._on_response_created)
            listen(realtime_session, "remote_item_added", self._on_model_item_added)
        self._playback_events.refresh()
        tracker.realtime.is_used = (model := components.realtime_model) is not None
        tracker.realtime.sends_transcripts = model is not None and model.capabilities.user_transcription
        tracker.caller_side.endpointing = components.endpointing
        tracker.caller_side.transcriber_operation = components.transcriber_operation and with_billing_provider(
            components.transcriber_operation, self._providers
        )
        self._on_session_change()

    def _on_speech_created(self, event: SpeechCreatedEvent) -> None:
        self._refresh()
        speech = event.speech_handle
        self._tracker.speech_created(
            speech, speech_source=event.source, programmatic=event.user_initiated, state_id=self.state_id
        )
        speech.add_done_callback(safely(self._tracker.speech_done))

    def _on_response_created(self, event: GenerationCreatedEvent) -> None:
        model_responses = self._tracker.operation_attribution.model_responses
        requesting_speech = self._session.current_speech if event.user_initiated else None
        model_responses.response_created(
            event.response_id,
            self._clock.now(),
            requesting_speech_id=requesting_speech.id if requesting_speech is not None else None,
        )
        asyncio.get_running_loop().call_soon(model_responses.end_event_loop_step)

    def _on_model_item_added(self, event: RemoteItemAddedEvent) -> None:
        if event.item.type == "message" and event.item.role == "user":
            self._tracker.realtime.item_announced(event.item.id)

    def _on_conversation_item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if isinstance(item, AgentHandoff):
            self._refresh()
            if item.old_agent_id is not None:
                self._mark("handoff", item.new_agent_id)
        elif isinstance(item, ChatMessage) and item.role == "user":
            self._tracker.caller_message(item, state_id=self.state_id)

    def _on_user_state_changed(self, event: UserStateChangedEvent) -> None:
        self._refresh()
        at_s = self._clock.to_steady_time(event.created_at)
        if event.new_state == "speaking":
            self._tracker.caller_side.voice.sound_started(at_s)
        elif event.old_state == "speaking":
            self._tracker.caller_side.voice.sound_stopped(at_s)
        if event.new_state == "away":
            self._mark("no_input", None)

    def _on_transcript(self, event: UserInputTranscribedEvent) -> None:
        # A speech-to-speech model's own transcripts, which name an item, come again as messages.
        if event.transcript.strip() and event.item_id is None:
            at_s = self._clock.to_steady_time(event.created_at)
            self._tracker.caller_side.voice.transcript_arrived(event.transcript, at_s, is_final=event.is_final)

    def _on_no_transcript(self, _: object) -> None:
        self._mark("unheard", None)

    def _on_agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        self._playback_events.on_agent_state_changed(event)
        if event.old_state == "initializing":
            self.session_started = True
            self._refresh()

    def _on_tool_execution_updated(self, event: ToolExecutionUpdatedEvent) -> None:
        update, at_s = event.update, self._clock.to_steady_time(event.created_at)
        if update.type == "tool_call_started":
            self._tracker.tools.started(update.function_call.call_id, update.function_call.name, at_s)
        elif update.type == "tool_call_ended":
            self._tracker.tools.ended(update.call_id, update.status, at_s)

    def _on_tools_executed(self, event: FunctionToolsExecutedEvent) -> None:
        model = self._components.realtime_model
        replies_by_itself = model is not None and model.capabilities.auto_tool_reply_generation
        if event.has_agent_handoff or (replies_by_itself and event.has_tool_reply):
            tool_call_ids = {call.call_id for call in event.function_calls}
            self._tracker.tools_executed(tool_call_ids, is_handoff=event.has_agent_handoff)

    def _on_false_interruption(self, event: AgentFalseInterruptionEvent) -> None:
        self._tracker.caller_side.voice.discard_noise()
        self._mark("false_interruption", "resumed" if event.resumed else None)

    def _on_error(self, event: ErrorEvent) -> None:
        error_type = str(getattr(event.error, "type", ""))
        stage = "realtime" if error_type == "realtime_model_error" else error_type.removesuffix("_error")
        if stage in {"stt", "llm", "tts", "realtime"}:
            failed = component_operation(stage, event.source)
            cause = error_summary(getattr(event.error, "error", None))
            self._tracker.operation_attribution.add_failed(
                with_billing_provider(replace(failed, status="error", error=cause), self._providers)
            )
        if not getattr(event.error, "recoverable", False):
            self._mark("error", stage or None)
