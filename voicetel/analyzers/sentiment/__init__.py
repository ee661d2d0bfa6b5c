"""How callers felt, by their words."""
