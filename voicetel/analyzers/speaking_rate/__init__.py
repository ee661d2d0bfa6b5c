"""How fast the agent speaks, in words."""
