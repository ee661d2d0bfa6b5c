"""Quality of a call: interruptions, outcome, sentiment."""
