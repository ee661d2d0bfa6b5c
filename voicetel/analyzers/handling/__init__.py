"""How calls were handled: waits, slow turns, transfers, silence, and how well callers were understood."""
