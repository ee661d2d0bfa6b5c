"""``voicetel analyze``: every report at once."""
