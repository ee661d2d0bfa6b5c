"""Who spoke over whom, how often and for how long."""
