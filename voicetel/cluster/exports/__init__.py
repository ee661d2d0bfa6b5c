"""Exports from a cluster: what each partition writes, and what the driver brings together."""
