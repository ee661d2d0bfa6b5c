"""How many calls there were at once."""
