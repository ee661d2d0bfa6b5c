"""LiveKit's two delays after a caller's speech, which its session reports and its spans have alike."""

from __future__ import annotations

from voicetel.events.operation import Operation


def operations_after_speech(
    end_s: float | None,
    transcriber: tuple[str | None, str | None],
    transcription_delay_s: float | None,
    end_of_turn_delay_s: float | None,
    setting_s: float | None = None,
) -> list[Operation]:
    """The transcription, by ``transcriber`` (provider, model), and the decision that the turn is over.

    Both delays count from the end of speech; where that is not known, they are lengths without a start. ``setting_s`` is the
    silence that the agent was told to wait for.
    """
    found = []
    if transcription_delay_s is not None:
        found.append(Operation("stt", *transcriber, start_s=end_s, ttfb_s=transcription_delay_s))
    if end_of_turn_delay_s is not None:
        setting_s = None if setting_s is None else min(setting_s, end_of_turn_delay_s)
        found.append(Operation("eot", start_s=end_s, duration_s=end_of_turn_delay_s, setting_s=setting_s))
    return found
