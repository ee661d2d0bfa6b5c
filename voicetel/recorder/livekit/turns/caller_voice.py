"""The caller's side of the line: when they made a sound, and whether it was speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOISE_TIMEOUT_S: Final = 2.0
"""Voice that no transcript followed within this time was a noise, not the beginning of a later transcript."""


@dataclass(frozen=True, slots=True)
class CallerSpeech:
    """The caller's speech in one turn, as far as the audio and the transcriber show. Times are seconds since the epoch.

    ``final_transcript_at_s`` is when the last final transcript arrived; ``had_sound``: the voice detector heard a sound.
    """

    start_s: float | None
    end_s: float | None
    text: str | None
    final_transcript_at_s: float | None
    had_sound: bool


class CallerVoice:
    """Follows the voice detector and the transcriber between two turns of the caller's."""

    def __init__(self) -> None:
        self._sound_start_s: float | None = None
        self._sound_end_s: float | None = None
        self._pause: tuple[float, float] | None = None
        self._has_transcript = False
        self._final_transcript_at_s: float | None = None
        self._final_transcripts: list[str] = []
        self._noise_end_s: float | None = None

    def sound_started(self, at_s: float) -> None:
        """A sound began."""
        if self._sound_end_s is not None and at_s - self._sound_end_s > NOISE_TIMEOUT_S:
            self.discard_noise()
        self._pause = None if self._sound_end_s is None else (self._sound_end_s, at_s)
        self._sound_start_s = self._sound_start_s or at_s
        self._sound_end_s = None

    def sound_stopped(self, at_s: float) -> None:
        """The sound stopped."""
        self._sound_end_s = at_s

    def transcript_arrived(self, text: str, at_s: float, *, is_final: bool) -> None:
        """A transcript arrived: the sound since the last turn was speech."""
        self._has_transcript = True
        if is_final:
            self._final_transcript_at_s = at_s
            self._final_transcripts.append(text.strip())

    def discard_noise(self) -> None:
        """The sound since the last turn was no speech, unless it has a transcript or has not stopped yet."""
        if self._sound_end_s is not None and not self._has_transcript:
            self._noise_end_s, self._sound_start_s, self._sound_end_s = self._sound_end_s, None, None

    @property
    def has_sound(self) -> bool:
        """Whether there was a sound since the last turn."""
        return self._sound_start_s is not None or self._sound_end_s is not None

    def sound_began_since(self, at_s: float) -> bool:
        """Whether the present sound began after this time."""
        return self._sound_start_s is not None and self._sound_start_s >= at_s

    def discard_all(self) -> None:
        """The caller did not speak but type."""
        self.end_turn(None, None)
        self._sound_start_s = None

    def end_turn(self, start_s: float | None, end_s: float | None) -> CallerSpeech:
        """The caller's turn has ended: give its speech, and start anew.

        ``start_s`` and ``end_s`` are LiveKit's own, where it knows them. Its turn begins with the first sound, be that
        a cough under the agent's last answer; such a beginning is put right here. Where it does not know the end and the
        caller has gone on already, the turn ended with the pause, and what they say now is the next one's.
        """
        next_start_s = None
        if end_s is None and self._sound_end_s is None and self._pause is not None:
            end_s, next_start_s = self._pause
        if start_s is None or start_s < (self._noise_end_s or 0):
            start_s = self._sound_start_s
        speech = CallerSpeech(
            start_s,
            self._sound_end_s if end_s is None else end_s,
            " ".join(self._final_transcripts) or None,
            self._final_transcript_at_s,
            had_sound=self.has_sound,
        )
        self._sound_start_s, self._sound_end_s, self._pause = next_start_s, None, None
        self._noise_end_s = self._final_transcript_at_s = None
        self._has_transcript = False
        self._final_transcripts = []
        return speech
