"""How often callers stopped the agent."""
