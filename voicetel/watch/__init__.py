"""Looks at logs while they grow: the store is opened only when a file has changed, and closed at once."""
