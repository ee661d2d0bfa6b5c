"""How many people a campaign reached, step by step, and what that cost."""
