"""``voicetel analyze``: every question at once."""
