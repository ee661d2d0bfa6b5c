"""Imported calls → the log files of an output folder: one a source and day, each call in them once."""
