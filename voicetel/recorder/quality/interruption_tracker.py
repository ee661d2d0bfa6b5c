"""How often the caller cut the agent short in a call, as its hooks report it."""

from __future__ import annotations


class InterruptionTracker:
    """Counts how often the caller cut the agent short.

    An interruption is a span of the agent's speech during which the caller began to speak; however often that
    happens within one span, it is one. Hooks may be doubled, and the end of the agent's speech may be missing: the
    agent that begins to speak after it was interrupted begins a span of its own.
    """

    def __init__(self) -> None:
        self.interruption_count = 0
        self.bot_turn_count = 0
        self._speaking = False
        self._interrupted = False

    @property
    def interruption_rate(self) -> float | None:
        """Interrupted spans of the agent's speech ÷ all of them; None where it never spoke."""
        return self.interruption_count / self.bot_turn_count if self.bot_turn_count else None

    def get_interruption_count(self) -> int:
        """Give ``interruption_count``."""
        return self.interruption_count

    def get_interruption_rate(self) -> float:
        """Give ``interruption_rate``, 0.0 where the agent never spoke."""
        return self.interruption_rate or 0.0

    def on_bot_speech_start(self) -> None:
        """Report that the agent begins to speak."""
        if not self._speaking or self._interrupted:
            self.bot_turn_count += 1
            self._speaking, self._interrupted = True, False

    def on_bot_speech_end(self) -> None:
        """Report that the agent stops."""
        self._speaking = False

    def on_user_speech_start(self) -> bool:
        """Report that the caller begins to speak. True where that is an interruption not counted yet."""
        if not self._speaking or self._interrupted:
            return False
        self._interrupted = True
        self.interruption_count += 1
        return True

    def reset(self) -> None:
        """Begin a new call."""
        self.interruption_count = self.bot_turn_count = 0
        self._speaking = self._interrupted = False
