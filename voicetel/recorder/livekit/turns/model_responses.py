"""A speech-to-speech model's responses: which speech plays which.

Its metrics name the response and no speech, and come when the response is complete: long after a caller who
interrupted it has been answered. The session creates a speech for each response in the same step of the event loop,
or has created it before and waits for the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SAME_RESPONSE_S = 0.25
"""A response without an id is that of the speech that came into being within this time of it."""


class ModelResponses:
    """Joins responses to speeches by the response's id; by time where the model gives none."""

    def __init__(self, *, assign: Callable[[str, str], None]) -> None:
        self._assign = assign
        self._speeches: dict[str, str] = {}
        self._created: list[tuple[float, str]] = []
        self._unpaired_response: str | None = None
        self._unpaired_speech: str | None = None

    def speech_created(self, speech_id: str) -> None:
        """The session made a speech of its own accord, for a response that has just begun or is about to be reported."""
        if self._unpaired_response is not None:
            self._pair(self._unpaired_response, speech_id)
        else:
            self._unpaired_speech = speech_id

    def response_created(self, response_id: str | None, at_s: float, *, current_speech_id: str | None) -> None:
        """The model began a response. ``current_speech_id`` is the speech that asked for it, if one did."""
        speech_id = current_speech_id or self._unpaired_speech
        if speech_id is not None:
            self._created.append((at_s, speech_id))
        if response_id is None:
            self._unpaired_speech = None
        elif speech_id is not None:
            self._pair(response_id, speech_id)
        else:
            self._unpaired_response = response_id

    def end_event_loop_step(self) -> None:
        """A speech and a response that did not meet in one step of the event loop do not belong together."""
        self._unpaired_response = self._unpaired_speech = None

    def played_by(self, response_id: str, speech_id: str) -> None:
        """A message of this speech says which response it is of."""
        if response_id not in self._speeches:
            self._pair(response_id, speech_id)

    def speech_of(self, response_id: str | None, began_s: float | None) -> str | None:
        """Give the speech that plays a response."""
        if response_id is not None and response_id in self._speeches:
            return self._speeches[response_id]
        if began_s is None:
            return None
        near = [(abs(at_s - began_s), speech_id) for at_s, speech_id in self._created]
        distance_s, speech_id = min(near, default=(SAME_RESPONSE_S, ""))
        return speech_id if distance_s < SAME_RESPONSE_S else None

    def _pair(self, response_id: str, speech_id: str) -> None:
        self._unpaired_response = self._unpaired_speech = None
        self._speeches[response_id] = speech_id
        self._assign(response_id, speech_id)
