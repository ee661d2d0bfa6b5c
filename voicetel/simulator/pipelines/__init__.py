"""What stands between the caller's voice and the agent's: a cascade of three providers, or one speech-to-speech model."""
