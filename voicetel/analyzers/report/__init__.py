"""``voicetel report``: every figure that a page about many calls shows."""
