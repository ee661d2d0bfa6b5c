"""``voicetel call``: one conversation, turn by turn."""
