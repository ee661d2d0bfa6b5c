"""What is wrong with a rate card."""

from __future__ import annotations

from voicetel.errors import UsageError


class PricingError(UsageError, ValueError):
    """A rate card, a rate or a quantity that cannot be read or cannot mean anything.

    The message is one line: file, line where it is known, key, what is wrong. The hint says what to write instead.
    """
