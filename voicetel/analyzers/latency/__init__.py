"""How long callers waited, and for which stage."""
