"""From LiveKit's speeches, messages, metrics and playback reports to the turns of a call."""
