"""``--where``: conditions on the figures of calls, in a small language of their own."""
