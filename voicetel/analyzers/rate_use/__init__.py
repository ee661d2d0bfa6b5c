"""What the logs say of a rate card: which of its rates price something, and what has none."""
