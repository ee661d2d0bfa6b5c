"""Rows on disk: immutable files of columns, and the ledger that says which of them count."""
