"""The clock of a time zone, for Python and for SQL alike."""

from voicetel.analyzers.core.local_time.offsets import ClockChange, clock_changes, set_local_time

__all__ = ["ClockChange", "clock_changes", "set_local_time"]
