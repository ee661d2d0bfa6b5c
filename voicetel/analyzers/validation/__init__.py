"""Which lines are rejected, and which values are read as unknown."""
