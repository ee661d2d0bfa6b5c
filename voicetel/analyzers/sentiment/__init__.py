"""Sentiment of callers, by their transcripts."""
