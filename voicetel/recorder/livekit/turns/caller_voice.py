"""The caller's side of the line: when they made a sound, and whether it was speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOISE_TIMEOUT_S: Final = 2.0
"""Voice that no transcript followed within this time was a noise, not the beginning of a later transcript."""


@dataclass(frozen=True, slots=True)
class CallerSpeech:
    """The caller's speech in one turn, as far as the audio and the transcriber show. Times are seconds since the epoch."""

    start_s: float | None
    end_s: float | None
    text: str | None
    transcribed_s: float | None
    detected: bool


class CallerVoice:
    """Follows the voice detector and the transcriber between two turns of the caller's."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._ended_s: float | None = None
        self._pause: tuple[float, float] | None = None
        self._transcribed = False
        self._transcribed_s: float | None = None
        self._texts: list[str] = []
        self._noise_ended_s: float | None = None

    def starts(self, at_s: float) -> None:
        """A sound began."""
        if self._ended_s is not None and at_s - self._ended_s > NOISE_TIMEOUT_S:
            self.discard_noise()
        self._pause = None if self._ended_s is None else (self._ended_s, at_s)
        self._began_s = self._began_s or at_s
        self._ended_s = None

    def stops(self, at_s: float) -> None:
        """The sound stopped."""
        self._ended_s = at_s

    def transcript(self, text: str, at_s: float, *, is_final: bool) -> None:
        """A transcript arrived: the sound since the last turn was speech."""
        self._transcribed = True
        if is_final:
            self._transcribed_s = at_s
            self._texts.append(text.strip())

    def discard_noise(self) -> None:
        """The sound since the last turn was no speech, unless it has a transcript or has not stopped yet."""
        if self._ended_s is not None and not self._transcribed:
            self._noise_ended_s, self._began_s, self._ended_s = self._ended_s, None, None

    @property
    def heard_nothing(self) -> bool:
        """Whether there was no sound since the last turn."""
        return self._began_s is None and self._ended_s is None

    def spoke_since(self, at_s: float) -> bool:
        """Whether the present sound began after this time."""
        return self._began_s is not None and self._began_s >= at_s

    def discard(self) -> None:
        """The caller did not speak but type."""
        self.end_turn(None, None)
        self._began_s = None

    def end_turn(self, start_s: float | None, end_s: float | None) -> CallerSpeech:
        """The caller's turn has ended: give its speech, and start anew.

        ``start_s`` and ``end_s`` are LiveKit's own, where it knows them. Its turn begins with the first sound, be that
        a cough under the agent's last answer; such a beginning is put right here. Where it does not know the end and the
        caller has gone on already, the turn ended with the pause, and what they say now is the next one's.
        """
        next_start_s = None
        if end_s is None and self._ended_s is None and self._pause is not None:
            end_s, next_start_s = self._pause
        if start_s is None or start_s < (self._noise_ended_s or 0):
            start_s = self._began_s
        taken = CallerSpeech(
            start_s,
            self._ended_s if end_s is None else end_s,
            " ".join(self._texts) or None,
            self._transcribed_s,
            detected=not self.heard_nothing,
        )
        self._began_s, self._ended_s, self._pause = next_start_s, None, None
        self._noise_ended_s = self._transcribed_s = None
        self._transcribed = False
        self._texts = []
        return taken
