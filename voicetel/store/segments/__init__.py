"""Rows on disk: immutable files of columns, and the ingest state that says which of them count."""
