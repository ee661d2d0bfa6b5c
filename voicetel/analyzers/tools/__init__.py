"""How often tools were called, how often they failed, and how long they took."""
