"""Phrases that say how a call ended: how they are written, normalised and found in transcripts."""
