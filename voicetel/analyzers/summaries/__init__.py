"""A report over logs that have grown: what is known of the calls that no new line has touched, and what the others add to it."""
