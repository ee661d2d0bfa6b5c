"""Limits that were checked, and releases that were compared."""
