"""Listening to LiveKit's objects without ever getting in their way."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("voicetel.recorder")


class Listeners:
    """Listeners that can be taken away again, and whose errors stay with them."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[int, str], tuple[Any, Callable[..., None]]] = {}

    def listen(self, emitter: Any, event: str, handler: Callable[..., None]) -> None:
        """Listen to an event, once per emitter and event."""
        if (id(emitter), event) in self._listeners:
            return
        safe = safely(handler)
        # Keeping the emitter keeps its id from being given to another one.
        self._listeners[id(emitter), event] = (emitter, safe)
        emitter.on(event, safe)

    def close(self) -> None:
        """Listen no more."""
        for (_, event), (emitter, handler) in self._listeners.items():
            emitter.off(event, handler)
        self._listeners.clear()


def safely(handler: Callable[..., None]) -> Callable[..., None]:
    """A handler whose errors stay here: livekit lets a TypeError of a listener through into the session."""

    @functools.wraps(handler)
    def safe(*arguments: Any) -> None:
        try:
            handler(*arguments)
        except Exception:
            logger.exception("the call's log lacks something: %s failed", handler.__name__)

    return safe
