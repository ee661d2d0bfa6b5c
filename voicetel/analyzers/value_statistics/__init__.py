"""Exact statistics over values of many turns, counted instead of listed."""
