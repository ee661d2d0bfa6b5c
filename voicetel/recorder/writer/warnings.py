"""Warnings to the people who run the agent, on the logger ``voicetel.recorder``."""

from __future__ import annotations

import logging

_log = logging.getLogger("voicetel.recorder")


def warn(message: str, *values: object, with_traceback: bool = False) -> None:
    """Log a warning. What a handler or a value raises stays here: a log that cannot be written to costs no call."""
    try:
        _log.warning(message, *values, exc_info=with_traceback)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001, S110 - there is nobody left to tell
        pass
