"""The caller's side of the line: when they made a sound, and whether it was speech."""

from __future__ import annotations

from typing import Final

WORDLESS_S: Final = 2.0
"""Voice that no words followed within this time was a noise, not the beginning of what is said later."""


class CallerVoice:
    """Follows the voice detector between two turns of the caller's."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._ended_s: float | None = None
        self._worded = False
        self._noise_ended_s: float | None = None

    def starts(self, at_s: float) -> None:
        """A sound began."""
        if self._ended_s is not None and at_s - self._ended_s > WORDLESS_S:
            self.was_noise()
        self._began_s = self._began_s or at_s
        self._ended_s = None

    def stops(self, at_s: float) -> None:
        """The sound stopped."""
        self._ended_s = at_s

    def has_words(self) -> None:
        """A transcript arrived: the sound since the last turn was speech."""
        self._worded = True

    def was_noise(self) -> None:
        """What was heard since the last turn was no speech, unless it has words or has not stopped yet."""
        if self._ended_s is not None and not self._worded:
            self._noise_ended_s, self._began_s, self._ended_s = self._ended_s, None, None

    @property
    def silent(self) -> bool:
        """Whether nothing was heard since the last turn."""
        return self._began_s is None and self._ended_s is None

    def spoke_since(self, at_s: float) -> bool:
        """Whether the sound that is heard began after this moment."""
        return self._began_s is not None and self._began_s >= at_s

    def take_turn(self, start_s: float | None, end_s: float | None) -> tuple[float | None, float | None]:
        """Give first and last sound of the words that were just judged complete, and forget them.

        ``start_s`` and ``end_s`` are LiveKit's own, where it knows them. Its turn begins with the first sound, be that
        a cough under the agent's last answer; such a beginning is put right here.
        """
        if start_s is None or start_s < (self._noise_ended_s or 0):
            start_s = self._began_s
        taken = (start_s, self._ended_s if end_s is None else end_s)
        self._began_s = self._ended_s = self._noise_ended_s = None
        self._worded = False
        return taken
