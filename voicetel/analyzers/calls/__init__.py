"""``voicetel calls``: every figure of every call."""
