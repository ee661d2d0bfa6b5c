"""What a log says of a provider's error: its kind and status, and no message: that may quote a transcript, or a key."""

from __future__ import annotations


def error_summary(error: BaseException | None) -> str | None:
    """The class of an error, with the status of its answer where it has one: ``APIStatusError 402``. None where there is none."""
    if error is None:
        return None
    status = getattr(error, "status_code", -1)
    return f"{type(error).__name__} {status}" if isinstance(status, int) and status > 0 else type(error).__name__
