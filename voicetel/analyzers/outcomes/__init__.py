"""How calls ended, and why."""
