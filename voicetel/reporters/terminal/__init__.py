"""Documents as lines that fit the width of a terminal."""
