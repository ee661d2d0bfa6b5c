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
    """Joins responses to speeches by the response's id; by time where the model gives none.

    ``on_pair`` gets the id of each response that was joined to a speech, and that of the speech.
    """

    def __init__(self, *, on_pair: Callable[[str, str], None]) -> None:
        self._on_pair = on_pair
        self._speech_id_of_response: dict[str, str] = {}
        self._starts_and_speech_ids: list[tuple[float, str]] = []
        self._unpaired_response_id: str | None = None
        self._unpaired_speech_id: str | None = None

    def speech_created(self, speech_id: str) -> None:
        """The session made a speech of its own accord, for a response that has just begun or is about to be reported."""
        if self._unpaired_response_id is not None:
            self._pair(self._unpaired_response_id, speech_id)
        else:
            self._unpaired_speech_id = speech_id

    def response_created(self, response_id: str | None, at_s: float, *, requesting_speech_id: str | None) -> None:
        """The model began a response. ``requesting_speech_id`` is the speech that asked for it, if one did."""
        speech_id = requesting_speech_id or self._unpaired_speech_id
        if speech_id is not None:
            self._starts_and_speech_ids.append((at_s, speech_id))
        if response_id is None:
            self._unpaired_speech_id = None
        elif speech_id is not None:
            self._pair(response_id, speech_id)
        else:
            self._unpaired_response_id = response_id

    def end_event_loop_step(self) -> None:
        """A speech and a response that did not meet in one step of the event loop do not belong together."""
        self._unpaired_response_id = self._unpaired_speech_id = None

    def pair_if_new(self, response_id: str, speech_id: str) -> None:
        """A message of this speech says which response it is of."""
        if response_id not in self._speech_id_of_response:
            self._pair(response_id, speech_id)

    def speech_id_of(self, response_id: str | None, response_start_s: float | None) -> str | None:
        """Give the speech that plays a response."""
        if response_id is not None and response_id in self._speech_id_of_response:
            return self._speech_id_of_response[response_id]
        if response_start_s is None:
            return None
        near = [(abs(at_s - response_start_s), speech_id) for at_s, speech_id in self._starts_and_speech_ids]
        distance_s, speech_id = min(near, default=(SAME_RESPONSE_S, ""))
        return speech_id if distance_s < SAME_RESPONSE_S else None

    def _pair(self, response_id: str, speech_id: str) -> None:
        self._unpaired_response_id = self._unpaired_speech_id = None
        self._speech_id_of_response[response_id] = speech_id
        self._on_pair(response_id, speech_id)
